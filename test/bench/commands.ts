import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a child process does when told to, by name. What goes in and out is sent as JSON. */
export type Handlers = Readonly<Record<string, (input: never) => unknown>>;

interface Told {
  readonly id: number;
  readonly command: string;
  readonly input: unknown;
}

interface Done {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** In the child: does what it is told until its parent goes. */
export function obey(handlers: Handlers): void {
  process.on('message', async ({ id, command, input }: Told) => {
    try {
      const handler = handlers[command];
      if (handler === undefined) throw new Error(`no command ${command}`);
      // The parent sends what the handler of this name takes.
      send({ id, answer: await handler(input as never) });
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
  send({ id: 0 });
}

function send(done: Done): void {
  process.send?.(done);
}

/** A child process that obeys. It ends with its parent. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Rejects when the child fails at it, or has not done it in time. */
  ask<Answer = void>(command: string, input?: unknown): Promise<Answer>;
}

/** Longer than anything that a child is told to do takes on a slow machine. */
const longestMs = 300_000;

/** Writing a profile takes a while. */
const graceMs = 10_000;

/** Starts a file of this folder as a process of its own, with the garbage collector at hand. */
export async function startChild(file: string, ...args: readonly string[]): Promise<Child> {
  const child = fork(new URL(file, import.meta.url), args, {
    execArgv: ['--expose-gc', '--max-old-space-size=12000'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (done: Done) => void>();
  let asked = 0;
  child.on('message', (done: Done) => waiting.get(done.id)?.(done));
  child.on('exit', () => {
    for (const answer of waiting.values()) answer({ id: 0, error: `${file} ended` });
  });

  const answerOf = async (id: number, what: string): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<Done>();
    waiting.set(id, resolve);
    const late = setTimeout(() => resolve({ id, error: `${what}: no answer in time` }), longestMs);
    const { answer, error } = await promise;
    clearTimeout(late);
    waiting.delete(id);
    if (error !== undefined) throw new Error(`${file} ${what}: ${error}`);
    return answer;
  };
  const stop = async () => {
    if (isOver(child)) return;
    const ended = once(child, 'exit');
    // Told to go rather than killed, so that a profile that was asked for is written.
    child.disconnect();
    const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(late);
  };
  try {
    await answerOf(0, 'starting');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    async ask<Answer>(command: string, input?: unknown) {
      const id = ++asked;
      if (isOver(child)) throw new Error(`${file} ended`);
      child.send({ id, command, input } satisfies Told);
      // What the handler of this name gives.
      return (await answerOf(id, command)) as Answer;
    },
    [Symbol.asyncDispose]: stop,
  };
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
