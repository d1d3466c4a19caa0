import { expect, test } from 'vitest';
import { createKnownScrapers } from '../../src/metrics/known-scrapers.ts';

const minute = 60_000;

function setUp() {
  let now = 0;
  const scrapers = createKnownScrapers(() => now);
  return {
    scrapers,
    /** Sends a request at `at`, and returns the name of the scraper. */
    scrape(group: string, connection: { destroyed: boolean } | undefined, at: number) {
      now = at;
      return scrapers.started(group, connection);
    },
  };
}

function open() {
  return { destroyed: false };
}

test('tells scrapers of a group apart by connections that are open at the same time', () => {
  const { scrape } = setUp();
  const [a, b] = [open(), open()];

  const names = [a, b, a, a, b].map((connection, i) => scrape('g', connection, i * 1000));

  expect(names).toEqual(['g', 'g 2', 'g', 'g', 'g 2']);
});

test('takes a new connection for the successor of a closed one of the same group', () => {
  const { scrape } = setUp();
  const [a, b] = [open(), open()];
  scrape('g', a, 0);
  scrape('g', b, 1000);
  scrape('other', open(), 2000);
  a.destroyed = true;
  const next = open();

  expect(scrape('g', next, 3000)).toBe('g');
  expect(scrape('g', b, 4000)).toBe('g 2');
  b.destroyed = true;
  next.destroyed = true;
  // Of two closed connections, the one that has been silent for longer.
  expect(scrape('g', open(), 5000)).toBe('g');
});

test('takes all requests of a group without connections for one scraper', () => {
  const { scrape } = setUp();

  expect([scrape('g', undefined, 0), scrape('g', undefined, 1000)]).toEqual(['g', 'g']);
});

test('ignores the fifth connection of a group, and the ninth scraper', () => {
  const { scrape } = setUp();
  const pooled = Array.from({ length: 5 }, () => scrape('proxy', open(), 0));
  const others = Array.from({ length: 5 }, (_, i) => scrape(`scraper ${i}`, open(), 0));

  expect(pooled).toEqual(['proxy', 'proxy 2', 'proxy 3', 'proxy 4', undefined]);
  expect(others).toEqual(['scraper 0', 'scraper 1', 'scraper 2', 'scraper 3', undefined]);
});

test('forgets a scraper 5 minutes after its last request, and reuses its name', () => {
  const { scrapers, scrape } = setUp();
  const [a, b] = [open(), open()];
  scrape('g', a, 0);
  scrape('g', b, 1 * minute);

  scrape('h', open(), 5 * minute + 1);

  expect([...scrapers.lastRequests().keys()]).toEqual(['g 2', 'h']);
  expect(scrape('g', open(), 5 * minute + 2)).toBe('g');
});

test('waits after a restart for as many scrapers of a group as before', () => {
  const { scrapers, scrape } = setUp();
  scrapers.restore('["192.0.2.1","Prometheus/3"]', -1000);
  scrapers.restore('["192.0.2.1","Prometheus/3"] 2', -500);
  const a = open();

  const first = scrape('["192.0.2.1","Prometheus/3"]', a, 0);
  scrapers.completed(first ?? '', 7);
  scrapers.completed(scrape('["192.0.2.1","Prometheus/3"]', a, 1000) ?? '', 8);
  expect(scrapers.receivedByAll()).toBe(Number.NEGATIVE_INFINITY);

  const second = scrape('["192.0.2.1","Prometheus/3"]', open(), 2000);
  scrapers.completed(second ?? '', 9);
  expect([second, scrapers.receivedByAll()]).toEqual(['["192.0.2.1","Prometheus/3"] 2', 8]);
});
