import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitFor } from './wait-for.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

export interface Daemon {
  readonly process: ChildProcess;
  /** All it wrote so far, to both outputs. */
  output(): string;
  /** Where it serves, once it says so; fails when it ends before. */
  url(): Promise<string>;
  /** Sends the signal and waits for the end: the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string>;
  /** Waits for the end without asking for it. */
  ended(): Promise<number | string>;
}

/** The program as a child process. */
export function startDaemon(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Daemon {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    return child.exitCode ?? child.signalCode ?? 'unknown';
  };
  return {
    process: child,
    output: () => output,
    url: () =>
      waitFor('the daemon to listen', () => {
        if (child.exitCode !== null) throw new Error(`the daemon ended: ${output}`);
        return /msg=listening .*?url=(\S+)/.exec(output)?.[1];
      }),
    async end(signal) {
      child.kill(signal);
      return ended();
    },
    ended,
  };
}
