import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { waitFor } from './wait-for.ts';

/** Disk that does not respond to a process. */
export interface HungDisk {
  /** Lets the disk respond again. */
  release(): Promise<void>;
}

/** Longer than any test. */
const delayUs = 600_000_000;

/**
 * Lets each write of a file and each wait for the disk hang, in all threads of a process. Uses strace, which holds the
 * system calls back; a log on a pipe is not affected.
 */
export async function hangDisk(pid: number): Promise<HungDisk> {
  const calls = 'fdatasync,fsync,pwrite64';
  const strace = spawn(
    'strace',
    [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-p',
      String(pid),
      '-e',
      `trace=${calls}`,
      '-e',
      `inject=${calls}:delay_enter=${delayUs}`,
    ],
    { stdio: 'ignore' },
  );
  await waitFor('strace to attach', () => (tracerOf(pid) === strace.pid ? true : undefined));
  return {
    async release() {
      if (strace.exitCode !== null || strace.signalCode !== null) return;
      const ended = once(strace, 'exit');
      strace.kill('SIGTERM');
      await ended;
    },
  };
}

function tracerOf(pid: number): number | undefined {
  const tracer = /^TracerPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return tracer === undefined ? undefined : Number(tracer);
}
