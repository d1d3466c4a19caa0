import { expect, test } from 'vitest';
import { createSharedChunks } from '../../../src/metrics/exposition/shared-chunks.ts';
import { textOf } from '../../support/exposition.ts';

async function* letters() {
  for (const letter of 'abcd') yield Buffer.from(letter);
}

/** Letters as pieces; those that nobody needs any more are told to `recycled`. */
function recycling(recycled: string[]) {
  return {
    source: letters(),
    release: () => undefined,
    recycle: (chunk: Uint8Array) => void recycled.push(Buffer.from(chunk).toString()),
  };
}

async function* failingAfter(...chunks: readonly string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
  throw new Error('out of paper');
}

test('when a piece can not be made every reader is told, and nobody begins any more', async () => {
  let released = 0;
  const shared = createSharedChunks({ source: failingAfter('a', 'b'), release: () => released++ });
  const [one, two] = [shared.read(), shared.read()];

  await expect(textOf(one)).rejects.toThrow('out of paper');
  await expect(textOf(two)).rejects.toThrow('the pieces ended before the last one');
  expect(shared.isUsable()).toBe(false);
  expect(released).toBe(1);
});

test('two readers who wait for the same piece get the same failure', async () => {
  const shared = createSharedChunks({ source: failingAfter(), release: () => undefined });

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
  const shared = createSharedChunks({ source: slow(), release: () => order.push('released') });
  const reader = shared.read();
  const reading = reader.next();
  const leaving = reader.return?.();
  expect(shared.isUsable()).toBe(false);

  finish();
  await Promise.all([reading, leaving]);

  expect(order).toEqual(['made', 'released']);
});

test('closing takes nothing from who reads already, however far', async () => {
  const shared = createSharedChunks({ source: letters(), release: () => undefined });
  const [fast, slow] = [shared.read(), shared.read()];
  await fast.next();
  await fast.next();

  shared.close();

  expect(shared.isUsable()).toBe(false);
  expect(await textOf(fast)).toBe('cd');
  expect(await textOf(slow)).toBe('abcd');
});

test('a piece is used again once every reader has asked for two more, and only when nobody may begin to read', async () => {
  const recycled: string[] = [];
  const shared = createSharedChunks(recycling(recycled));
  const [fast, slow] = [shared.read(), shared.read()];
  for (let i = 0; i < 3; i++) await fast.next();
  await slow.next();
  await slow.next();
  expect(recycled).toEqual([]);

  shared.close();
  expect(recycled).toEqual([]);
  await slow.next();
  expect(recycled).toEqual(['a']);
  await fast.next();
  await slow.next();
  expect(recycled).toEqual(['a', 'b']);

  expect(await fast.next()).toEqual({ done: true, value: undefined });
  expect(await slow.next()).toEqual({ done: true, value: undefined });
  expect(recycled).toEqual(['a', 'b', 'c']);
  await fast.return();
  expect(recycled).toEqual(['a', 'b', 'c']);
  await slow.return();
  expect(recycled).toEqual(['a', 'b', 'c', 'd']);
});

test('more pieces than are worth keeping are read to the end by who began, and by nobody else', async () => {
  const recycled: string[] = [];
  const shared = createSharedChunks({ ...recycling(recycled), mostKept: 2 });
  const reader = shared.read();
  await reader.next();
  await reader.next();
  expect(shared.isUsable()).toBe(true);
  await reader.next();
  expect(shared.isUsable()).toBe(false);

  expect(await textOf(reader)).toBe('d');
  await reader.return();
  expect(recycled).toEqual(['a', 'b', 'c', 'd']);
});
