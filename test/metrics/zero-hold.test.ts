import { expect, test } from 'vitest';
import { createZeroHold } from '../../src/metrics/zero-hold.ts';

const minute = 60_000;

function setUp() {
  const released: string[] = [];
  const zeroHold = createZeroHold((streamKeys) => released.push(...streamKeys));
  return { zeroHold, released };
}

test('without a known scraper any whole answer releases', () => {
  const { zeroHold, released } = setUp();
  zeroHold.hold('news', 7, 0);

  zeroHold.scrapeCompleted('curl', 6, 1000);
  expect(released).toEqual([]);

  zeroHold.scrapeCompleted('curl', 7, 2000);
  expect(released).toEqual(['news']);
});

test('with known scrapers each of them has to have seen it, and nobody else counts', () => {
  const { zeroHold, released } = setUp();
  zeroHold.scrapeStarted('a', 0);
  zeroHold.scrapeStarted('b', 0);
  zeroHold.hold('news', 7, 0);

  zeroHold.scrapeCompleted('a', 7, 1000);
  zeroHold.scrapeCompleted('curl', 9, 1000);
  zeroHold.scrapeCompleted('b', 6, 1000);
  expect(released).toEqual([]);

  zeroHold.scrapeCompleted('b', 8, 2000);
  expect(released).toEqual(['news']);
});

test('an answer made of a version from before the birth shows nothing of it, however late it ends', () => {
  const { zeroHold, released } = setUp();
  zeroHold.scrapeStarted('a', 0);
  zeroHold.hold('news', 7, 0);
  zeroHold.hold('sport', 9, 0);

  zeroHold.scrapeCompleted('a', 8, 3000);

  expect(released).toEqual(['news']);
});

test('who asked and got nothing whole yet is waited for', () => {
  const { zeroHold, released } = setUp();
  zeroHold.scrapeStarted('a', 0);
  zeroHold.hold('news', 7, 0);
  zeroHold.scrapeStarted('b', 1000);

  zeroHold.scrapeCompleted('a', 7, 2000);
  expect(released).toEqual([]);

  zeroHold.scrapeCompleted('b', 7, 3000);
  expect(released).toEqual(['news']);
});

test('a scraper that is not heard of for 5 minutes is not waited for', () => {
  const { zeroHold, released } = setUp();
  zeroHold.scrapeStarted('gone', 0);
  zeroHold.scrapeStarted('a', 3 * minute);
  zeroHold.hold('news', 7, 3 * minute);
  zeroHold.scrapeCompleted('a', 7, 3 * minute);

  zeroHold.expire(5 * minute);
  expect(released).toEqual([]);

  zeroHold.expire(5 * minute + 1);
  expect(released).toEqual(['news']);
});

test('when all known scrapers have gone, a whole answer that anybody got counts', () => {
  const { zeroHold, released } = setUp();
  zeroHold.scrapeStarted('gone', 0);
  zeroHold.hold('news', 7, 1 * minute);
  zeroHold.scrapeCompleted('curl', 7, 2 * minute);
  expect(released).toEqual([]);

  zeroHold.expire(5 * minute + 1);

  expect(released).toEqual(['news']);
});

test('nothing waits for longer than 5 minutes', () => {
  const { zeroHold, released } = setUp();
  zeroHold.hold('news', 7, 0);
  zeroHold.hold('sport', 8, 1000);

  zeroHold.expire(5 * minute - 1);
  expect(released).toEqual([]);

  zeroHold.expire(5 * minute);
  expect(released).toEqual(['news']);
});

test('a ninth scraper is not waited for', () => {
  const { zeroHold, released } = setUp();
  for (let i = 1; i <= 9; i++) zeroHold.scrapeStarted(`scraper ${i}`, 0);
  zeroHold.hold('news', 7, 0);

  for (let i = 1; i <= 8; i++) zeroHold.scrapeCompleted(`scraper ${i}`, 7, 1000);

  expect(released).toEqual(['news']);
});

test('a ninth scraper does not push out one of the first eight', () => {
  const { zeroHold, released } = setUp();
  for (let i = 1; i <= 9; i++) zeroHold.scrapeStarted(`scraper ${i}`, 0);
  zeroHold.hold('news', 7, 0);
  for (let i = 2; i <= 8; i++) zeroHold.scrapeCompleted(`scraper ${i}`, 7, 1000);
  zeroHold.scrapeCompleted('scraper 9', 7, 1000);
  expect(released).toEqual([]);

  zeroHold.scrapeCompleted('scraper 1', 7, 2000);

  expect(released).toEqual(['news']);
});

test('a stream is released once, however often its ledger is shown before that is saved', () => {
  const { zeroHold, released } = setUp();
  zeroHold.hold('news', 7, 0);
  zeroHold.hold('news', 9, 1000);
  zeroHold.scrapeCompleted('curl', 7, 2000);
  zeroHold.hold('news', 11, 3000);
  zeroHold.scrapeCompleted('curl', 12, 4000);

  expect(released).toEqual(['news']);
});

test('a stream that ended is forgotten, and is born anew when it comes back', () => {
  const { zeroHold, released } = setUp();
  zeroHold.hold('news', 7, 0);
  zeroHold.remove('news');
  zeroHold.scrapeCompleted('curl', 8, 1000);
  expect(released).toEqual([]);

  zeroHold.hold('news', 9, 2000);
  zeroHold.scrapeCompleted('curl', 8, 3000);
  expect(released).toEqual([]);

  zeroHold.scrapeCompleted('curl', 9, 4000);
  expect(released).toEqual(['news']);
});

test('an older answer that ends after a newer one takes nothing back', () => {
  const { zeroHold, released } = setUp();
  zeroHold.scrapeStarted('a', 0);
  zeroHold.scrapeStarted('b', 0);
  zeroHold.hold('news', 7, 0);
  zeroHold.scrapeCompleted('a', 8, 1000);
  zeroHold.scrapeCompleted('a', 5, 1500);
  zeroHold.scrapeCompleted('b', 8, 2000);

  expect(released).toEqual(['news']);
});

test('who is known, and since when unheard of, can be told and told again', () => {
  const { zeroHold, released } = setUp();
  zeroHold.scrapeStarted('a', 1 * minute);
  zeroHold.scrapeStarted('b', 2 * minute);
  zeroHold.scrapeStarted('a', 3 * minute);
  expect(zeroHold.scrapers()).toEqual(
    new Map([
      ['a', 3 * minute],
      ['b', 2 * minute],
    ]),
  );

  const { zeroHold: after, released: releasedAfter } = setUp();
  // Before its clock began, since the other's is another.
  after.scrapeStarted('b', -4 * minute);
  after.hold('news', 7, 0);
  after.scrapeCompleted('curl', 7, 1000);
  expect(releasedAfter).toEqual([]);
  after.expire(1 * minute + 1);

  expect(releasedAfter).toEqual(['news']);
  expect(released).toEqual([]);
});
