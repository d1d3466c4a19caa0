import { expect, test } from 'vitest';
import { createPiecePool, pieceBytes } from '../../../src/metrics/exposition/buffer-pool.ts';

test('a piece given back is the next one taken, whole, also when only its beginning was used', () => {
  const pool = createPiecePool(1);
  const piece = pool.take(10);
  pool.give(piece.subarray(0, 3));

  const again = pool.take(pieceBytes);

  expect(again.buffer).toBe(piece.buffer);
  expect(again.length).toBe(pieceBytes);
});

test('a pool holds no more than it was told, and no piece of an unusual size', () => {
  const pool = createPiecePool(1);
  const [one, other, long] = [pool.take(1), pool.take(1), pool.take(pieceBytes + 1)];
  expect(long.length).toBe(pieceBytes + 1);
  for (const piece of [long, one, other]) pool.give(piece);

  const taken = [pool.take(1), pool.take(1)];

  expect(taken[0]?.buffer).toBe(one.buffer);
  expect([one.buffer, other.buffer, long.buffer]).not.toContain(taken[1]?.buffer);
});
