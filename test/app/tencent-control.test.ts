import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { SECRET_ID: 'the-id', SECRET_KEY: 'the-key' };
const minute = 60_000;

let folder: string;
let clock: ManualClock;
let simulator: Simulator;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-control-'));
  clock = createManualClock(noon);
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

async function simulate(site: string, streams: string, provider = ''): Promise<void> {
  const scenario = scenarioOf(`
name: control
noise: 0%
account: {site: ${site}, secret_id: the-id, secret_key: the-key}
provider: {delay: 3s, time: iso, empty: list, ${provider}}
streams:
${streams}
`);
  simulator = await startSimulator({ scenario, clock });
}

function start(site: string, more = ''): Promise<TestApp> {
  const yaml = `
accounts:
  - {name: a, provider: tencent, api3: {site: ${site}, secret_id_env: SECRET_ID, secret_key_env: SECRET_KEY, endpoint: "${simulator.url}"}}
domains: [{account: a, domain: push.example.com, app_names: [live, show]}]
${more}`;
  return startTestApp(yaml, env, clock, { folder });
}

/** Each half minute: a poll, a scrape that receives new counters at 0, and a flush. */
async function pass(daemon: TestApp, minutes: number): Promise<void> {
  for (let n = 0; n < 2 * minutes; n++) {
    await poll(daemon);
    await daemon.scrape();
    await clock.advance(30_000);
  }
  await poll(daemon);
  await daemon.scrape();
  await poll(daemon);
}

/**
 * Completes the due runs. The requests of one run wait for tokens of the rate limiter, which uses the manual
 * clock.
 */
async function poll({ app }: TestApp): Promise<void> {
  let isDone = false;
  const started = app.start(clock.now()).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!isDone) await clock.advance(10);
  }
  await started;
}

/** Returns "stream action value", as far as the series has these labels, in order of the text. */
function linesOf(text: string, family: string): string[] {
  const lines = text.matchAll(new RegExp(`^livestream_${family}\\{(.*)\\} (.*)$`, 'gm'));
  return [...lines]
    .map(([, labels = '', value]) => {
      const label = (name: string) => new RegExp(`(?<![a-z_])${name}="([^"]*)"`).exec(labels)?.[1];
      return [label('stream'), label('action') ?? label('reason'), value]
        .filter((part) => part !== undefined)
        .join(' ');
    })
    .toSorted();
}

/** Returns "stream action number" of the actions that the site shows, from the start on. */
function truth(): string[] {
  return simulator.world
    .truthOfActions('push.example.com', noon, clock.now())
    .map(({ stream, action, actions }) => `${stream} ${action} ${actions}`)
    .toSorted();
}

const streams = `
  - {name: banned, story: [{at: 2m, for: 4m, cut: forbid}]}
  - {name: dropped, app_name: show, story: [{at: 2m, for: 10s, cut: drop}]}
  - {name: expired, story: [{at: 3m, for: 3m, cut: forbid, expires: true}]}
  - {name: idle, start: never, story: [{at: 3m, for: 4m, cut: forbid}]}
  - {name: odd, story: [{at: 2m, for: 1m, silent: true, stop_reason: "收到了禁播"}]}
  - {name: over, start: 0s, stop: 2m}
`;

test('counts bans, drops and resumes at the international site', async () => {
  await simulate('international', streams);
  await using daemon = await start('international');

  await pass(daemon, 5);
  expect(linesOf(await daemon.scrape(), 'control_forbidden')).toEqual(['banned 1', 'expired 1', 'idle 1']);
  await pass(daemon, 5);

  const text = await daemon.scrape();
  expect(linesOf(text, 'control_actions_total')).toEqual([
    'banned forbid 1',
    'banned resume 1',
    'dropped drop 1',
    'expired forbid 1',
    'idle forbid 1',
    'idle resume 1',
  ]);
  expect(linesOf(text, 'control_actions_total')).toEqual(truth());
  expect(linesOf(text, 'control_domain_actions_total')).toEqual([
    'drop 1',
    'forbid 3',
    'other 0',
    'resume 2',
  ]);
  expect(linesOf(text, 'control_forbidden')).toEqual(['banned 0', 'expired 0', 'idle 0']);
  expect(linesOf(text, 'control_last_action_timestamp_seconds')).toContain(
    `dropped drop ${(noon + 2 * minute) / 1000}`,
  );
  expect(text).not.toMatch(/livestream_api_request_failures_total\{.*\} [1-9]/);
  expect(text).toMatch(/livestream_collector_targets\{.*collector="forbidden_streams"\} 1/);
  expect(daemon.log.join('')).toContain('unknown StopReason');
});

