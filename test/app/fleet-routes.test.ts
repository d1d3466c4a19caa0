import { expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { startTestApp } from '../support/app.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { seriesOf, usedFamilies, valuesOf } from './push-series-text.ts';

const env = { STAT_KEY: 'the-key', SECRET_ID: 'the-id', SECRET_KEY: 'the-secret' };

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
