import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock, settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

/*
 * Tests the gauges of a fleet at Alibaba whose history is requested too rarely for them. Lists show the state
 * of a whole minute that was 5 to 6 minutes ago.
 */

const env = { KEY_ID: 'the-id', KEY_SECRET: 'the-secret' };
const operation = 'DescribeLiveDomainFrameRateAndBitRateData';
const minute = 60_000;

let clock: ManualClock;
let simulator: Simulator;

beforeEach(() => {
  clock = createManualClock(noon);
});

afterEach(() => simulator.close());

async function simulate(streams: string, alibaba = ''): Promise<void> {
  const scenario = scenarioOf(`
name: large
noise: 0%
alibaba: {access_key_id: the-id, access_key_secret: the-secret, ${alibaba}}
provider: {delay: 10s}
domains: [{name: play.example.com, app_names: [live, show], push_domains: [push.example.com]}]
streams:
${streams}
`);
  simulator = await startSimulator({ scenario, clock });
}

/** The budget is so small that the history of 60 streams takes 11 min. */
const configOf = (more = '') => `
accounts:
  - name: a
    provider: alibaba
    access_key_id_env: KEY_ID
    access_key_secret_env: KEY_SECRET
    endpoint: "${simulator.alibabaEndpoint}"
    requests_per_second: {DescribeLiveCenterStreamRateData: 0.1}
    ${more}
domains:
  - {account: a, domain: play.example.com, discover: true, app_names: [live, show], expect: {fps: 25, live: true}}
`;

/**
 * Lets the loops of a running app work. Advances in steps, because requests need iterations of the event
 * loop.
 */
async function pass(minutes: number): Promise<void> {
  for (let step = 0; step < minutes * 240; step++) {
    await clock.advance(250);
    for (let turn = 0; turn < 6; turn++) await settle();
  }
}

/** Returns the value of a family for each stream that has one. */
async function valuesOf(daemon: TestApp, family: string): Promise<Readonly<Record<string, number>>> {
  const text = await daemon.scrape();
  const lines = text.split('\n').filter((line) => line.startsWith(`${family}{`));
  return Object.fromEntries(
    lines.map((line) => [/stream="([^"]*)"/.exec(line)?.[1] ?? '', Number(line.split(' ')[1])]),
  );
}

const fleet = `
  - {name: "room-{n}", count: 56, fps: 25, bitrate: 2Mbit, domain: play.example.com, story: [{at: 20m, fps: 10}]}
  - {name: other-app, fps: 30, bitrate: 1Mbit, domain: play.example.com, app_name: show}
  - {name: stops, stop: 24m, domain: play.example.com}
  - {name: begins, start: 16m, domain: play.example.com}
  - {name: never, start: never, domain: play.example.com}
`;

test('shows values, begins and ends some minutes late, with their times, and counts the history only', async () => {
  await simulate(fleet);
  await using daemon = await startTestApp(configOf(), env, clock);
  daemon.app.run();

  await pass(13);
  const first = await valuesOf(daemon, 'livestream_push_fps');
  expect(Object.keys(first)).toHaveLength(58);
  expect(first).toMatchObject({ 'room-1': 25, 'other-app': 30 });
  expect(await valuesOf(daemon, 'livestream_push_bitrate_bps')).toMatchObject({ 'other-app': 1_000_000 });
  const times = Object.values(await valuesOf(daemon, 'livestream_push_sample_timestamp_seconds'));
  const ages = times.map((at) => clock.now() / 1_000 - at);
  // At most the age of a list, an interval, and the time until it is requested.
  expect([Math.max(...ages) < 7 * 60 + 15, times.length]).toEqual([true, 58]);
  // The list feeds streams whose history was not requested since.
  expect(ages.filter((age) => age > 270).length).toBeGreaterThan(10);

  // `begins` began at 16 min, and no stream is live or not without a reason.
  const ups: Readonly<Record<string, number>>[] = [];
  const dropped = new Set<string>();
  while (clock.now() < noon + 34 * minute) {
    await pass(0.5);
    ups.push(await valuesOf(daemon, 'livestream_push_up'));
    const minutes = (clock.now() - noon) / minute;
    const fps = await valuesOf(daemon, 'livestream_push_fps');
    const normal = Object.keys(fps).filter((name) => name.startsWith('room-') && fps[name] !== 10);
    // A list does not replace a newer answer of the history, and within 7.5 min, all streams show the change.
    const wrong = normal.filter((name) => dropped.has(name) || minutes > 20 + 7.5);
    expect([minutes, wrong]).toEqual([minutes, []]);
    for (const name of Object.keys(fps)) if (fps[name] === 10) dropped.add(name);
  }
  const down = ups.flatMap((up) => Object.keys(up).filter((name) => up[name] === 0));
  expect([...new Set(down)]).toEqual(['stops']);
  expect(ups.at(-1)).toMatchObject({ begins: 1 });
  expect(ups.at(-1)?.stops).not.toBe(1);
  // No gauge is absent between a list and an answer of the history.
  const gaps = ups.map((up) => Object.keys(up).filter((name) => name.startsWith('room-')).length);
  expect([...new Set(gaps)]).toEqual([56]);

  const samples = await valuesOf(daemon, 'livestream_push_samples_total');
  const watermarks = await valuesOf(daemon, 'livestream_push_watermark_timestamp_seconds');
  for (const [name, count] of Object.entries(samples)) {
    const to = ((watermarks[name] ?? 0) - 10) * 1_000 + 1;
    const most = simulator.world.truthOf(name, noon - 90_000, to + 15_000).samples;
    expect([name, count <= most]).toEqual([name, true]);
  }
  const { calls = 0, accepted } = simulator.requests()[operation] ?? {};
  // Both applications share one list per minute.
  expect([accepted === calls, calls >= 30, calls <= 36]).toEqual([true, true, true]);
  expect(await daemon.scrape()).toMatch(/livestream_collector_targets\{.*collector="live_push_stats"\} 2/);
}, 120_000);

test('is not used for a fleet whose history is requested more often than lists are old', async () => {
  await simulate(fleet);
  await using daemon = await startTestApp(
    configOf().replace('DescribeLiveCenterStreamRateData: 0.1', 'DescribeLiveCenterStreamRateData: 0.2'),
    env,
    clock,
  );
  daemon.app.run();

  await pass(3);

  expect(simulator.requests()[operation]).toBeUndefined();
  expect(await daemon.scrape()).toMatch(/livestream_collector_targets\{.*collector="live_push_stats"\} 0/);
}, 60_000);

test('ends no stream while the lists have no values yet', async () => {
  await simulate(fleet, 'domain_delay: 30m');
  await using daemon = await startTestApp(configOf(), env, clock);
  daemon.app.run();

  for (let n = 0; n < 14; n++) {
    await pass(1);
    expect(Object.values(await valuesOf(daemon, 'livestream_push_up'))).not.toContain(0);
  }
  expect(simulator.requests()[operation]?.calls).toBeGreaterThan(10);
}, 60_000);

test('warns if the bit rates of lists and history are not in the same unit', async () => {
  await simulate(fleet, 'domain_bitrate_unit: bit');
  await using daemon = await startTestApp(configOf(), env, clock);
  daemon.app.run();

  await pass(14);

  const warnings = daemon.log.filter((line) => line.includes('level=warn') && line.includes('bitrate_unit'));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`bitrate_unit: {${operation}: bit}`);
}, 60_000);
