import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from '../support/wait-for.ts';

/** A process of the program. It is killed when it is disposed of. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Waits until the output matches `pattern`, and returns its first group. */
  found(pattern: RegExp): Promise<string>;
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts the program with only the environment `env`. `main` is the path of its main file, such as
 * dist/main.js.
 */
export function startProgram(
  main: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Program {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return {
    pid: child.pid ?? 0,
    found: (pattern) =>
      waitFor(
        `${pattern} in the output`,
        () => {
          if (isOver(child)) throw new Error(`the program exited: ${output.slice(-2_000)}`);
          return pattern.exec(output)?.[1];
        },
        120_000,
      ),
    signal: (name) => void child.kill(name),
    async [Symbol.asyncDispose]() {
      if (isOver(child)) return;
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(late);
    },
  };
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
