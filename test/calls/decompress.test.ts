import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decompress } from '../../src/calls/decompress.ts';

test.each(['', 'identity', ' Identity '])(
  'decodes a body with the content encoding "%s"',
  async (encoding) => {
    expect(await decompress(Buffer.from('直播'), encoding, 100)).toBe('直播');
  },
);

test.each(['gzip', 'GZIP', 'x-gzip'])(
  'decompresses a body with the content encoding "%s"',
  async (encoding) => {
    await expect(decompress(gzipSync('直播'), encoding, 100)).resolves.toBe('直播');
  },
);

test('decodes an empty body as an empty string', async () => {
  await expect(decompress(Buffer.alloc(0), 'gzip', 100)).resolves.toBe('');
});

test('stops decompressing at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(1_000_000));

  await expect(decompress(bomb, 'gzip', 999_999)).rejects.toMatchObject({ kind: 'malformed' });
  await expect(decompress(bomb, 'gzip', 1_000_000)).resolves.toHaveLength(1_000_000);
});

test.each([
  ['gzip', 'the response is not valid gzip'],
  ['br', 'the response has an unsupported content encoding'],
  ['gzip, gzip', 'the response has an unsupported content encoding'],
])('rejects an invalid body with the content encoding "%s" as malformed', async (encoding, message) => {
  await expect(decompress(Buffer.from('plain'), encoding, 100)).rejects.toMatchObject({
    kind: 'malformed',
    message,
  });
});
