import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decompress } from '../../src/calls/decompress.ts';

test.each(['', 'identity', ' Identity '])('a body packed as "%s" is its text', async (encoding) => {
  expect(await decompress(Buffer.from('直播'), encoding, 100)).toBe('直播');
});

test.each(['gzip', 'GZIP', 'x-gzip'])('a body packed as "%s" is unzipped', async (encoding) => {
  await expect(decompress(gzipSync('直播'), encoding, 100)).resolves.toBe('直播');
});

test('a head without a body is an empty text', async () => {
  await expect(decompress(Buffer.alloc(0), 'gzip', 100)).resolves.toBe('');
});

test('unzipping ends at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000));

  await expect(decompress(bomb, 'gzip', 999_999)).rejects.toMatchObject({ kind: 'malformed' });
  await expect(decompress(bomb, 'gzip', 1_000_000)).resolves.toHaveLength(1_000_000);
});

test.each([
  ['gzip', 'the answer cannot be unpacked'],
  ['br', 'the answer is packed in a way that was not asked for'],
  ['gzip, gzip', 'the answer is packed in a way that was not asked for'],
])('a body that is no %s is malformed', async (encoding, message) => {
  await expect(decompress(Buffer.from('plain'), encoding, 100)).rejects.toMatchObject({
    kind: 'malformed',
    message,
  });
});
