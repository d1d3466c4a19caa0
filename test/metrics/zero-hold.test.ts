import { expect, test } from 'vitest';
import { createZeroHold } from '../../src/metrics/zero-hold.ts';

const minute = 60_000;

function setUp() {
  const released: string[] = [];
  let now = 0;
  let currentVersion = 0;
  const zeroHold = createZeroHold({ version: () => currentVersion, elapsed: () => now });
  const queue = zeroHold.addQueue<string>((streamKeys) => released.push(...streamKeys));
  return {
    zeroHold,
    released,
    remove: queue.remove,
    hold(streamKey: string, version: number, at: number) {
      now = at;
      currentVersion = version;
      queue.hold(streamKey);
    },
    scrapeStarted(scraper: string, at: number) {
      now = at;
      zeroHold.scrapeStarted(scraper);
    },
    scrapeCompleted(scraper: string, version: number, at: number) {
      now = at;
      zeroHold.scrapeCompleted(scraper, version);
    },
    expire(at: number) {
      now = at;
      zeroHold.expire();
    },
  };
}

test('releases with any complete response if no scraper is known', () => {
  const { released, hold, scrapeCompleted } = setUp();
  hold('news', 7, 0);

  scrapeCompleted('curl', 6, 1000);
  expect(released).toEqual([]);

  scrapeCompleted('curl', 7, 2000);
  expect(released).toEqual(['news']);
});

test('waits for a complete response to every known scraper, and ignores other clients', () => {
  const { released, hold, scrapeStarted, scrapeCompleted } = setUp();
  scrapeStarted('a', 0);
  scrapeStarted('b', 0);
  hold('news', 7, 0);

  scrapeCompleted('a', 7, 1000);
  scrapeCompleted('curl', 9, 1000);
  scrapeCompleted('b', 6, 1000);
  expect(released).toEqual([]);

  scrapeCompleted('b', 8, 2000);
  expect(released).toEqual(['news']);
});

test('ignores a response rendered before the hold, however late it completes', () => {
  const { released, hold, scrapeStarted, scrapeCompleted } = setUp();
  scrapeStarted('a', 0);
  hold('news', 7, 0);
  hold('sport', 9, 0);

  scrapeCompleted('a', 8, 3000);

  expect(released).toEqual(['news']);
});

test('waits for a scraper that has received no complete response yet', () => {
  const { released, hold, scrapeStarted, scrapeCompleted } = setUp();
  scrapeStarted('a', 0);
  hold('news', 7, 0);
  scrapeStarted('b', 1000);

  scrapeCompleted('a', 7, 2000);
  expect(released).toEqual([]);

  scrapeCompleted('b', 7, 3000);
  expect(released).toEqual(['news']);
});

test('does not wait for a scraper that sent no request for 5 minutes', () => {
  const { released, hold, scrapeStarted, scrapeCompleted, expire } = setUp();
  scrapeStarted('gone', 0);
  scrapeStarted('a', 3 * minute);
  hold('news', 7, 3 * minute);
  scrapeCompleted('a', 7, 3 * minute);

  expire(5 * minute);
  expect(released).toEqual([]);

  expire(5 * minute + 1);
  expect(released).toEqual(['news']);
});

test('releases with a complete response to any client once all known scrapers are gone', () => {
  const { released, hold, scrapeStarted, scrapeCompleted, expire } = setUp();
  scrapeStarted('gone', 0);
  hold('news', 7, 1 * minute);
  scrapeCompleted('curl', 7, 2 * minute);
  expect(released).toEqual([]);

  expire(5 * minute + 1);

  expect(released).toEqual(['news']);
});

test('holds a counter for at most 5 minutes', () => {
  const { released, hold, expire } = setUp();
  hold('news', 7, 0);
  hold('sport', 8, 1000);

  expire(5 * minute - 1);
  expect(released).toEqual([]);

  expire(5 * minute);
  expect(released).toEqual(['news']);
});

