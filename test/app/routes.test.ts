import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { readYaml, round, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { type NodeTimes, startNodeTimes } from '../support/node-times.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { seriesOf, usedFamilies, valuesOf } from './push-series-text.ts';

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
