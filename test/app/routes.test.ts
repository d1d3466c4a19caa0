import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mediaFamilies } from '../../src/metrics/push/push-families.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { readYaml, round, startTestApp, type TestApp } from '../support/app.ts';
import { metricsIn } from '../support/known-metrics.ts';
import { createManualClock, type ManualClock, settle } from '../support/manual-clock.ts';
import { type NodeTimes, startNodeTimes } from '../support/node-times.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { STAT_KEY: 'the-key', SECRET_ID: 'the-id', SECRET_KEY: 'the-secret' };
const scenario = scenarioOf(`
name: routes
noise: 5%
account: {app_id: 1234, key: the-key, secret_id: the-id, secret_key: the-secret}
provider: {delay: 3s, time: iso, late: {share: 10%, by: 20s}, doubled: {share: 10%}, partial: {share: 10%}}
streams:
  - name: news
    stop: 400s
    story:
      - {at: 60s, for: 90s, second_publisher: 203.0.113.20}
      - {at: 200s, for: 7s, silent: true}
  - name: sport
    stop: 400s
    story:
      - {at: 30s, for: 60s, silent: true}
      - {at: 150s, for: 100s, fps: 0}
      - {at: 300s, for: 40s, bitrate: 10%}
`);
/** Time after which the provider has returned all samples, in seconds after the start. */
const endSeconds = 440;

/** Routes of the samples of a stream. A list of live streams is no route, because it feeds no totals. */
const routes = {
  statcgi: { access: () => `statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}` },
  api3: {
    access: () => `api3: {secret_id_env: SECRET_ID, secret_key_env: SECRET_KEY, endpoint: "${node.url}"}`,
  },
};
type Route = keyof typeof routes;

let folder: string;
let clock: ManualClock;
let simulator: Simulator;
let node: NodeTimes;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-routes-'));
  clock = createManualClock(noon);
  simulator = await startSimulator({ scenario, clock });
  node = await startNodeTimes(simulator.url, 1000);
});

afterEach(async () => {
  await node[Symbol.asyncDispose]();
  await simulator.close();
  rmSync(folder, { recursive: true });
});

test('a stream that changes its route a hundred times has the totals of the truth', async () => {
  let route: Route = 'statcgi';
  const start = () =>
    startTestApp(configOf(route), env, clock, { folder, readConfig: () => readYaml(configOf(route), env) });
  let daemon = await start();
  try {
    for (let n = 0; n < 100; n++) {
      route = n % 2 === 0 ? 'api3' : 'statcgi';
      if (n % 9 === 4) {
        await daemon[Symbol.asyncDispose]();
        daemon = await start();
      } else await daemon.app.reload();
      // Both routes must also poll when the other route has counted nothing new.
      if (n % 3 !== 2) await round(daemon, clock);
      if (n % 10 === 0) await daemon.scrape();
    }
    const text = await finish(daemon);

    expect(route).toBe('statcgi');
    for (const stream of ['news', 'sport']) expect(totalsOf(text, stream)).toEqual(truthOf(stream));
    expect(valuesOf(text, 'livestream_push_sessions_total')).toEqual([0, 1]);
    expect(valuesOf(text, 'livestream_push_gap_seconds_total')).toEqual([0, 0]);
    expect(daemon.log.join('')).not.toContain('level=error');
  } finally {
    await daemon[Symbol.asyncDispose]();
  }
}, 120_000);

test('a stream of the config becomes a discovered one with another route, and back', async () => {
  let active = configOf('statcgi');
  await using daemon = await startTestApp(active, env, clock, {
    folder,
    readConfig: () => readYaml(active, env),
  });
  for (let n = 0; n < 6; n++) await round(daemon, clock);
  await daemon.scrape();
  expect(await daemon.scrape()).not.toContain('collector="online_streams"');

  const discovery = 'domains: [{account: a, domain: push.example.com, discover: true}]';
  active = configOf('api3').replace(/streams:.*/s, discovery);
  await daemon.app.reload();
  for (let n = 0; n < 20; n++) await round(daemon, clock);
  const discovered = await daemon.scrape();
  expect(discovered).toContain('collector="online_streams"');
  expect(discovered).toContain('operation="DescribeStreamPushInfoList"');
  expect(discovered).not.toContain('operation="Get_LivePushStatHistory"');

  active = configOf('statcgi');
  await daemon.app.reload();
  const text = await finish(daemon);
  expect(text).not.toContain('collector="online_streams"');
  for (const stream of ['news', 'sport']) expect(totalsOf(text, stream)).toEqual(truthOf(stream));
  expect(valuesOf(text, 'livestream_push_gap_seconds_total')).toEqual([0, 0]);
}, 60_000);

