import { constants, deflateRawSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  addToSum,
  deflateChunks,
  emptySum,
  gzipEnd,
  gzipHeader,
  toLastBytes,
} from '../../../src/metrics/exposition/gzip.ts';
import { bytesOf } from '../../support/exposition.ts';

test('compresses similar chunks of different lengths to one gzip member', async () => {
  const texts = Array.from({ length: 10 }, (_, i) => `the start of every chunk${'.'.repeat(1000 + i)}`);
  let sum = emptySum;
  async function* chunks() {
    for (const text of texts) yield Buffer.from(text);
  }

  const compressed = await bytesOf(deflateChunks(chunks(), (total) => (sum = total)));
  const member = Buffer.concat([gzipHeader, compressed, gzipEnd(toLastBytes(Buffer.from('the end')), sum)]);

  expect(gunzipSync(member).toString()).toBe(`${texts.join('')}the end`);
});

test('compresses the last bytes once for several members', () => {
  const last = toLastBytes(Buffer.from('the end'));
  const member = (text: string) => {
    const bytes = Buffer.from(text);
    const stored = deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH });
    return Buffer.concat([gzipHeader, stored, gzipEnd(last, addToSum(emptySum, bytes))]);
  };

  expect(gunzipSync(member('one ')).toString()).toBe('one the end');
  expect(gunzipSync(member('another ')).toString()).toBe('another the end');
  expect(last.compressed()).toBe(last.compressed());
});
