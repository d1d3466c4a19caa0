import { expect, test } from 'vitest';
import { chunkBytes, createBufferPool } from '../../../src/metrics/exposition/buffer-pool.ts';

test('a piece given back is the next one taken, whole, also when only its beginning was used', () => {
  const pool = createBufferPool(1);
  const chunk = pool.take(10);
  pool.give(chunk.subarray(0, 3));

  const again = pool.take(chunkBytes);

  expect(again.buffer).toBe(chunk.buffer);
  expect(again.length).toBe(chunkBytes);
});

test('a pool holds no more than it was told, and no piece of an unusual size', () => {
  const pool = createBufferPool(1);
  const [one, other, long] = [pool.take(1), pool.take(1), pool.take(chunkBytes + 1)];
  expect(long.length).toBe(chunkBytes + 1);
  for (const chunk of [long, one, other]) pool.give(chunk);

  const taken = [pool.take(1), pool.take(1)];

  expect(taken[0]?.buffer).toBe(one.buffer);
  expect([one.buffer, other.buffer, long.buffer]).not.toContain(taken[1]?.buffer);
});
