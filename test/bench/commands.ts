import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Commands of a child process by name. Inputs and results are sent as JSON. */
export type Handlers = Readonly<Record<string, (input: never) => unknown>>;

interface Command {
  readonly id: number;
  readonly command: string;
  readonly input: unknown;
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** Runs commands in the child until the parent exits. */
export function serveCommands(handlers: Handlers): void {
  process.on('message', async ({ id, command, input }: Command) => {
    try {
      const handler = handlers[command];
      if (handler === undefined) throw new Error(`unknown command ${command}`);
      // The parent sends an input of the handler's type.
      send({ id, answer: await handler(input as never) });
    } catch (error) {
      send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
  send({ id: 0 });
}

function send(reply: Reply): void {
  process.send?.(reply);
}

/** A child process that runs commands. It exits with its parent. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Runs a command. Rejects if it fails or times out. */
  ask<Answer = void>(command: string, input?: unknown): Promise<Answer>;
}

/** Longer than any command takes on a slow machine. */
const timeoutMs = 300_000;

/** Time to write a profile on exit. */
const graceMs = 10_000;

/** Starts a file of this directory in a process of its own, with `globalThis.gc`. */
export async function startChild(file: string, ...args: readonly string[]): Promise<Child> {
  const child = fork(new URL(file, import.meta.url), args, {
    execArgv: ['--expose-gc', '--max-old-space-size=12000'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  child.on('message', (reply: Reply) => waiting.get(reply.id)?.(reply));
  child.on('exit', () => {
    for (const answer of waiting.values()) answer({ id: 0, error: `${file} exited` });
  });

  const answerOf = async (id: number, what: string): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    waiting.set(id, resolve);
    const late = setTimeout(() => resolve({ id, error: `${what}: timeout` }), timeoutMs);
    const { answer, error } = await promise;
    clearTimeout(late);
    waiting.delete(id);
    if (error !== undefined) throw new Error(`${file} ${what}: ${error}`);
    return answer;
  };
  const stop = async () => {
    if (isOver(child)) return;
    const ended = once(child, 'exit');
    // Disconnected instead of killed, so that the child can write a profile.
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
      const id = ++lastId;
      if (isOver(child)) throw new Error(`${file} exited`);
      child.send({ id, command, input } satisfies Command);
      // The result of the handler of this name.
      return (await answerOf(id, command)) as Answer;
    },
    [Symbol.asyncDispose]: stop,
  };
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
