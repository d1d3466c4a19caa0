import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ScrapeResponse, ServeScrape } from '../../src/metrics/exposition/scrape.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { bytesOf } from '../support/exposition.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

/** From second 20 on every call is taken, and never answered. */
const scenario = scenarioOf(`
name: hung
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 0s, story: [{at: 20s, answer: hang}]}
streams: [{name: news}, {name: sport}, {name: "quiet-{n}", count: 8, start: never}]
`);
const env = { STAT_KEY: 'the-key' };

/** What says how a stream is now. */
const gauges = ['up', 'fps', 'bitrate_bps', 'info'];

const kinds = [
  { accept: 'text/plain;version=0.0.4', acceptEncoding: undefined },
  { accept: 'text/plain;version=0.0.4', acceptEncoding: 'gzip' },
  { accept: 'application/openmetrics-text;version=1.0.0', acceptEncoding: undefined },
  { accept: 'application/openmetrics-text;version=1.0.0', acceptEncoding: 'gzip' },
] as const;

test.each([
  // The last answers were requested at 15 s and 17.5 s, and their views expire 30 s later.
  { streams: ['news', 'sport'], perSecond: 20, knownMs: 30_000, ends: { news: 45_000, sport: 48_000 } },
  // Ten targets at a call in 1.375 s, a tenth more than the rate asks for: a round takes 13.75 s, and three 41.25 s.
  {
    streams: ['news', 'sport', ...Array.from({ length: 8 }, (_, i) => `quiet-${i + 1}`)],
    perSecond: 0.8,
    knownMs: 41_250,
    ends: undefined,
  },
])('when every call hangs, each gauge of $streams.length streams ends on time', async (setting) => {
  const { streams, perSecond, knownMs, ends } = setting;
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  await using daemon = await startTestApp(config(simulator.endpoint, streams, perSecond), env, clock);
  daemon.app.run();
  await pass(clock, 20_000);
  const before = await textOf(await daemon.app.serveScrape(asking(kinds[0])));
  expect(gauges.map((gauge) => shown(before, gauge, 'news'))).toEqual([true, true, true, true]);

  const lastShown = new Map<string, number>();
  /** Scrapes that start just before the expiry get the values of that moment, and share them with no later scrape. */
  let begun: ScrapeResponse[] = [];
  for (; clock.elapsed() < 70_000; await clock.advance(500)) {
    const texts = await Promise.all(kinds.map((kind) => read(daemon.app.serveScrape, kind)));
    for (const name of ['news', 'sport']) {
      const told = texts.map((text) => gauges.map((gauge) => shown(text, gauge, name)));
      // All four at once, in both formats, plain and packed.
      expect(new Set(told.flat()).size).toBe(1);
      if (told[0]?.[0]) lastShown.set(name, clock.elapsed());
    }
    if (ends !== undefined && clock.elapsed() === 44_500)
      begun = await Promise.all(kinds.map((kind) => begin(daemon, kind)));
  }

  const after = await read(daemon.app.serveScrape, kinds[0]);
  for (const [name, lastAt] of lastShown) {
    // The watermark is the whole second of the last request; the expiry runs once a second.
    const endsAt = watermarkOf(after, name) - noon + knownMs;
    expect(lastAt).toBeGreaterThanOrEqual(endsAt - 500);
    expect(lastAt).toBeLessThan(endsAt + 2000);
  }
  expect(lastShown.size).toBe(2);
  if (ends !== undefined) {
    expect(Object.fromEntries(lastShown)).toEqual({ news: ends.news - 500, sport: ends.sport - 500 });
    for (const answer of begun) expect(shown(await textOf(answer), 'up', 'news')).toBe(true);
  }
  for (const kept of [
    'samples_total',
    'sample_timestamp_seconds',
    'watermark_timestamp_seconds',
    'min_fps',
  ]) {
    expect([kept, shown(after, kept, 'news')]).toEqual([kept, kept !== 'min_fps']);
  }
});

test('ends hanging runs by their deadline: the collector makes progress and reports failures', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  await using daemon = await startTestApp(config(simulator.endpoint, ['news', 'sport'], 20), env, clock);
  daemon.app.run();
  await pass(clock, 20_000);

  for (let minute = 0; minute < 5; minute++) {
    await clock.advance(60_000);
    const answer = await fetch(new URL('-/healthy', daemon.app.addresses[0]?.url));
    expect([answer.status, await answer.text()]).toEqual([200, 'all collectors make progress\n']);
  }

  const text = await daemon.scrape();
  const failures = /^livestream_api_request_failures_total\{.*kind="unavailable"\} (\d+)$/m.exec(text);
  // Five minutes of two targets, whose runs are two tries of ten seconds and half a second between them.
  expect(Number(failures?.[1])).toBeGreaterThanOrEqual(2 * 2 * 12);
  expect(text).toMatch(/^livestream_collector_targets_failing\{.*\} 2$/m);
  expect(text).toMatch(/^livestream_collector_run_duration_seconds\{.*\} 20\.5$/m);
  expect(text).toMatch(new RegExp(`^livestream_collector_last_success.*\\{.*\\} ${noon / 1000 + 17.5}`, 'm'));
  expect(daemon.log.filter((line) => /level=(warn|error)/.test(line))).toEqual([
    expect.stringContaining('failing=2 target="news, sport"'),
  ]);
});

/** In steps of the collector's ticks, with real time between them for the answers to come. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (const end = clock.elapsed() + ms; clock.elapsed() < end; await sleep(3)) await clock.advance(50);
}

function asking(kind: (typeof kinds)[number]): Parameters<ServeScrape>[0] {
  return { ...kind, peer: '192.0.2.1', userAgent: 'Prometheus/3', timeoutSeconds: 10 };
}

/** Two who ask at once share a rendering. */
async function read(answerScrape: ServeScrape, kind: (typeof kinds)[number]): Promise<string> {
  const [one, other] = await Promise.all([answerScrape(asking(kind)), answerScrape(asking(kind))]);
  const [text, same] = await Promise.all([textOf(one), textOf(other)]);
  expect(tablesOf(same)).toBe(tablesOf(text));
  return text;
}

/** A scrape of which only the first bytes are read. */
async function begin({ app }: TestApp, kind: (typeof kinds)[number]): Promise<ScrapeResponse> {
  const answer = await app.serveScrape(asking(kind));
  const chunks = answer.body[Symbol.asyncIterator]();
  const first = await chunks.next();
  async function* rest() {
    if (!first.done) yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  return { ...answer, body: rest() };
}

async function textOf({ headers, body }: ScrapeResponse): Promise<string> {
  const bytes = await bytesOf(body);
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}

/** Removes the families that change with each scrape. */
function tablesOf(text: string): string {
  return text.slice(0, text.indexOf('# HELP livestream_api_'));
}

function watermarkOf(text: string, stream: string): number {
  const line = new RegExp(
    `^livestream_push_watermark_timestamp_seconds\\{.*stream="${stream}".*\\} (.*)$`,
    'm',
  );
  return Number(line.exec(text)?.[1]) * 1000;
}

function shown(text: string, family: string, stream: string): boolean {
  return new RegExp(`^livestream_push_${family}\\{.*stream="${stream}".*\\} `, 'm').test(text);
}

function config(endpoint: string, streams: readonly string[], perSecond: number): string {
  return `
accounts:
  - name: t
    provider: tencent
    statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}
    requests_per_second: {Get_LivePushStatHistory: ${perSecond}}
streams:
${streams.map((stream) => `  - {account: t, stream: ${stream}}`).join('\n')}
`;
}
