import { expect, test } from 'vitest';
import { createSharedPieces } from '../../src/metrics/shared-pieces.ts';
import { textOf } from '../support/exposition.ts';

async function* failingAfter(...pieces: readonly string[]) {
  for (const piece of pieces) yield Buffer.from(piece);
  throw new Error('out of paper');
}

test('when a piece can not be made every reader is told, and nobody begins any more', async () => {
  let released = 0;
  const shared = createSharedPieces(failingAfter('a', 'b'), () => released++);
  const [one, two] = [shared.read(), shared.read()];

  await expect(textOf(one)).rejects.toThrow('out of paper');
  await expect(textOf(two)).rejects.toThrow('the pieces ended before the last one');
  expect(shared.isUsable()).toBe(false);
  expect(released).toBe(1);
});

test('two readers who wait for the same piece get the same failure', async () => {
  const shared = createSharedPieces(failingAfter(), () => undefined);

  const readings = await Promise.allSettled([textOf(shared.read()), textOf(shared.read())]);

  expect(readings.map((reading) => String(reading.status === 'rejected' && reading.reason))).toEqual([
    'Error: out of paper',
    'Error: out of paper',
  ]);
});

test('what is read is released only after the piece that is being made', async () => {
  const order: string[] = [];
  let finish = (): void => undefined;
  async function* slow() {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    order.push('made');
    yield Buffer.from('a');
  }
  const shared = createSharedPieces(slow(), () => order.push('released'));
  const reader = shared.read();
  const reading = reader.next();
  const leaving = reader.return?.();
  expect(shared.isUsable()).toBe(false);

  finish();
  await Promise.all([reading, leaving]);

  expect(order).toEqual(['made', 'released']);
});

test('closing takes nothing from who reads already, however far', async () => {
  async function* letters() {
    for (const letter of 'abcd') yield Buffer.from(letter);
  }
  const shared = createSharedPieces(letters(), () => undefined);
  const [fast, slow] = [shared.read(), shared.read()];
  await fast.next();
  await fast.next();

  shared.close();

  expect(shared.isUsable()).toBe(false);
  expect(await textOf(fast)).toBe('cd');
  expect(await textOf(slow)).toBe('abcd');
});
