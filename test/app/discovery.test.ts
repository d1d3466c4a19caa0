import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { readYaml, round, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { SECRET_ID: 'the-id', SECRET_KEY: 'the-key' };

let folder: string;
let clock: ManualClock;
let simulator: Simulator;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-discovery-'));
  clock = createManualClock(noon);
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

async function simulate(streams: string, provider = ''): Promise<void> {
  const scenario = scenarioOf(`
name: discovery
noise: 0%
account: {secret_id: the-id, secret_key: the-key}
provider: {delay: 3s, time: iso, empty: list, ${provider}}
streams:
${streams}
`);
  simulator = await startSimulator({ scenario, clock });
}

function configOf(domain: string, more = ''): string {
  return `
accounts:
  - {name: a, provider: tencent, api3: {secret_id_env: SECRET_ID, secret_key_env: SECRET_KEY, endpoint: "${simulator.url}"}}
domains:
  - {account: a, domain: push.example.com, discover: true${domain}}
${more}`;
}

/** Lets `seconds` pass. */
async function pass(daemon: TestApp, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 5) await round(daemon, clock);
}

/** Returns the value of a family for each stream that has one. */
async function valuesOf(daemon: TestApp, family: string): Promise<Readonly<Record<string, number>>> {
  const text = await daemon.scrape();
  const lines = text.split('\n').filter((line) => line.startsWith(`${family}{`));
  return Object.fromEntries(
    lines.map((line) => [/stream="([^"]*)"/.exec(line)?.[1] ?? '', Number(line.split(' ')[1])]),
  );
}

/**
 * Returns the number of samples of each stream that the provider had returned at the end of the last request, since
 * `from`, in seconds after the start.
 */
async function truth(daemon: TestApp, from: Readonly<Record<string, number>>) {
  const watermarks = await valuesOf(daemon, 'livestream_push_watermark_timestamp_seconds');
  return Object.fromEntries(
    Object.entries(from).map(([name, since]) => {
      const visibleTo = ((watermarks[name] ?? 0) - 3) * 1_000 + 1;
      return [name, simulator.world.truthOf(name, noon + since * 1_000, visibleTo).samples];
    }),
  );
}

const samples = 'livestream_push_samples_total';

test('finds live streams within one interval, with their labels, and leaves out those of the filter', async () => {
  await simulate(`
  - {name: "room-{n}", count: 3, fps: 25}
  - {name: later, start: 40s, fps: 30}
  - {name: test-1}
  - {name: never, start: never}
  - {name: other-app, app_name: show}
`);
  await using daemon = await startTestApp(
    configOf(
      `, streams: {include: "room-.|later|test-.*|other.*", exclude: "test-.*"}, labels: {team: news}, expect: {fps: 50}`,
    ),
    env,
    clock,
    { folder },
  );
  await pass(daemon, 15);

  expect(await valuesOf(daemon, 'livestream_push_fps')).toEqual({ 'room-1': 25, 'room-2': 25, 'room-3': 25 });
  await pass(daemon, 45);
  expect(Object.keys(await valuesOf(daemon, 'livestream_push_fps'))).toContain('later');
  const text = await daemon.scrape();
  expect(text).toContain(
    'livestream_stream_info{account="a",provider="tencent",domain="push.example.com",app_name="live",stream="later",team="news"} 1',
  );
  expect(text).toContain(
    'livestream_push_min_fps{account="a",provider="tencent",domain="push.example.com",app_name="live",stream="later"} 40',
  );
  expect(text).toContain(
    'livestream_collector_targets{account="a",provider="tencent",collector="online_streams"} 1',
  );
  expect(text).toContain(
    'livestream_collector_targets{account="a",provider="tencent",collector="push_stats"} 4',
  );
  expect(text).not.toContain('stream="test-1"');
  expect(text).not.toContain('stream="other-app"');
  expect(text).not.toContain('stream=""');
});

test('counts a stream from the begin of its push, but not from before the domain was watched', async () => {
  await simulate(`
  - {name: old}
  - {name: new, start: 61s}
`);
  await using daemon = await startTestApp(configOf(''), env, clock, { folder });
  await daemon.scrape();
  await pass(daemon, 120);
  await daemon.scrape();
  await pass(daemon, 30);

  const counted = await valuesOf(daemon, samples);

  // One lookback and the expected delay before the start; the newest samples are not visible for 3 s.
  expect(counted).toEqual(await truth(daemon, { old: -70, new: 0 }));
  expect(counted.new).toBeGreaterThan(15);
  // The time before the push is confirmed to be empty after 16 min.
  await clock.advance(1_000_000);
  await pass(daemon, 20);
  expect(await valuesOf(daemon, 'livestream_push_sessions_total')).toEqual({ old: 0, new: 1 });
});

test('keeps a stream for a grace period after its end, then removes its series, and resumes them without a gap', async () => {
  await simulate(`
  - {name: always}
  - name: stops
    story: [{at: 60s, for: 900s, silent: true}]
`);
  await using daemon = await startTestApp(configOf(''), env, clock, { folder });
  await pass(daemon, 60);
  await pass(daemon, 60);

  expect(await valuesOf(daemon, 'livestream_push_up')).toEqual({ always: 1, stops: 0 });
  await pass(daemon, 200);
  expect(await valuesOf(daemon, 'livestream_push_up')).toHaveProperty('stops', 0);
  await pass(daemon, 80);
  expect(await daemon.scrape()).not.toContain('stream="stops"');

  await pass(daemon, 650);
  await daemon.scrape();
  await pass(daemon, 10);
  expect(await valuesOf(daemon, samples)).toEqual(await truth(daemon, { always: -70, stops: -70 }));
  expect(await valuesOf(daemon, 'livestream_push_gap_seconds_total')).toEqual({ always: 0, stops: 0 });
}, 120_000);

