import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { deflatePieces, emptySum, gzipEnd, gzipHeader } from '../../src/metrics/gzip.ts';
import { bytesOf } from '../support/exposition.ts';

test('pieces that begin alike and differ in length become one member with all their bytes', async () => {
  const texts = Array.from({ length: 10 }, (_, i) => `the beginning of every piece${'.'.repeat(1000 + i)}`);
  let sum = emptySum;
  async function* pieces() {
    for (const text of texts) yield Buffer.from(text);
  }

  const packed = await bytesOf(deflatePieces(pieces(), (all) => (sum = all)));
  const member = Buffer.concat([gzipHeader, packed, gzipEnd(Buffer.from('the end'), sum)]);

  expect(gunzipSync(member).toString()).toBe(`${texts.join('')}the end`);
});
