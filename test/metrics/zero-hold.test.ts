import { expect, test } from 'vitest';
import { createBirths } from '../../src/metrics/zero-hold.ts';

const minute = 60_000;

function setUp() {
  const released: string[] = [];
  const births = createBirths((streamKeys) => released.push(...streamKeys));
  return { births, released };
}

test('without a known scraper any whole answer releases', () => {
  const { births, released } = setUp();
  births.born('news', 7, 0);

  births.answered('curl', 6, 1000);
  expect(released).toEqual([]);

  births.answered('curl', 7, 2000);
  expect(released).toEqual(['news']);
});

test('with known scrapers each of them has to have seen it, and nobody else counts', () => {
  const { births, released } = setUp();
  births.asked('a', 0);
  births.asked('b', 0);
  births.born('news', 7, 0);

  births.answered('a', 7, 1000);
  births.answered('curl', 9, 1000);
  births.answered('b', 6, 1000);
  expect(released).toEqual([]);

  births.answered('b', 8, 2000);
  expect(released).toEqual(['news']);
});

test('an answer made of a version from before the birth shows nothing of it, however late it ends', () => {
  const { births, released } = setUp();
  births.asked('a', 0);
  births.born('news', 7, 0);
  births.born('sport', 9, 0);

  births.answered('a', 8, 3000);

  expect(released).toEqual(['news']);
});

test('who asked and got nothing whole yet is waited for', () => {
  const { births, released } = setUp();
  births.asked('a', 0);
  births.born('news', 7, 0);
  births.asked('b', 1000);

  births.answered('a', 7, 2000);
  expect(released).toEqual([]);

  births.answered('b', 7, 3000);
  expect(released).toEqual(['news']);
});

test('a scraper that is not heard of for 5 minutes is not waited for', () => {
  const { births, released } = setUp();
  births.asked('gone', 0);
  births.asked('a', 3 * minute);
  births.born('news', 7, 3 * minute);
  births.answered('a', 7, 3 * minute);

  births.sweep(5 * minute);
  expect(released).toEqual([]);

  births.sweep(5 * minute + 1);
  expect(released).toEqual(['news']);
});

test('when all known scrapers have gone, a whole answer that anybody got counts', () => {
  const { births, released } = setUp();
  births.asked('gone', 0);
  births.born('news', 7, 1 * minute);
  births.answered('curl', 7, 2 * minute);
  expect(released).toEqual([]);

  births.sweep(5 * minute + 1);

  expect(released).toEqual(['news']);
});

test('nothing waits for longer than 5 minutes', () => {
  const { births, released } = setUp();
  births.born('news', 7, 0);
  births.born('sport', 8, 1000);

  births.sweep(5 * minute - 1);
  expect(released).toEqual([]);

  births.sweep(5 * minute);
  expect(released).toEqual(['news']);
});

test('a ninth scraper is not waited for', () => {
  const { births, released } = setUp();
  for (let i = 1; i <= 9; i++) births.asked(`scraper ${i}`, 0);
  births.born('news', 7, 0);

  for (let i = 1; i <= 8; i++) births.answered(`scraper ${i}`, 7, 1000);

  expect(released).toEqual(['news']);
});

test('a ninth scraper does not push out one of the first eight', () => {
  const { births, released } = setUp();
  for (let i = 1; i <= 9; i++) births.asked(`scraper ${i}`, 0);
  births.born('news', 7, 0);
  for (let i = 2; i <= 8; i++) births.answered(`scraper ${i}`, 7, 1000);
  births.answered('scraper 9', 7, 1000);
  expect(released).toEqual([]);

  births.answered('scraper 1', 7, 2000);

  expect(released).toEqual(['news']);
});

test('a stream is released once, however often its ledger is shown before that is saved', () => {
  const { births, released } = setUp();
  births.born('news', 7, 0);
  births.born('news', 9, 1000);
  births.answered('curl', 7, 2000);
  births.born('news', 11, 3000);
  births.answered('curl', 12, 4000);

  expect(released).toEqual(['news']);
});

test('a stream that ended is forgotten, and is born anew when it comes back', () => {
  const { births, released } = setUp();
  births.born('news', 7, 0);
  births.forget('news');
  births.answered('curl', 8, 1000);
  expect(released).toEqual([]);

  births.born('news', 9, 2000);
  births.answered('curl', 8, 3000);
  expect(released).toEqual([]);

  births.answered('curl', 9, 4000);
  expect(released).toEqual(['news']);
});

test('an older answer that ends after a newer one takes nothing back', () => {
  const { births, released } = setUp();
  births.asked('a', 0);
  births.asked('b', 0);
  births.born('news', 7, 0);
  births.answered('a', 8, 1000);
  births.answered('a', 5, 1500);
  births.answered('b', 8, 2000);

  expect(released).toEqual(['news']);
});

test('who is known, and since when unheard of, can be told and told again', () => {
  const { births, released } = setUp();
  births.asked('a', 1 * minute);
  births.asked('b', 2 * minute);
  births.asked('a', 3 * minute);
  expect(births.scrapers()).toEqual(
    new Map([
      ['a', 3 * minute],
      ['b', 2 * minute],
    ]),
  );

  const { births: after, released: releasedAfter } = setUp();
  // Before its clock began, since the other's is another.
  after.asked('b', -4 * minute);
  after.born('news', 7, 0);
  after.answered('curl', 7, 1000);
  expect(releasedAfter).toEqual([]);
  after.sweep(1 * minute + 1);

  expect(releasedAfter).toEqual(['news']);
  expect(released).toEqual([]);
});
