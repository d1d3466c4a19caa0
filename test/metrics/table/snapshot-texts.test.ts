import { expect, test } from 'vitest';
import { createSnapshotTexts } from '../../../src/metrics/table/snapshot-texts.ts';

function setUp() {
  const freed: number[] = [];
  return { texts: createSnapshotTexts((slot) => freed.push(slot)), freed };
}

test('frees a removed text immediately if no snapshot in use contains it', () => {
  const { texts, freed } = setUp();
  const addedBefore = texts.epoch();
  texts.open()();
  texts.open();
  const addedDuring = texts.epoch();

  texts.remove(1, addedDuring);
  expect(freed).toEqual([1]);

  texts.remove(2, addedBefore);
  expect(freed).toEqual([1]);
});

test('frees a removed text when the last snapshot that contains it is released, in any order', () => {
  const { texts, freed } = setUp();
  const releaseFirst = texts.open();
  const addedAfterFirst = texts.epoch();
  const releaseSecond = texts.open();
  const releaseThird = texts.open();
  texts.remove(1, 0);
  texts.remove(2, addedAfterFirst);
  const releaseLater = texts.open();

  releaseThird();
  expect(freed).toEqual([]);
  releaseSecond();
  expect(freed).toEqual([2]);
  releaseLater();
  expect(freed).toEqual([2]);
  releaseFirst();
  expect(freed).toEqual([2, 1]);
});

test('releases a snapshot only once', () => {
  const { texts, freed } = setUp();
  texts.open();
  const release = texts.open();
  release();
  release();

  texts.remove(1, 0);

  expect(texts.newestInUse()).toBe(1);
  expect(freed).toEqual([]);
});