test('each route has the same series, the totals of the truth, and the metrics of rules and dashboards', async () => {
  const shown: Partial<Record<Route, readonly string[]>> = {};
  for (const route of ['statcgi', 'api3'] as const) {
    clock.setNow(noon);
    await using daemon = await startTestApp(configOf(route), env, clock);
    for (let n = 0; n < 20; n++) {
      await round(daemon, clock);
      if (n % 5 === 4) await daemon.scrape();
    }
    shown[route] = seriesOf(await daemon.scrape());
    const text = await finish(daemon);
    // Each API returns the rows after the start. The times of API 3.0 are a second later.
    const firstAt = noon - 70_000 - (route === 'api3' ? 1000 : 0);
    for (const stream of ['news', 'sport']) {
      expect({ route, ...totalsOf(text, stream) }).toEqual({ route, ...truthOf(stream, firstAt) });
    }
  }

  expect(shown.api3).toEqual(shown.statcgi);
  const used = usedFamilies();
  expect(used.length).toBeGreaterThan(10);
  const families = new Set(shown.api3?.map((line) => line.slice(0, line.indexOf('{'))));
  expect(used.filter((family) => !families.has(family))).toEqual([]);
}, 120_000);

/** A fleet, in which one stream has a low frame rate, and another one ends. */
const fleet = scenarioOf(`
name: fleet
noise: 5%
account: {app_id: 1234, key: the-key, secret_id: the-id, secret_key: the-secret}
alibaba: {access_key_id: the-id, access_key_secret: the-secret}
provider: {delay: 3s, time: iso}
streams:
  - {name: "room-{n}", count: 4}
  - {name: low, story: [{at: 60s, fps: 10, bitrate: 20%}]}
  - {name: ends, stop: 120s}
`);
const fleetStreams = ['room-1', 'room-2', 'room-3', 'room-4', 'low', 'ends'];

/**
 * Routes of the values of a fleet. With a list, the budget of the history is so small that a list feeds the
 * gauges (`listed`: its operation).
 */
const fleetRoutes: Readonly<
  Record<string, { readonly account: (fleetSimulator: Simulator) => string; readonly listed?: string }>
> = {
  'statistics API': {
    account: ({ endpoint }) =>
      `provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}`,
  },
  'history of API 3.0': { account: ({ url }) => api3Account(url) },
  'list of API 3.0': {
    account: ({ url }) => `${api3Account(url)}, requests_per_second: {DescribeStreamPushInfoList: 0.05}`,
    listed: 'DescribeLiveStreamPushInfoList',
  },
  'history of Alibaba': { account: ({ alibabaEndpoint }) => alibabaAccount(alibabaEndpoint) },
  'list of Alibaba': {
    account: ({ alibabaEndpoint }) =>
      `${alibabaAccount(alibabaEndpoint)}, requests_per_second: {DescribeLiveCenterStreamRateData: 0.01}`,
    listed: 'DescribeLiveDomainFrameRateAndBitRateData',
  },
};

function api3Account(url: string): string {
  return `provider: tencent, api3: {secret_id_env: SECRET_ID, secret_key_env: SECRET_KEY, endpoint: "${url}"}`;
}

function alibabaAccount(endpoint: string): string {
  return `provider: alibaba, access_key_id_env: SECRET_ID, access_key_secret_env: SECRET_KEY, endpoint: "${endpoint}"`;
}

