import { constants, crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { deflateChunks, gzipEnd, gzipHeader, toLastBytes } from '../../../src/metrics/exposition/gzip.ts';
import { bytesOf } from '../../support/exposition.ts';

test('compresses similar chunks of different lengths to one gzip member', async () => {
  const texts = Array.from({ length: 10 }, (_, i) => `the start of every chunk${'.'.repeat(1000 + i)}`);
  async function* chunks() {
    for (const text of texts) yield Buffer.from(text);
  }

  async function* member() {
    yield gzipHeader;
    const sum = yield* deflateChunks(chunks());
    yield gzipEnd(toLastBytes(Buffer.from('the end')), sum);
  }

  expect(gunzipSync(await bytesOf(member())).toString()).toBe(`${texts.join('')}the end`);
});

test('compresses the last bytes once for several members', () => {
  const last = toLastBytes(Buffer.from('the end'));
  const member = (text: string) => {
    const bytes = Buffer.from(text);
    const stored = deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH });
    return Buffer.concat([gzipHeader, stored, gzipEnd(last, { crc: crc32(bytes), bytes: bytes.length })]);
  };

  expect(gunzipSync(member('one ')).toString()).toBe('one the end');
  expect(gunzipSync(member('another ')).toString()).toBe('another the end');
  expect(last.compressed()).toBe(last.compressed());
});
