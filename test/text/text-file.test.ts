import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTextFile } from '../../src/text/text-file.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'text-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a file of just the size allowed is read, one byte more is too big', async () => {
  const [fits, tooBig] = [join(folder, 'fits'), join(folder, 'too-big')];
  await writeFile(fits, 'x'.repeat(1024));
  await writeFile(tooBig, 'x'.repeat(1025));

  expect(await readTextFile(fits, 1024)).toEqual({ text: 'x'.repeat(1024) });
  expect(await readTextFile(tooBig, 1024)).toEqual({ problem: 'bigger than 1 KiB' });
});

test('a file of more than one chunk is read whole', async () => {
  const file = join(folder, 'long');
  const text = 'ü'.repeat(1_500_001);
  await writeFile(file, text);

  const read = await readTextFile(file, 64 * 1024 * 1024);

  expect('text' in read && read.text === text).toBe(true);
});

test('a file without an end is read only so far', async () => {
  expect(await readTextFile('/dev/zero', 2 * 1024 * 1024)).toEqual({ problem: 'bigger than 2 MiB' });
});

function makePipe(name: string): string {
  const pipe = join(folder, name);
  execFileSync('mkfifo', [pipe]);
  return pipe;
}

test('a pipe that nobody writes to is empty, and holds up nobody', async () => {
  expect(await readTextFile(makePipe('silent'), 1024)).toEqual({ text: '' });
});

test('a pipe is read to its end, however slowly it is written', async () => {
  const pipe = makePipe('slow');
  // For writing and reading, or it would wait for the reader.
  await using writer = await open(pipe, 'r+');
  const reading = readTextFile(pipe, 1024 * 1024);
  await new Promise(setImmediate);
  await writer.write('accounts: ');
  await new Promise(setImmediate);
  await writer.write('[]');
  await writer.close();

  expect(await reading).toEqual({ text: 'accounts: []' });
});

test('a pipe without an end is read only so far', async () => {
  const pipe = makePipe('endless');
  await using writer = await open(pipe, 'r+');
  const reading = readTextFile(pipe, 1024);
  await writer.write('x'.repeat(1025));

  expect(await reading).toEqual({ problem: 'bigger than 1 KiB' });
});