test('counts bans and drops at the China site, and requests the states of streams', async () => {
  await simulate('china', streams);
  await using daemon = await start(
    'china',
    'streams: [{account: a, domain: push.example.com, app_name: live, stream: idle}]',
  );

  await pass(daemon, 5);
  expect(linesOf(await daemon.scrape(), 'control_forbidden')).toEqual(['banned 1', 'expired 1', 'idle 1']);
  await pass(daemon, 5);

  const text = await daemon.scrape();
  expect(linesOf(text, 'control_actions_total')).toEqual([
    'banned forbid 1',
    'dropped drop 1',
    'expired forbid 1',
  ]);
  expect(linesOf(text, 'control_actions_total')).toEqual(truth());
  expect(linesOf(text, 'control_forbidden')).toEqual(['banned 0', 'expired 0', 'idle 0']);
  // A site that does not offer the list is no failure. The log says it once.
  expect(text).not.toMatch(/livestream_api_request_failures_total\{.*\} [1-9]/);
  expect(text).toMatch(/livestream_collector_targets_failing\{.*collector="forbidden_streams"\} 0/);
  expect(
    daemon.log.filter((line) => line.includes('does not offer the list of forbidden streams')),
  ).toHaveLength(1);
  expect(simulator.requests().DescribeLiveForbidStreamList?.calls).toBe(1);
});

test('shows the last end of each watched stream with its reason', async () => {
  await simulate('china', streams);
  await using daemon = await start(
    'china',
    `streams:
  - {account: a, domain: push.example.com, stream: over}
  - {account: a, domain: push.example.com, app_name: live, stream: banned}
  - {account: a, domain: push.example.com, app_name: show, stream: dropped}
  - {account: a, domain: push.example.com, app_name: live, stream: odd}
  - {account: a, domain: push.example.com, app_name: live, stream: idle}`,
  );

  await pass(daemon, 4);

  const at = (noon + 2 * minute) / 1000;
  expect(linesOf(await daemon.scrape(), 'push_last_end_timestamp_seconds')).toEqual([
    `banned forbidden ${at}`,
    `dropped forbidden ${at}`,
    `odd unknown ${at}`,
    `over normal ${at}`,
  ]);
});

/** Many ends and bans, repeatedly, and lists that shift and are late. */
const busy = `
  - {name: "kick-{n}", count: 150, story: [{at: 50s, for: 20s, cut: drop}, {at: 190s, for: 30s, cut: drop}]}
  - {name: "ban-{n}", count: 120, story: [{at: 70s, for: 150s, cut: forbid}, {at: 400s, for: 150s, cut: forbid}]}
  - {name: "expire-{n}", count: 5, story: [{at: 100s, for: 200s, cut: forbid, expires: true}]}
  - {name: "flap-{n}", count: 40, story: [{at: 30s, for: 8m, flapping: {up: 25s, down: 5s}}]}
`;

test.each(['china', 'international'])(
  'counts each action once at the site %s, over restarts, with late and shifted pages',
  async (site) => {
    await simulate(site, busy, 'events: {delay: 20s, late: {share: 30%, by: 4m}, page_lag: 3s}');
    let text = '';
    for (const minutes of [1.5, 1, 0, 2.5, 4, 12]) {
      await using daemon = await start(site);
      await pass(daemon, minutes);
      text = await daemon.scrape();
    }

    const expected = truth();
    expect(expected.length).toBeGreaterThan(250);
    expect(linesOf(text, 'control_actions_total')).toEqual(expected);
    expect(linesOf(text, 'control_forbidden').filter((line) => !line.endsWith(' 0'))).toEqual([]);
    expect(text).not.toMatch(/livestream_api_request_failures_total\{.*\} [1-9]/);
  },
);
