import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { passSeconds, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { SECRET_ID: 'the-id', SECRET_KEY: 'the-key' };

let clock: ManualClock;
let simulator: Simulator;

beforeEach(() => {
  clock = createManualClock(noon);
});

afterEach(() => simulator.close());

async function simulate(streams: string, provider = ''): Promise<void> {
  const scenario = scenarioOf(`
name: large
noise: 0%
account: {secret_id: the-id, secret_key: the-key}
provider: {delay: 3s, empty: list, ${provider}}
streams:
${streams}
`);
  simulator = await startSimulator({ scenario, clock });
}

/** The budget is so small that the history of 60 streams takes 132 s. */
const configOf = (expect = '{}') => `
accounts:
  - name: a
    provider: tencent
    api3: {secret_id_env: SECRET_ID, secret_key_env: SECRET_KEY, endpoint: "${simulator.url}"}
    requests_per_second: {DescribeStreamPushInfoList: 0.5}
domains:
  - {account: a, domain: push.example.com, discover: true, expect: ${expect}}
`;

async function valuesOf(daemon: TestApp, family: string): Promise<Readonly<Record<string, number>>> {
  const text = await daemon.scrape();
  const lines = text.split('\n').filter((line) => line.startsWith(`${family}{`));
  return Object.fromEntries(
    lines.map((line) => [/stream="([^"]*)"/.exec(line)?.[1] ?? '', Number(line.split(' ')[1])]),
  );
}

async function collectorOf(daemon: TestApp, collector: string): Promise<Readonly<Record<string, number>>> {
  const lines = (await daemon.scrape())
    .split('\n')
    .filter((line) => line.includes(`collector="${collector}"`));
  return Object.fromEntries(
    lines.map((line) => [
      /^livestream_collector_(\w+)/.exec(line)?.[1] ?? '',
      Number(line.split(' ').at(-1)),
    ]),
  );
}

test('shows changed values with the next list, while the times and totals are those of the history', async () => {
  await simulate(`
  - {name: "room-{n}", count: 60, fps: 25, story: [{at: 300s, fps: 10}]}
`);
  await using daemon = await startTestApp(configOf(), env, clock);
  daemon.app.run();
  await passSeconds(clock, 20);

  const first = await valuesOf(daemon, 'livestream_push_fps');
  expect([Object.keys(first).length, new Set(Object.values(first))]).toEqual([60, new Set([25])]);
  // Most streams have no history yet.
  expect(Object.keys(await valuesOf(daemon, 'livestream_push_sample_timestamp_seconds')).length).toBeLessThan(
    20,
  );
  expect(await collectorOf(daemon, 'live_push_stats')).toMatchObject({ targets: 1, interval_seconds: 60 });

  await passSeconds(clock, 345);
  expect(Object.values(await valuesOf(daemon, 'livestream_push_fps'))).toEqual(Array(60).fill(10));
  const newest = await valuesOf(daemon, 'livestream_push_sample_timestamp_seconds');
  const watermarks = await valuesOf(daemon, 'livestream_push_watermark_timestamp_seconds');
  expect(Object.keys(newest)).toHaveLength(60);
  for (const [name, at] of Object.entries(newest)) {
    const watermark = watermarks[name] ?? 0;
    expect([at <= watermark, at >= watermark - 10]).toEqual([true, true]);
  }
  await daemon.scrape();
  await passSeconds(clock, 140);
  const samples = await valuesOf(daemon, 'livestream_push_samples_total');
  const requestedTo = await valuesOf(daemon, 'livestream_push_watermark_timestamp_seconds');
  for (const [name, count] of Object.entries(samples)) {
    const visibleTo = ((requestedTo[name] ?? 0) - 3) * 1_000 + 1;
    // A request waits for its token for up to 4 s, and its answer contains what is visible then.
    const truths = [0, 5_000].map(
      (ms) => simulator.world.truthOf(name, noon - 70_000, visibleTo + ms).samples,
    );
    expect([name, truths.includes(count)]).toEqual([name, true]);
  }
}, 120_000);

test('notices an end with the second list, also if lists are late, and shows no end that is none', async () => {
  await simulate(
    `
  - {name: "room-{n}", count: 59}
  - {name: stops, story: [{at: 250s, for: 2000s, silent: true}]}
  - {name: later, start: 270s}
`,
    'list: {delay: 20s}',
  );
  await using daemon = await startTestApp(configOf(), env, clock);
  daemon.app.run();
  const ups: Readonly<Record<string, number>>[] = [];
  while (clock.now() < noon + 480_000) {
    await passSeconds(clock, 10);
    if (clock.now() > noon + 150_000) ups.push(await valuesOf(daemon, 'livestream_push_up'));
  }

  const down = ups.flatMap((up) => Object.keys(up).filter((name) => up[name] === 0));
  expect([...new Set(down)]).toEqual(['stops']);
  expect(ups.at(-1)).toMatchObject({ stops: 0, later: 1 });
  const seconds = ups.findIndex(({ stops }) => stops === 0) * 10 + 160;
  // The first list without the stream is up to 60 s old and 20 s late. Its history is requested at once, but
  // cannot tell whether the provider is late, so the second list decides.
  expect(seconds).toBeGreaterThan(250);
  expect(seconds).toBeLessThan(250 + 20 + 60 + 60 + 15);
}, 120_000);

test('requests the history of a stream first that falls below its limits', async () => {
  await simulate(`
  - {name: "room-{n}", count: 60, fps: 25}
  - {name: drops, fps: 25, story: [{at: 200s, fps: 10}]}
`);
  await using daemon = await startTestApp(configOf('{fps: 25}'), env, clock);
  daemon.app.run();
  await passSeconds(clock, 250);

  // The fifth list came after 241 s. With an effective interval of 134 s, few streams are polled since then.
  const watermarks = await valuesOf(daemon, 'livestream_push_watermark_timestamp_seconds');
  const since = noon / 1_000 + 241;
  expect(watermarks.drops).toBeGreaterThanOrEqual(since);
  expect(Object.values(watermarks).filter((at) => at >= since).length).toBeLessThan(8);
}, 120_000);

test('sends no list while history is fast enough, and stops the lists when it is again', async () => {
  await simulate(`
  - {name: "room-{n}", count: 20}
  - {name: "more-{n}", count: 40, start: 100s, stop: 400s}
`);
  await using daemon = await startTestApp(configOf(), env, clock);
  daemon.app.run();
  const listed: number[] = [];
  while (clock.now() < noon + 1_200_000) {
    await passSeconds(clock, 50);
    listed.push((await collectorOf(daemon, 'live_push_stats')).targets ?? 0);
  }

  // 60 streams take 132 s, 20 streams 44 s. The streams that have ended keep their series for some minutes.
  expect(listed[0]).toBe(0);
  expect(listed.slice(4, 8)).toEqual([1, 1, 1, 1]);
  expect(listed.at(-1)).toBe(0);
  expect(await collectorOf(daemon, 'live_push_stats')).not.toHaveProperty('last_success_timestamp_seconds');
  const calls = simulator.requests().DescribeLiveStreamPushInfoList?.calls ?? 0;
  expect(calls).toBeGreaterThan(5);
  expect(calls).toBeLessThan(20);
}, 120_000);

test('ends the gauges of the lists when they fail', async () => {
  await simulate(
    '  - {name: "room-{n}", count: 60}',
    'story: [{at: 70s, for: 2000s, answer: ResourceNotFound.FreezeService}]',
  );
  await using daemon = await startTestApp(configOf(), env, clock);
  daemon.app.run();
  await passSeconds(clock, 60);
  expect(Object.keys(await valuesOf(daemon, 'livestream_push_up'))).toHaveLength(60);

  await passSeconds(clock, 110);
  expect(Object.values(await valuesOf(daemon, 'livestream_push_up'))).toEqual(Array(60).fill(1));
  await passSeconds(clock, 80);

  // Some states are from history, which is valid for longer.
  expect(Object.keys(await valuesOf(daemon, 'livestream_push_up')).length).toBeLessThan(40);
  expect(await collectorOf(daemon, 'live_push_stats')).toMatchObject({ targets_failing: 1 });
}, 120_000);