test('changes nothing if a list fails', async () => {
  await simulate('  - {name: news}', 'story: [{at: 30s, for: 900s, answer: ResourceNotFound.FreezeService}]');
  await using daemon = await startTestApp(configOf(''), env, clock, { folder });
  await pass(daemon, 25);
  await pass(daemon, 600);

  const text = await daemon.scrape();
  expect(text).toContain('stream="news"');
  expect(text).toContain(
    'livestream_collector_targets_failing{account="a",provider="tencent",collector="online_streams"} 1',
  );
}, 60_000);

test('prefers a stream of the config, and keeps the streams over a reload', async () => {
  await simulate('  - {name: "room-{n}", count: 2, fps: 25}');
  const stream = '{account: a, domain: push.example.com, app_name: live, stream: room-1, expect: {fps: 60}}';
  const configs = [
    configOf(', expect: {fps: 50}'),
    configOf(', expect: {fps: 50}', `streams: [${stream}]`),
    configOf(', expect: {fps: 40}'),
  ];
  let active = configs[0] ?? '';
  await using daemon = await startTestApp(active, env, clock, {
    folder,
    readConfig: () => readYaml(active, env),
  });
  await pass(daemon, 15);
  expect(await valuesOf(daemon, 'livestream_push_expected_fps')).toEqual({ 'room-1': 50, 'room-2': 50 });

  active = configs[1] ?? '';
  await daemon.app.reload();
  expect(await valuesOf(daemon, 'livestream_push_expected_fps')).toEqual({ 'room-1': 60, 'room-2': 50 });
  expect(await valuesOf(daemon, 'livestream_push_up')).toEqual({ 'room-1': 1, 'room-2': 1 });
  await pass(daemon, 30);
  active = configs[2] ?? '';
  await daemon.app.reload();
  expect(await valuesOf(daemon, 'livestream_push_expected_fps')).toEqual({ 'room-1': 40, 'room-2': 40 });
  await daemon.scrape();
  await pass(daemon, 20);

  expect(await valuesOf(daemon, samples)).toEqual(await truth(daemon, { 'room-1': -70, 'room-2': -70 }));
  expect(await valuesOf(daemon, 'livestream_push_gap_seconds_total')).toEqual({ 'room-1': 0, 'room-2': 0 });
}, 60_000);

test('continues after a restart, also with streams that began meanwhile', async () => {
  await simulate(`
  - {name: always}
  - {name: ended, stop: 100s}
  - {name: meanwhile, start: 130s}
`);
  {
    await using daemon = await startTestApp(configOf(''), env, clock, { folder });
    await pass(daemon, 60);
    await daemon.scrape();
    await pass(daemon, 30);
  }
  await clock.advance(90_000);
  await using daemon = await startTestApp(configOf(''), env, clock, { folder });

  // The streams of before the restart have series before the first list.
  expect(Object.keys(await valuesOf(daemon, samples)).toSorted()).toEqual(['always', 'ended']);
  await pass(daemon, 30);
  await daemon.scrape();
  await pass(daemon, 20);

  expect(await valuesOf(daemon, samples)).toEqual(
    await truth(daemon, { always: -70, ended: -70, meanwhile: -70 }),
  );
  expect(Object.values(await valuesOf(daemon, 'livestream_push_gap_seconds_total'))).toEqual([0, 0, 0]);
}, 60_000);

test('counts the time without the domain in the config as a gap', async () => {
  await simulate('  - {name: news}');
  const configs = [configOf(''), configOf('').replace('discover: true', 'discover: true, app_names: [show]')];
  let active = configs[0] ?? '';
  await using daemon = await startTestApp(active, env, clock, {
    folder,
    readConfig: () => readYaml(active, env),
  });
  await pass(daemon, 60);
  active = configs[1] ?? '';
  await daemon.app.reload();
  expect(await daemon.scrape()).not.toContain('stream="news"');
  await pass(daemon, 300);
  active = configs[0] ?? '';
  await daemon.app.reload();
  await pass(daemon, 20);
  await daemon.scrape();
  await pass(daemon, 20);

  const { news: gap = 0 } = await valuesOf(daemon, 'livestream_push_gap_seconds_total');
  expect(gap).toBeGreaterThan(225);
  expect(gap).toBeLessThan(240);
}, 60_000);

test('follows at most max_streams streams, first those that began first, and counts the others', async () => {
  await simulate(`
  - {name: c, start: 3s}
  - {name: a, start: 1s}
  - {name: b, start: 2s}
  - {name: listed, start: 0s}
`);
  const stream = '{account: a, domain: push.example.com, app_name: live, stream: listed}';
  await using daemon = await startTestApp(
    configOf('', `limits: {max_streams: 3}\nstreams: [${stream}]`),
    env,
    clock,
    { folder },
  );
  await pass(daemon, 30);

  expect(Object.keys(await valuesOf(daemon, samples)).toSorted()).toEqual(['a', 'b', 'listed']);
  expect(await daemon.scrape()).toContain('livestream_streams_dropped 1');
});

test('polls a new stream before the known ones if the budget is too small for all', async () => {
  await simulate(`
  - {name: "room-{n}", count: 40}
  - {name: new, start: 100s}
`);
  const config = configOf('').replace(
    'tencent,',
    'tencent, requests_per_second: {DescribeStreamPushInfoList: 1},',
  );
  await using daemon = await startTestApp(config, env, clock, { folder });
  await pass(daemon, 120);

  // A round of all streams takes 45 s.
  const fps = await valuesOf(daemon, 'livestream_push_fps');
  expect(fps).toHaveProperty('new', 25);
}, 60_000);
