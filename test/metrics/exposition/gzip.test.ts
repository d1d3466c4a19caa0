import { constants, crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  type Deflated,
  type DeflateInput,
  deflateAll,
  emptySum,
  gzipEnd,
  gzipHeader,
  joinSums,
  toLastBytes,
} from '../../../src/metrics/exposition/gzip.ts';

test('compresses texts of similar chunks of different lengths to one gzip member', async () => {
  const texts = Array.from({ length: 10 }, (_, i) => `the start of every chunk${'.'.repeat(1000 + i)}`);
  const inputOf = (chunks: readonly string[], known?: Deflated): DeflateInput => ({
    known,
    async *chunks() {
      if (known !== undefined) expect.unreachable();
      for (const chunk of chunks) yield Buffer.from(chunk);
    },
  });

  const memberOf = async (inputs: readonly DeflateInput[]) => {
    const parts = await collect(deflateAll(inputs));
    const sum = parts.map((part) => part.sum).reduce(joinSums, emptySum);
    const end = gzipEnd(toLastBytes(Buffer.from('the end')), sum);
    const bytes = Buffer.concat([gzipHeader, ...parts.map((part) => part.bytes), end]);
    return { parts, text: gunzipSync(bytes).toString() };
  };
  const inputs = [texts.slice(0, 3), [], texts.slice(3, 4), texts.slice(4)];

  const first = await memberOf(inputs.map((chunks) => inputOf(chunks)));
  const again = await memberOf(
    inputs.map((chunks, i) => inputOf(chunks, i % 2 === 0 ? first.parts[i] : undefined)),
  );

  expect(first.text).toBe(`${texts.join('')}the end`);
  expect(again.text).toBe(first.text);
});

test('rejects if the text cannot be read', async () => {
  const input: DeflateInput = {
    known: undefined,
    async *chunks() {
      yield Buffer.from('a chunk');
      throw new Error('no text');
    },
  };

  await expect(collect(deflateAll([input, input]))).rejects.toThrow('no text');
});

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

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
