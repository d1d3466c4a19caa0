import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock, settle } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

/*
 * Tests the state of bans at Alibaba with the list of forbidden streams, in virtual time: bans that the
 * control history cannot show, or whose end it cannot show.
 */

const env = { KEY_ID: 'the-id', KEY_SECRET: 'the-secret' };
const second = 1_000;
const interval = 30 * second;

/** The story starts an hour before the exporter. Bans begin in its first minutes, or after the start. */
const story = `
      - {at: 5m, stream: old, action: forbid}
      - {at: 5m, stream: old-expired, action: forbid, expires: 62m}
      - {at: 62m, stream: expires, action: forbid, expires: 3m}
      - {at: 62m, stream: api, action: forbid}
      - {at: 64m, stream: api, action: resume}
      - {at: 62m, stream: console, action: forbid}
      - {at: 64m30s, stream: console, action: resume, recorded: false}
      - {at: 63m, stream: console-forbid, app_name: show, action: forbid, recorded: false}
      - {at: 66m, stream: console-forbid, app_name: show, action: resume, recorded: false}
`;

interface Setting {
  readonly alibaba?: string;
  readonly more?: string;
  readonly account?: string;
}

async function simulate(clock: ManualClock, { alibaba = '', more = '' }: Setting = {}): Promise<Simulator> {
  const scenario = scenarioOf(`
name: bans
alibaba: {access_key_id: the-id, access_key_secret: the-secret, ${alibaba}}
domains:
  - name: play.example.com
    app_names: [live, show]
    push_domains: [push.example.com]
    story: ${story}${more}
`);
  return startSimulator({ scenario, clock, startedAt: noon - 60 * 60 * second });
}

function start(simulator: Simulator, clock: ManualClock, folder: string, account = '') {
  const yaml = `
accounts:
  - {name: a, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET, endpoint: "${simulator.alibabaEndpoint}", ${account}}
domains: [{account: a, domain: play.example.com}]
`;
  return startTestApp(yaml, env, clock, { folder });
}

/** Completes the due runs. The requests of a run wait for the rate limiter, which uses the manual clock. */
async function poll({ app }: TestApp, clock: ManualClock): Promise<void> {
  let isDone = false;
  const started = app.start(clock.now()).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await settle();
    if (!isDone) await clock.advance(10);
  }
  await started;
}

/** Returns "stream value" of livestream_control_forbidden, in order of the names. */
function forbiddenIn(text: string): string[] {
  const lines = text.matchAll(/^livestream_control_forbidden\{.*stream="([^"]*)".*\} (.*)$/gm);
  return [...lines].map(([, stream, value]) => `${stream} ${value}`).toSorted();
}

/** Streams that are forbidden at `at`, according to the scenario. */
function blockedAt({ world }: Simulator, at: number): ReadonlySet<string> {
  return new Set(world.blockedAt('play.example.com', at).map(({ stream }) => stream));
}

/**
 * Polls until `minutes` have passed. Checks after each poll that no stream has a state that it did not have
 * within the last two intervals, and that each stream has a state that was forbidden during all of them.
 * Returns the last text of /metrics.
 */
async function watch(simulator: Simulator, daemon: TestApp, clock: ManualClock, minutes: number) {
  const startedAt = clock.now();
  let text = '';
  for (let n = 0; n <= minutes * 2; n++) {
    await clock.advance(Math.max(0, startedAt + n * interval - clock.now()));
    await poll(daemon, clock);
    text = await daemon.scrape();
    const now = clock.now();
    const recent = Array.from({ length: 13 }, (_, i) => blockedAt(simulator, now - i * 5 * second));
    const wrong = forbiddenIn(text).filter((line) => {
      const [stream = '', value] = line.split(' ');
      return recent.every((blocked) => blocked.has(stream) !== (value === '1'));
    });
    const lasting = [...blockedAt(simulator, now)].filter((stream) =>
      recent.every((each) => each.has(stream)),
    );
    const missing = lasting.filter((stream) => !forbiddenIn(text).includes(`${stream} 1`));
    expect([(now - noon) / second, wrong, n < 2 ? [] : missing]).toEqual([(now - noon) / second, [], []]);
  }
  return text;
}

