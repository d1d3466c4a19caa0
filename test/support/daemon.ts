import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitFor } from './wait-for.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

export interface Daemon {
  readonly process: ChildProcess;
  /** Returns everything written so far to stdout and stderr. */
  output(): string;
  /** Waits until the daemon listens and returns its URL; rejects if it exits first. */
  url(): Promise<string>;
  /** Sends the signal and waits for the exit. Returns the exit code, or the name of the terminating signal. */
  end(signal: NodeJS.Signals): Promise<number | string>;
  /** Waits for the exit without sending a signal. */
  ended(): Promise<number | string>;
}

/**
 * Starts the program as a child process. `wrapper` is a command that replaces itself by the program, such as
 * `prlimit`. `passed` are file descriptors that the child gets as 3 and following.
 */
export function startDaemon(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
  wrapper: readonly string[] = [],
  passed: readonly number[] = [],
): Daemon {
  const [command = process.execPath, ...commandArgs] = [...wrapper, process.execPath];
  const child = spawn(command, [...commandArgs, main, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...passed],
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
        if (child.exitCode !== null) throw new Error(`the daemon exited: ${output}`);
        return /msg=listening .*?url=(\S+)/.exec(output)?.[1];
      }),
    async end(signal) {
      child.kill(signal);
      return ended();
    },
    ended,
  };
}
