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

test('pieces that begin alike and differ in length become one member with all their bytes', async () => {
  const texts = Array.from({ length: 10 }, (_, i) => `the beginning of every piece${'.'.repeat(1000 + i)}`);
  let sum = emptySum;
  async function* chunks() {
    for (const text of texts) yield Buffer.from(text);
  }

  const packed = await bytesOf(deflateChunks(chunks(), (all) => (sum = all)));
  const member = Buffer.concat([gzipHeader, packed, gzipEnd(toLastBytes(Buffer.from('the end')), sum)]);

  expect(gunzipSync(member).toString()).toBe(`${texts.join('')}the end`);
});

test('the last bytes are compressed once for all who end with them, each after other bytes', () => {
  const last = toLastBytes(Buffer.from('the end'));
  const member = (text: string) => {
    const bytes = Buffer.from(text);
    const stored = deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH });
    return Buffer.concat([gzipHeader, stored, gzipEnd(last, addToSum(emptySum, bytes))]);
  };

  expect(gunzipSync(member('one ')).toString()).toBe('one the end');
  expect(gunzipSync(member('another ')).toString()).toBe('another the end');
  expect(last.packed()).toBe(last.packed());
});