test('does not wait for a ninth scraper', () => {
  const { released, hold, scrapeStarted, scrapeCompleted } = setUp();
  for (let i = 1; i <= 9; i++) scrapeStarted(`scraper ${i}`, 0);
  hold('news', 7, 0);

  for (let i = 1; i <= 8; i++) scrapeCompleted(`scraper ${i}`, 7, 1000);

  expect(released).toEqual(['news']);
});

test('does not evict one of the first eight scrapers for a ninth', () => {
  const { released, hold, scrapeStarted, scrapeCompleted } = setUp();
  for (let i = 1; i <= 9; i++) scrapeStarted(`scraper ${i}`, 0);
  hold('news', 7, 0);
  for (let i = 2; i <= 8; i++) scrapeCompleted(`scraper ${i}`, 7, 1000);
  scrapeCompleted('scraper 9', 7, 1000);
  expect(released).toEqual([]);

  scrapeCompleted('scraper 1', 7, 2000);

  expect(released).toEqual(['news']);
});

test('releases a stream once, even if it is held again before the release is saved', () => {
  const { released, hold, scrapeCompleted } = setUp();
  hold('news', 7, 0);
  hold('news', 9, 1000);
  scrapeCompleted('curl', 7, 2000);
  hold('news', 11, 3000);
  scrapeCompleted('curl', 12, 4000);

  expect(released).toEqual(['news']);
});

test('forgets a removed stream, and holds it again when it is added again', () => {
  const { released, hold, remove, scrapeCompleted } = setUp();
  hold('news', 7, 0);
  remove('news');
  scrapeCompleted('curl', 8, 1000);
  expect(released).toEqual([]);

  hold('news', 9, 2000);
  scrapeCompleted('curl', 8, 3000);
  expect(released).toEqual([]);

  scrapeCompleted('curl', 9, 4000);
  expect(released).toEqual(['news']);
});

test('keeps the newest received version when an older response completes later', () => {
  const { released, hold, scrapeStarted, scrapeCompleted } = setUp();
  scrapeStarted('a', 0);
  scrapeStarted('b', 0);
  hold('news', 7, 0);
  scrapeCompleted('a', 8, 1000);
  scrapeCompleted('a', 5, 1500);
  scrapeCompleted('b', 8, 2000);

  expect(released).toEqual(['news']);
});

test('returns the known scrapers with their last request, and restores them', () => {
  const { zeroHold, released, scrapeStarted } = setUp();
  scrapeStarted('a', 1 * minute);
  scrapeStarted('b', 2 * minute);
  scrapeStarted('a', 3 * minute);
  expect(zeroHold.scrapers()).toEqual(
    new Map([
      ['a', 3 * minute],
      ['b', 2 * minute],
    ]),
  );

  const after = setUp();
  // A time before the start of its monotonic clock.
  after.zeroHold.restoreScraper('b', -4 * minute);
  after.hold('news', 7, 0);
  after.scrapeCompleted('curl', 7, 1000);
  expect(after.released).toEqual([]);
  after.expire(1 * minute + 1);

  expect(after.released).toEqual(['news']);
  expect(released).toEqual([]);
});

test('waits for each of two scrapers that differ only in their connection', () => {
  const { zeroHold, released, hold } = setUp();
  const connections = [{ destroyed: false }, { destroyed: false }] as const;
  const [first, second] = connections.map((connection) => zeroHold.scrapeStarted('a', connection));
  hold('news', 7, 0);

  zeroHold.scrapeCompleted(first, 7);
  zeroHold.scrapeCompleted(zeroHold.scrapeStarted('a', connections[0]), 8);
  expect(released).toEqual([]);

  zeroHold.scrapeCompleted(second, 7);
  expect(released).toEqual(['news']);
});

test('releases the counters that are left of many that come and go, in their order', () => {
  const { released, hold, remove, scrapeCompleted } = setUp();
  for (let i = 0; i < 1000; i++) {
    hold(`s${i}`, i, i);
    if (i % 100 !== 0) remove(`s${i}`);
    if (i === 500) scrapeCompleted('curl', 250, i);
  }
  expect(released).toEqual(['s0', 's100', 's200']);

  scrapeCompleted('curl', 1000, 1000);
  expect(released).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `s${i * 100}`));
});
