import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createExposition } from '../../../src/metrics/exposition/exposition.ts';
import { createScrapeHandler, type ScrapeRequest } from '../../../src/metrics/exposition/scrape.ts';
import type { ScraperConnection } from '../../../src/metrics/known-scrapers.ts';
import { createPushSeries, type PushSeries } from '../../../src/metrics/push/push-series.ts';
import { createZeroHold } from '../../../src/metrics/zero-hold.ts';
import { newPushLedger } from '../../../src/model/push-ledger.ts';
import { createSlices } from '../../../src/model/slices.ts';
import { streamKey } from '../../../src/model/stream.ts';
import { bytesOf, oneSlice, textOf } from '../../support/exposition.ts';
import { noon, pushTarget, streamId } from '../../support/samples.ts';

const news = streamKey(streamId());

function setUp() {
  const released: string[] = [];
  const zeroHold = createZeroHold({ version: () => series.tables.version(), elapsed: () => 0 });
  const series: PushSeries = createPushSeries({
    clientIp: { show: 'full', on: 'gauges' },
    zeroHold,
    onRelease: (streamKeys) => released.push(...streamKeys),
    inSlices: createSlices(oneSlice),
  });
  const exposition = createExposition({
    tables: series.tables,
    renderExporter: async () => '',
    slices: oneSlice,
  });
  const serveScrape = createScrapeHandler({ exposition, zeroHold });
  const scrape = (part: Partial<ScrapeRequest> = {}) =>
    serveScrape({
      accept: undefined,
      acceptEncoding: undefined,
      peer: '192.0.2.1',
      userAgent: 'Prometheus/2.42.0',
      timeoutSeconds: 10,
      ...part,
    });
  return { series, released, scrape };
}

test('describes the body in the headers', async () => {
  const { series, scrape } = setUp();
  series.add(pushTarget());

  const text = await scrape();
  const compressed = await scrape({
    accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    acceptEncoding: 'gzip',
  });

  expect(text.headers).toEqual({
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    vary: 'Accept, Accept-Encoding',
  });
  expect(compressed.headers).toEqual({
    'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    'content-encoding': 'gzip',
    vary: 'Accept, Accept-Encoding',
  });
  expect(gunzipSync(await bytesOf(compressed.body)).toString()).toBe(`${await textOf(text.body)}# EOF\n`);
});

test('releases a held counter when the response completes, not when it is rendered', async () => {
  const { series, released, scrape } = setUp();
  series.add(pushTarget());
  series.setLedger(news, newPushLedger(noon));

  const aborted = await scrape();
  await aborted.body[Symbol.asyncIterator]().return?.();
  const whole = await scrape();
  await textOf(whole.body);
  expect(released).toEqual([]);

  whole.completed();
  expect(released).toEqual([news]);
});

test('does not release a counter with a response that started before the hold', async () => {
  const { series, released, scrape } = setUp();
  series.add(pushTarget());
  const early = await scrape();
  series.setLedger(news, newPushLedger(noon));
  await textOf(early.body);
  early.completed();
  expect(released).toEqual([]);

  const next = await scrape();
  expect(await textOf(next.body)).toContain('livestream_push_samples_total');
  next.completed();
  expect(released).toEqual([news]);
});

test.each([
  ['connection', { connection: { destroyed: false } }, { connection: { destroyed: false } }, true],
  ['scrape timeout', { timeoutSeconds: 5 }, { timeoutSeconds: 10 }, true],
  ['X-Forwarded-For', { forwardedFor: '192.0.2.7' }, { forwardedFor: '192.0.2.8' }, true],
  ['connection of a proxy', ...throughProxy({ destroyed: false }, { destroyed: false }), false],
])(
  'distinguishes two scrapers of one version behind one address by their %s',
  async (_, a, b, isDistinct) => {
    const { series, released, scrape } = setUp();
    const responses = [await scrape(a), await scrape(b)];
    series.add(pushTarget());
    series.setLedger(news, newPushLedger(noon));
    for (const { completed } of responses) completed();

    const first = await scrape(a);
    first.completed();
    expect(released).toEqual(isDistinct ? [] : [news]);

    const second = await scrape(b);
    second.completed();
    expect(released).toEqual([news]);
  },
);

test('distinguishes two scrapers behind one address by their User-Agent', async () => {
  const { series, released, scrape } = setUp();
  const other = await scrape({ userAgent: 'VictoriaMetrics' });
  series.add(pushTarget());
  series.setLedger(news, newPushLedger(noon));
  other.completed();

  const first = await scrape();
  first.completed();
  const curl = await scrape({ userAgent: undefined, timeoutSeconds: undefined });
  curl.completed();
  expect(released).toEqual([]);

  const second = await scrape({ userAgent: 'VictoriaMetrics' });
  second.completed();
  expect(released).toEqual([news]);
});

/** Two requests of one client, for which a proxy uses two connections. */
function throughProxy(...connections: readonly [ScraperConnection, ScraperConnection]) {
  const [first, second] = connections;
  const forwardedFor = '192.0.2.7';
  return [
    { forwardedFor, connection: first },
    { forwardedFor, connection: second },
  ] as const;
}