test.each([
  ['v3', 'json', ''],
  ['v1', 'xml', 'ban_name: ingest, no_records: text, one_record: object'],
  ['v3', 'xml', 'no_records: absent, one_record: object'],
])('shows the state of each ban within two intervals, with %s in %s', async (signature, format, alibaba) => {
  const clock = createManualClock(noon);
  const folder = mkdtempSync(join(tmpdir(), 'livestream-bans-'));
  await using simulator = await simulate(clock, { alibaba });
  let text = '';
  {
    await using daemon = await start(simulator, clock, folder, `signature: ${signature}, format: ${format}`);
    text = await watch(simulator, daemon, clock, 4);
    // The history of the ban `old` ended before the exporter started.
    expect(forbiddenIn(text)).toContain('old 1');
    expect(forbiddenIn(text)).toContain('expires 1');
    expect(forbiddenIn(text)).toContain('console-forbid 1');
  }
  // A restart in between.
  await using daemon = await start(simulator, clock, folder, `signature: ${signature}, format: ${format}`);
  text = await watch(simulator, daemon, clock, 6);

  expect(forbiddenIn(text)).toEqual([
    'api 0',
    'console 0',
    'console-forbid 0',
    'expires 0',
    'old 1',
    'old-expired 0',
  ]);
  // Only recorded actions are counted.
  const counted = [...text.matchAll(/^livestream_control_domain_actions_total\{.*action="(.*)"\} (.*)$/gm)];
  expect(counted.map(([, action, count]) => `${action} ${count}`)).toEqual([
    'forbid 3',
    'resume 1',
    'other 0',
  ]);
  expect(text).not.toMatch(/livestream_api_request_failures_total\{.*\} [1-9]/);
  rmSync(folder, { recursive: true });
});

test('shows the state by history alone without permission for the list, and says so', async () => {
  const clock = createManualClock(noon);
  const folder = mkdtempSync(join(tmpdir(), 'livestream-bans-'));
  await using simulator = await simulate(clock, { alibaba: 'not_granted: [DescribeLiveStreamsBlockList]' });
  await using daemon = await start(simulator, clock, folder);

  for (let n = 0; n < 20; n++) {
    await poll(daemon, clock);
    await daemon.scrape();
    await clock.advance(interval);
  }
  await poll(daemon, clock);
  const text = await daemon.scrape();

  // The bans that expired or were lifted in the console look as if they lasted.
  expect(forbiddenIn(text)).toEqual(['api 0', 'console 1', 'expires 1']);
  expect(text).not.toMatch(/livestream_api_request_failures_total\{.*\} [1-9]/);
  expect(text).toMatch(/livestream_collector_targets_failing\{.*collector="forbidden_streams"\} 0/);
  const told = daemon.log.filter((line) => line.includes('does not offer the list of forbidden streams'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('live:DescribeLiveStreamsBlockList');
  // Once in ten minutes.
  expect(simulator.requests().DescribeLiveStreamsBlockList?.calls).toBe(2);
  expect(await statusOf(daemon)).toMatchObject({ domains: [{ forbidden_from: 'actions' }] });
  rmSync(folder, { recursive: true });
});

test('says that the state comes from the list, on the status page too', async () => {
  const clock = createManualClock(noon);
  const folder = mkdtempSync(join(tmpdir(), 'livestream-bans-'));
  await using simulator = await simulate(clock);
  await using daemon = await start(simulator, clock, folder);
  expect(await statusOf(daemon)).toMatchObject({ domains: [{ forbidden_from: null }] });

  await poll(daemon, clock);

  expect(await statusOf(daemon)).toMatchObject({ domains: [{ forbidden_from: 'list' }] });
  expect(await textOf(daemon, '')).toContain('list of bans');
  rmSync(folder, { recursive: true });
});

test('reads a long list whose pages shift', async () => {
  const clock = createManualClock(noon);
  const folder = mkdtempSync(join(tmpdir(), 'livestream-bans-'));
  // Bans begin and end each second, and each page is a second newer than the one before it.
  const more = `
      - {at: 10m, stream: "many-{n}", count: 2500, action: forbid}
      - {at: 60m, every: 7s, stream: flap-1, action: forbid, expires: 3s}
      - {at: 60m, every: 11s, stream: flap-2, action: forbid, expires: 5s}
`;
  const scenario = scenarioOf(`
name: bans
alibaba: {access_key_id: the-id, access_key_secret: the-secret}
provider: {list: {delay: 2s, page_lag: 1s}}
domains:
  - name: play.example.com
    story: ${more}
`);
  await using simulator = await startSimulator({
    scenario,
    clock,
    startedAt: noon - 60 * 60 * second,
  });
  await using daemon = await start(simulator, clock, folder);

  let text = '';
  for (let n = 0; n < 6; n++) {
    await poll(daemon, clock);
    text = await daemon.scrape();
    await clock.advance(interval);
    const many = forbiddenIn(text).filter((line) => line.startsWith('many-'));
    if (n > 0) expect([many.length, many.filter((line) => line.endsWith(' 1')).length]).toEqual([2500, 2500]);
  }
  expect(text).not.toMatch(/livestream_api_request_failures_total\{.*\} [1-9]/);
  rmSync(folder, { recursive: true });
});

async function textOf({ app }: TestApp, path: string): Promise<string> {
  const [address] = app.addresses;
  return (await fetch(new URL(path, address?.url))).text();
}

async function statusOf(daemon: TestApp): Promise<unknown> {
  return JSON.parse(await textOf(daemon, 'api/v1/status'));
}
