import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { modeOpenToOthers, readTextFile } from '../../src/text/text-file.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'text-file-'));
});
afterAll(() => rm(directory, { recursive: true }));

test('reads a file of the maximum size and rejects one more byte', async () => {
  const [fits, tooLarge] = [join(directory, 'fits'), join(directory, 'too-large')];
  await writeFile(fits, 'x'.repeat(1024));
  await writeFile(tooLarge, 'x'.repeat(1025));

  expect(await readTextFile(fits, 1024)).toEqual({ text: 'x'.repeat(1024) });
  expect(await readTextFile(tooLarge, 1024)).toEqual({ problem: 'larger than 1 KiB' });
});

test('reads a file of several chunks completely', async () => {
  const file = join(directory, 'long');
  const text = 'ü'.repeat(1_500_001);
  await writeFile(file, text);

  const read = await readTextFile(file, 64 * 1024 * 1024);

  expect('text' in read && read.text === text).toBe(true);
});

test('stops reading a device without an end at the maximum size', async () => {
  expect(await readTextFile('/dev/zero', 2 * 1024 * 1024)).toEqual({ problem: 'larger than 2 MiB' });
});

function makePipe(name: string): string {
  const pipe = join(directory, name);
  execFileSync('mkfifo', [pipe]);
  return pipe;
}

test('returns an empty text for a pipe without a writer, without blocking', async () => {
  expect(await readTextFile(makePipe('silent'), 1024)).toEqual({ text: '' });
});

test('reads a pipe to its end, even if the writer is slow', async () => {
  const pipe = makePipe('slow');
  // Opened for reading too: opening for writing only would wait for a reader.
  await using writer = await open(pipe, 'r+');
  const reading = readTextFile(pipe, 1024 * 1024);
  await new Promise(setImmediate);
  await writer.write('accounts: ');
  await new Promise(setImmediate);
  await writer.write('[]');
  await writer.close();

  expect(await reading).toEqual({ text: 'accounts: []' });
});

test('stops reading a pipe without an end at the maximum size', async () => {
  const pipe = makePipe('endless');
  await using writer = await open(pipe, 'r+');
  const reading = readTextFile(pipe, 1024);
  await writer.write('x'.repeat(1025));

  expect(await reading).toEqual({ problem: 'larger than 1 KiB' });
});

test.each([
  [0o600, undefined],
  [0o640, undefined],
  [0o440, undefined],
  [0o644, '0644'],
  [0o620, '0620'],
  [0o602, '0602'],
])('tells from the mode %o whether a file is open to others', async (mode, expected) => {
  const file = join(directory, 'secret');
  await writeFile(file, 'x');
  await chmod(file, mode);

  // The directory of the test can be in memory.
  expect(await modeOpenToOthers(file, async () => true)).toBe(expected);
});

test('does not judge what is missing or no file', async () => {
  expect(await modeOpenToOthers(join(directory, 'none'), async () => true)).toBeUndefined();
  expect(await modeOpenToOthers('/dev/null', async () => true)).toBeUndefined();
});

test.runIf(existsSync('/dev/shm'))(
  'does not judge files in memory, where Kubernetes puts secrets',
  async () => {
    const inMemory = join('/dev/shm', `livestream-mode-${process.pid}`);
    await writeFile(inMemory, 'x', { mode: 0o644 });
    try {
      expect(await modeOpenToOthers(inMemory)).toBeUndefined();
    } finally {
      await rm(inMemory);
    }
  },
);
