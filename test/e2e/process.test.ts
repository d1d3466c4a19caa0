import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { waitFor } from '../support/wait-for.ts';

let directory: string;
const started: Daemon[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-process-'));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((daemon) => daemon.end('SIGKILL')));
  rmSync(directory, { recursive: true, force: true });
});

test('exits with 0 on SIGTERM while nobody reads the log', async () => {
  const pipe = join(directory, 'log');
  execFileSync('mkfifo', [pipe]);
  const log = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  fill(log);
  const daemon = demo({ wrapper: ['sh', '-c', `exec "$@" 2> '${pipe}'`, 'sh'] });
  await greetingOf(daemon);

  expect(await daemon.end('SIGTERM')).toBe(0);
  closeSync(log);
});

/** Fills a pipe, so that every later write has to wait for a reader. */
function fill(pipe: number): void {
  try {
    for (;;) writeSync(pipe, Buffer.alloc(4096));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
  }
}

test('exits with 0 and removes the files of the demo, however often it is asked to stop', async () => {
  const daemon = demo();
  await greetingOf(daemon);
  expect(readdirSync(directory)).toHaveLength(1);

  daemon.process.kill('SIGTERM');
  await waitFor('the stop to begin', () => (/msg=stopping/.test(daemon.output()) ? true : undefined));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGINT'] as const) daemon.process.kill(signal);

  expect(await daemon.ended()).toBe(0);
  expect(readdirSync(directory)).toEqual([]);
});

test('opens no debugger on SIGUSR1', async () => {
  const daemon = demo();
  await greetingOf(daemon);

  daemon.process.kill('SIGUSR1');

  // SIGHUP ends the demo, so its whole output is known.
  expect(await daemon.end('SIGHUP')).toBe(0);
  expect(daemon.output()).not.toMatch(/debugger/i);
});

test('exits with 1 and one clear line if the demo has no writable temporary directory', async () => {
  const daemon = demo({ tmp: '/proc/none' });

  expect(await daemon.ended()).toBe(1);
  expect(daemon.output()).toBe(
    'livestream-exporter: cannot create a temporary directory for the demo in /proc/none: ENOENT; ' +
      'set --storage.path or the environment variable TMPDIR to a writable directory\n',
  );
});

interface DemoOptions {
  readonly wrapper?: readonly string[];
  readonly tmp?: string;
}

function demo({ wrapper = [], tmp = directory }: DemoOptions = {}): Daemon {
  const daemon = startDaemon(
    ['demo', '--web.listen-address=127.0.0.1:0'],
    { TMPDIR: tmp },
    directory,
    wrapper,
  );
  started.push(daemon);
  return daemon;
}

function greetingOf(daemon: Daemon): Promise<unknown> {
  return waitFor('the greeting', () => (/Press Ctrl-C to stop/.test(daemon.output()) ? true : undefined));
}