test('each route of a fleet, by history or list, ends in the same series with the same values', async () => {
  const shown: Record<string, readonly string[]> = {};
  for (const [route, { account, listed }] of Object.entries(fleetRoutes)) {
    const ownClock = createManualClock(noon);
    await using fleetSimulator = await startSimulator({ scenario: fleet, clock: ownClock });
    const streams = fleetStreams.map(
      (stream) =>
        `  - {account: a, stream: ${stream}, domain: push.example.com, app_name: live, expect: {fps: 25, bitrate: 2500kbit, live: true}}`,
    );
    await using daemon = await startTestApp(
      `accounts: [{name: a, ${account(fleetSimulator)}}]\nstreams:\n${streams.join('\n')}\n`,
      env,
      ownClock,
    );
    daemon.app.run();
    for (let step = 0; step < 20 * 120; step++) {
      await ownClock.advance(500);
      for (let turn = 0; turn < 6; turn++) await settle();
      if (step % 30 === 0) await daemon.scrape();
    }
    const text = await daemon.scrape();

    const requested = fleetSimulator.requests();
    const lists = Object.values(fleetRoutes).flatMap((each) => each.listed ?? []);
    expect([route, lists.filter((operation) => operation in requested)]).toEqual([
      route,
      listed === undefined ? [] : [listed],
    ]);
    shown[route] = seriesOf(text)
      .map((line) => line.replace(/,?(account|provider|client_ip)="[^"]*"/g, ''))
      .filter((line) => !line.includes('stream="ends"'))
      // Only the list of API 3.0 tells the start of a push that began before the story.
      .filter((line) => !line.startsWith('livestream_push_start_timestamp_seconds'));
    const near = (family: string, of: number, stream: string) => {
      const [value = 0] = valuesOf(text, family, `stream="${stream}"`);
      return Math.abs(value / of - 1) <= 0.11;
    };
    const { streams: simulated } = fleetSimulator.world;
    const wrong = simulated.flatMap(({ name, bitsPerSecond }) => {
      if (name === 'ends') return [];
      const share = name === 'low' ? 0.2 : 1;
      return near('livestream_push_fps', name === 'low' ? 10 : 25, name) &&
        near('livestream_push_bitrate_bps', bitsPerSecond * share, name)
        ? []
        : [name];
    });
    expect([route, wrong]).toEqual([route, []]);
    expect([route, valuesOf(text, 'livestream_push_up', 'stream="ends"')]).toEqual([route, [0]]);
    for (const name of fleetStreams) {
      const [at = 0] = valuesOf(text, 'livestream_push_watermark_timestamp_seconds', `stream="${name}"`);
      const [samples = 0] = valuesOf(text, 'livestream_push_samples_total', `stream="${name}"`);
      const truth = (from: number, to: number) =>
        fleetSimulator.world.truthOf(name, noon - from * 1_000, to).samples;
      // The lookback before the start depends on the API, and counters follow with the next flush. Lists
      // count nothing.
      const isExact = samples >= truth(70, (at - 20) * 1_000) && samples <= truth(91, at * 1_000 + 15_000);
      expect([route, name, isExact]).toEqual([route, name, true]);
    }
  }

  const [first, ...others] = Object.entries(shown);
  for (const [route, series] of others) expect([route, series]).toEqual([route, first?.[1]]);
  const families = new Set(first?.[1].map((line) => line.slice(0, line.indexOf('{'))));
  expect(usedFamilies().filter((family) => !families.has(family))).toEqual([]);
}, 120_000);

function configOf(route: Route): string {
  const streams = ['news', 'sport'].map(
    (stream) =>
      `  - {account: a, stream: ${stream}, domain: push.example.com, app_name: live, expect: {fps: 25, bitrate: 2500kbit, live: true}}`,
  );
  return `
accounts:
  - {name: a, provider: tencent, ${routes[route].access()}}
streams:
${streams.join('\n')}
`;
}

/** Polls until the provider has returned all samples. Returns the metrics. */
async function finish(daemon: TestApp): Promise<string> {
  while (clock.now() < noon + endSeconds * 1000) await round(daemon, clock);
  await daemon.scrape();
  for (let n = 0; n < 3; n++) await round(daemon, clock);
  return daemon.scrape();
}

function truthOf(stream: string, from = noon - 70_000) {
  const { samples, observedMs, milliframes, bytes } = simulator.world.truthOf(stream, from, noon + 1_000_000);
  return { samples, observed: observedMs / 1000, frames: milliframes / 1000, bytes };
}

function totalsOf(text: string, stream: string) {
  const total = (family: string) => valuesOf(text, `livestream_push_${family}_total`, stream)[0];
  return {
    samples: total('samples'),
    observed: total('observed_seconds'),
    frames: total('frames'),
    bytes: total('bytes'),
  };
}

/** Returns the values of a family, in the order of the config. */
function valuesOf(text: string, family: string, stream = ''): readonly number[] {
  const lines = text.split('\n').filter((line) => line.startsWith(`${family}{`) && line.includes(stream));
  return lines.map((line) => Number(line.split(' ')[1]));
}

/**
 * Returns the push series that all routes have, without values. Only API 3.0 reports media, and so stalls of
 * it.
 */
function seriesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('livestream_push_') && !isOnlyOfApi3(line.slice(0, line.indexOf('{'))))
    .filter((line) => !line.includes('condition="video_stall"'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))
    .map((line) =>
      line.replace(/(push_domain|resolution|video_codec|audio_codec|server_ip)="[^"]*"/g, '$1=""'),
    )
    .toSorted();
}

/**
 * Returns the push families that the shipped rules and dashboards use, except those that only API 3.0
 * reports.
 */
function usedFamilies(): readonly string[] {
  const files = ['config/rules', 'dashboards'].flatMap((path) =>
    readdirSync(path)
      .filter((name) => /\.(yml|json)$/.test(name))
      .map((name) => readFileSync(join(path, name), 'utf8')),
  );
  return [...new Set(files.flatMap(metricsIn))].filter(
    (name) => name.startsWith('livestream_push_') && !isOnlyOfApi3(name),
  );
}

/**
 * Families that only API 3.0 reports, beside those of the newest sample. The ends of pushes are part of the
 * control history.
 */
const others = [
  'livestream_push_media_seconds_total',
  'livestream_push_start_timestamp_seconds',
  'livestream_push_last_end_timestamp_seconds',
];

/** Reports whether only API 3.0 reports a family. */
function isOnlyOfApi3(family: string): boolean {
  return others.includes(family) || mediaFamilies.some(({ name }) => name === family);
}
