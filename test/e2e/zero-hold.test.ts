import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { systemClock } from '../../src/clock.ts';
import { exporterEnvironment, toExporterConfig } from '../../src/simulator/exporter-config.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { startFront } from '../support/front.ts';
import { increases, type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { describeWithTool } from '../support/tools.ts';
import { waitFor } from '../support/wait-for.ts';

/** Scrape intervals of the fast and the slow Prometheus in seconds. The common intervals 15,60 take about seven minutes. */
const [fastSeconds = 5, slowSeconds = 20] = (process.env.BIRTHS_INTERVALS ?? '5,20').split(',').map(Number);

/** Time by which both have scraped, also on a busy machine, so that both are known scrapers. */
const beginAt = slowSeconds + 60;
/** Number of streams that are forbidden one after another; every second one twice in the same second. */
const actedStreams = 10 + slowSeconds;
const endAt = beginAt + 2 * actedStreams;

const scenario = scenarioOf(`
name: zero-hold
provider: {delay: 2s, doubled: {share: 10%}}
streams:
  - {name: "steady-{n}", count: 3, start: ${beginAt}s, stop: ${endAt}s}
  - {name: returning, start: ${beginAt}s, stop: ${endAt}s}
  - name: interrupted
    start: ${beginAt}s
    stop: ${endAt}s
    story: [{at: ${beginAt + 10}s, for: 15s, silent: true}]
  - {name: added, start: ${beginAt}s, stop: ${endAt}s}
  - {name: "wide-{n}", count: 256, start: never}
alibaba: {delay: 1s}
domains:
  - name: play.example.com
    story:
${Array.from({ length: actedStreams }, (_, i) => `      - {at: ${beginAt + 2 * i}s, stream: acted-${i}, action: forbid, times: ${1 + (i % 2)}}`).join('\n')}
`);

/** Counters with a ground truth: metric, field of the simulator's truth, and the divisor from its unit to the metric's. */
const pushCounters = [
  ['livestream_push_samples_total', 'samples', 1],
  ['livestream_push_observed_seconds_total', 'observedMs', 1000],
  ['livestream_push_frames_total', 'milliframes', 1000],
  ['livestream_push_bytes_total', 'bytes', 1],
] as const;
const actions = 'livestream_control_actions_total';
const domainActions = 'livestream_control_domain_actions_total';

describeWithTool('prometheus', 'new counters', () => {
  test('are seen at 0 by two Prometheus servers, despite other scrapers and kills of the daemon', {
    timeout: (endAt + 6 * slowSeconds + 60) * 1000,
  }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'livestream-zero-hold-'));
    const configFile = join(directory, 'config.json');
    await using simulator = await startSimulator({ scenario, clock: systemClock });
    const { world } = simulator;
    const config = toExporterConfig(world, simulator.endpoint);
    // The fronts are proxies, so that X-Forwarded-For tells the two servers of one version apart.
    await using fastFront = await startFront([], { 'x-forwarded-for': fastAddress });
    await using slowFront = await startFront([], { 'x-forwarded-for': slowAddress, 'user-agent': slowAgent });
    let daemon: Daemon | undefined;
    const start = async () => {
      daemon = startDaemon(
        [
          `--config.file=${configFile}`,
          `--storage.path=${join(directory, 'data')}`,
          '--web.listen-address=127.0.0.1:0',
        ],
        exporterEnvironment(scenario),
      );
      const url = await daemon.url();
      fastFront.target = url;
      slowFront.target = url;
    };
    const kill = async () => {
      fastFront.target = undefined;
      slowFront.target = undefined;
      expect(await daemon?.end('SIGKILL')).toBe('SIGKILL');
      await start();
    };
    const watch = (streams: (name: string) => boolean) => {
      writeFileSync(configFile, onlyOf(config, streams));
      daemon?.process.kill('SIGHUP');
    };
    const ended = new AbortController();
    try {
      watch((name) => name !== 'added');
      await start();
      await using fast = await startPrometheus(scraping(fastFront.address, fastSeconds));
      await using slow = await startPrometheus(scraping(slowFront.address, slowSeconds));
      const others = startOtherScrapers(() => fastFront.target, ended.signal);
      await waitFor(
        'both servers to scrape',
        async () => ((await slow.query('up == 1')).length === 1 ? true : undefined),
        (2 * slowSeconds + 20) * 1000,
      );
      expect(Date.now()).toBeLessThan(world.startedAt + beginAt * 1000);

      await untilSeenByOneOnly(`${actions}{stream!=""}`, fast, slow);
      // The new daemon learns about the slow Prometheus only from its scrape.
      others.isImpostorActive = false;
      await kill();

      await untilNextScrapeIsFar(slow);
      watch(() => true);
      await untilSeenByOneOnly('livestream_push_samples_total{stream="added"}', fast, slow);
      await kill();

      watch((name) => name !== 'returning');
      await waitFor('the removed series to disappear', async () => {
        const series = await fast.query('livestream_push_samples_total{stream="returning"}');
        return series.length === 0 ? true : undefined;
      });
      watch(() => true);

      const seen = others.released();
      await waitFor(
        'a counter to leave 0',
        () => (others.released() > seen ? true : undefined),
        2 * slowSeconds * 1000,
      );
      await kill();
      await sleep(slowSeconds * 1000);
      others.isImpostorActive = true;

      const until = world.startedAt + (endAt + 10) * 1000;
      await waitFor(
        'both servers to have all data',
        async () => {
          for (const prometheus of [fast, slow]) {
            const [oldest] = await prometheus.query(
              'min({__name__=~"livestream_(push|control)_watermark_timestamp_seconds",account!="wide"})',
            );
            if (oldest === undefined || oldest.value * 1000 < until) return undefined;
            if ((await prometheus.query(`${actions} > 0`)).length < actedStreams) return undefined;
          }
          return true;
        },
        (endAt + 5 * slowSeconds) * 1000,
      );
      // Wait for one more flush, and one more scrape of each, which takes some seconds on a busy machine.
      await sleep((slowSeconds + 10) * 1000);

      const truth = world.truthOfActions('play.example.com', world.startedAt, until);
      for (const [who, prometheus] of Object.entries({ fast, slow })) {
        for (const [metric, name, scale] of pushCounters) {
          const expected = world.streams.map(({ name: stream }) => [
            stream,
            world.truthOf(stream, world.startedAt, until)[name] / scale,
          ]);
          expect([who, metric, await increases(prometheus, metric, 'stream')]).toEqual([
            who,
            metric,
            Object.fromEntries(expected),
          ]);
        }
        expect([who, await increases(prometheus, actions, 'stream')]).toEqual([
          who,
          Object.fromEntries(truth.map(({ stream, actions: times }) => [stream, times])),
        ]);
        expect([who, await increases(prometheus, domainActions, 'action')]).toEqual([
          who,
          { forbid: truth.reduce((sum, { actions: times }) => sum + times, 0), resume: 0, other: 0 },
        ]);
        const names = await prometheus.query(
          'group by (__name__) ({__name__=~"livestream_(push|control)_.*_total"})',
        );
        expect(names.length).toBeGreaterThan(10);
        for (const { metric } of names) {
          expect([who, await prometheus.query(`resets(${metric.__name__}[10m]) > 0`)]).toEqual([who, []]);
        }
      }
      expect(others.decreased()).toEqual([]);
      expect(others.aborted()).toBeGreaterThan(20);
    } finally {
      ended.abort();
      await daemon?.end('SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

const fastAddress = '192.0.2.5';
const slowAddress = '192.0.2.20';
const slowAgent = 'Prometheus/slow';

function scraping(address: string, everySeconds: number): string {
  return `
global: {scrape_interval: ${everySeconds}s, scrape_timeout: ${Math.min(everySeconds, 10)}s}
scrape_configs: [{job_name: livestream, static_configs: [{targets: ["${address}"]}]}]
`;
}

/**
 * Returns a config with only these streams and frequent polling of actions. Its labels are so long that an aborted scrape
 * cannot have received everything: 15 MB, of which the buffers of two sockets hold at most 10 MB.
 */
function onlyOf(config: string, isWatched: (stream: string) => boolean): string {
  // Shape: toExporterConfig.
  const { accounts, streams, domains, ...rest } = parse(config) as {
    accounts: { name: string; provider: string }[];
    streams: { stream: string }[];
    domains: Record<string, unknown>[];
  };
  const tencent = accounts.find(({ provider }) => provider === 'tencent');
  const labels = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`l${i}`, '\u6c34'.repeat(1000)]));
  return JSON.stringify({
    ...rest,
    // The wide streams have a long interval and an account of their own, so that they delay no other requests.
    accounts: [...accounts, { ...tencent, name: 'wide', push_stats: { interval: '1m' } }],
    streams: streams
      .filter(({ stream }) => isWatched(stream))
      .map((stream) => (stream.stream.startsWith('wide') ? { ...stream, account: 'wide', labels } : stream)),
    domains: domains.map((domain) => ({ ...domain, control_history: { interval: '1s', lookback: '10m' } })),
  });
}

/** Waits until the first server has seen one of these series at 0 and the other server has not seen it. */
async function untilSeenByOneOnly(selector: string, first: Prometheus, other: Prometheus): Promise<void> {
  await waitFor(
    `a series of ${selector} that only one server has seen at 0`,
    async () => {
      const seen = await first.query(`${selector} == 0`);
      const names = new Set((await other.query(selector)).map(({ metric }) => metric.stream));
      return seen.some(({ metric }) => !names.has(metric.stream)) ? true : undefined;
    },
    (endAt + slowSeconds) * 1000,
  );
}

/**
 * Waits until the next scrape of the slow server is over two intervals of the fast one away, so that the fast server is
 * the first to see a series that appears now.
 */
async function untilNextScrapeIsFar(slow: Prometheus): Promise<void> {
  await waitFor(
    'a scrape of the slow server',
    async () => {
      const [age] = await slow.query('time() - timestamp(up)');
      return age !== undefined && age.value < slowSeconds - 2.5 * fastSeconds ? true : undefined;
    },
    2 * slowSeconds * 1000,
  );
}

/**
 * Runs other scrapers until `signal` is aborted: curl, which is not a known scraper; a known scraper that aborts every
 * second scrape; and an impostor with the headers of the slow Prometheus that aborts every scrape. curl also checks the
 * counters.
 */
function startOtherScrapers(target: () => string | undefined, signal: AbortSignal) {
  const decreased: string[] = [];
  const counts = new Map<string, number>();
  let released = 0;
  let aborted = 0;
  const others = {
    /** Whether the impostor scrapes. */
    isImpostorActive: true,
    decreased: () => decreased,
    /** Returns the number of action counters that left 0 between two scrapes of curl. */
    released: () => released,
    aborted: () => aborted,
  };
  const repeat = async (everyMs: number, task: (url: URL, iteration: number) => Promise<void>) => {
    for (let iteration = 0; !signal.aborted; iteration++) {
      const url = target();
      // The daemon can be down; try again in the next iteration.
      if (url !== undefined) await task(new URL('metrics', url), iteration).catch(() => undefined);
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const scrapeWithCurl = async (url: URL) => {
    const response = await fetch(url, { headers: { 'user-agent': 'curl/8.5.0' } });
    const lines = (await response.text()).matchAll(/^(livestream_(?:push|control)_\w+_total\{.*\}) (.*)$/gm);
    for (const [, series = '', text] of lines) {
      const value = Number(text);
      const before = counts.get(series);
      if (before !== undefined && value < before) decreased.push(`${series} ${before} ${value}`);
      if (before === 0 && value > 0 && series.startsWith(actions)) released++;
      counts.set(series, value);
    }
  };
  void repeat(500, scrapeWithCurl);
  void repeat(2000, async (url, iteration) => {
    if (iteration % 2 === 0) await scrape(url, 'flaky/1.0', Infinity);
    else aborted += await scrape(url, 'flaky/1.0', 1);
  });
  void repeat(700, async (url) => {
    if (others.isImpostorActive)
      aborted += await scrape(url, slowAgent, 1, { 'x-forwarded-for': slowAddress });
  });
  return others;
}

/** Scrapes like Prometheus and aborts after `maxChunks`. Resolves with 1 if it was aborted and 0 if it was complete. */
function scrape(
  url: URL,
  agent: string,
  maxChunks: number,
  more: Readonly<Record<string, string>> = {},
): Promise<0 | 1> {
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': agent, 'x-prometheus-scrape-timeout-seconds': '10', ...more };
    const request = get(url, { headers, agent: false }, (response) => {
      let chunks = 0;
      response.on('data', () => {
        if (++chunks < maxChunks) return;
        response.destroy();
        resolve(1);
      });
      response.on('end', () => resolve(0)).on('error', reject);
    });
    request.on('error', reject);
  });
}
