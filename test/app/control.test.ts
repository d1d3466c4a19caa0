import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { readYaml, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { KEY_ID: 'the-id', KEY_SECRET: 'the-secret', TOKEN: 'a/to+ken==' };

const story = `
name: control
alibaba:
  access_key_id: the-id
  access_key_secret: the-secret
  security_token: "a/to+ken=="
  delay: 5s
domains:
  - name: play.example.com
    app_names: [live]
    story:
      - {at: 10s, stream: news, action: forbid, client_ip: 203.0.113.5, times: 2}
      - {at: 20s, stream: news, action: resume}
      # Told an hour and a half later: only a sweep finds it.
      - {at: 30s, stream: sport, action: forbid, late: 90m}
`;

for (const [signature, format] of [
  ['v3', 'json'],
  ['v3', 'xml'],
  ['v1', 'json'],
  ['v1', 'xml'],
]) {
  test(`requests actions with signature ${signature} in ${format}, and counts each once`, async () => {
    const clock = createManualClock(noon);
    await using simulator = await startSimulator({ scenario: scenarioOf(story), clock });
    const yaml = config(simulator.alibabaEndpoint, `signature: ${signature}, format: ${format}`);
    await using daemon = await startTestApp(yaml, env, clock);

    await rounds(daemon, clock, 3);
    const text = await daemon.scrape();

    expect(linesOf(text, 'control_actions_total')).toEqual(['news forbid 2', 'news resume 1']);
    expect(linesOf(text, 'control_domain_actions_total')).toEqual(['forbid 2', 'resume 1', 'other 0']);
    // The list of forbidden streams shows the ban whose record is late.
    expect(linesOf(text, 'control_forbidden')).toEqual(['news 0', 'sport 1']);
    expect(linesOf(text, 'control_last_action_timestamp_seconds')).toEqual([
      `news forbid ${noon / 1000 + 10}`,
      `news resume ${noon / 1000 + 20}`,
    ]);
    expect(text).not.toMatch(/livestream_api_request_failures_total\{.*\} [1-9]/);
  });
}

test('finds an action that appears after the lookback in the hourly rescan', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: scenarioOf(story), clock });
  await using daemon = await startTestApp(config(simulator.alibabaEndpoint), env, clock);
  await rounds(daemon, clock, 3);
  await clock.advance(80 * 60_000);
  await rounds(daemon, clock, 3);
  const actions = (text: string) => linesOf(text, 'control_domain_actions_total');
  expect(actions(await daemon.scrape())).toEqual(['forbid 2', 'resume 1', 'other 0']);

  await clock.advance(60 * 60_000);
  await rounds(daemon, clock, 3);

  const text = await daemon.scrape();
  expect(linesOf(text, 'control_forbidden')).toEqual(['news 0', 'sport 1']);
  expect(actions(text)).toEqual(['forbid 3', 'resume 1', 'other 0']);
});

test('counts actions of the downtime once after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-control-'));
  const clock = createManualClock(noon);
  const longer = `${story}      - {at: 5m, stream: news, action: forbid}\n`;
  await using simulator = await startSimulator({ scenario: scenarioOf(longer), clock });
  const start = () => startTestApp(config(simulator.alibabaEndpoint), env, clock, { folder });
  const watermark = /^livestream_control_watermark_timestamp_seconds\{.*$/m;
  let before: string | undefined;
  {
    await using first = await start();
    expect(await first.scrape()).not.toMatch(watermark);
    await rounds(first, clock, 3);
    before = watermark.exec(await first.scrape())?.[0];
    expect(before).toBeDefined();
    expect(linesOf(await first.scrape(), 'control_domain_actions_total')).toEqual([
      'forbid 2',
      'resume 1',
      'other 0',
    ]);
  }
  await clock.advance(10 * 60_000);

  await using second = await start();
  const restored = await second.scrape();
  await rounds(second, clock, 1);

  expect(linesOf(restored, 'control_actions_total')).toEqual(['news forbid 2', 'news resume 1']);
  expect(watermark.exec(restored)?.[0]).toBe(before);
  expect(linesOf(await second.scrape(), 'control_actions_total')).toEqual(['news forbid 3', 'news resume 1']);
  rmSync(folder, { recursive: true });
});

const twoApps = (spelling: string) => `
name: two-apps
alibaba: {access_key_id: the-id, access_key_secret: the-secret, security_token: "a/to+ken==", delay: 20s, stream_name: ${spelling}}
domains:
  - name: play.example.com
    app_names: [live, other]
    story:
      - {at: 10s, stream: news, app_name: live, action: forbid, times: 2}
      - {at: 20s, stream: sport, app_name: other, action: forbid, times: 5}
      # Visible only after the config names another application.
      - {at: 80s, stream: news, app_name: live, action: resume}
`;

/** From which application to which, and what the domain has counted before, then, and when all of it was swept through. */
for (const [spelling, from, to, before, after] of [
  ['bare', '', ', app_name: live', 'forbid 7', 'forbid 7'],
  ['full', '', ', app_name: live', 'forbid 7', 'forbid 7'],
  ['bare', ', app_name: live', '', 'forbid 2', 'forbid 7'],
  ['full', ', app_name: live', '', 'forbid 2', 'forbid 7'],
  ['bare', ', app_name: live', ', app_name: other', 'forbid 2', 'forbid 7'],
] as const) {
  for (const how of ['a reload', 'a restart']) {
    test(`${how} from "${from}" to "${to}" counts no action twice with ${spelling} names`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'livestream-control-'));
      const clock = createManualClock(noon);
      await using simulator = await startSimulator({ scenario: scenarioOf(twoApps(spelling)), clock });
      let scope: string = from;
      const yaml = () => config(simulator.alibabaEndpoint, 'signature: v3', scope);
      const start = () =>
        startTestApp(yaml(), env, clock, { folder, readConfig: () => readYaml(yaml(), env) });
      await using daemons = new AsyncDisposableStack();
      const first = daemons.use(await start());
      await rounds(first, clock, 3);
      expect(linesOf(await first.scrape(), 'control_domain_actions_total')).toEqual([
        before,
        'resume 0',
        'other 0',
      ]);

      scope = to;
      if (how === 'a reload') expect(await first.app.reload()).toEqual([]);
      else await first.app.stop();
      const second = how === 'a reload' ? first : daemons.use(await start());
      await rounds(second, clock, 3);
      await clock.advance(61 * 60_000);
      await rounds(second, clock, 3);

      const resumes = to === ', app_name: other' ? 'resume 0' : 'resume 1';
      expect(linesOf(await second.scrape(), 'control_domain_actions_total')).toEqual([
        after,
        resumes,
        'other 0',
      ]);
      rmSync(folder, { recursive: true });
    });
  }
}

test('does not count old actions of a newly configured application', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: scenarioOf(twoApps('full')), clock });
  let scope = ', app_name: live';
  const yaml = () => config(simulator.alibabaEndpoint, 'signature: v3', scope);
  await using daemon = await startTestApp(yaml(), env, clock, { readConfig: () => readYaml(yaml(), env) });
  await rounds(daemon, clock, 3);
  await clock.advance(5 * 3_600_000);
  await rounds(daemon, clock, 1);

  scope = '';
  expect(await daemon.app.reload()).toEqual([]);
  await clock.advance(61 * 60_000);
  await rounds(daemon, clock, 3);

  const text = await daemon.scrape();
  expect(linesOf(text, 'control_domain_actions_total')).toEqual(['forbid 2', 'resume 1', 'other 0']);
  // The state is that of now, so it contains the old ban.
  expect(linesOf(text, 'control_forbidden')).toEqual(['news 0', 'sport 1']);
});

test('sends no request and reports no success while the clock is set back', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: scenarioOf(story), clock });
  await using daemon = await startTestApp(config(simulator.alibabaEndpoint), env, clock);
  await daemon.app.start(clock.now());
  const scope = /^livestream_api_requests_total\{.*\} (\d+)$/m;
  const success = /^livestream_collector_last_success_timestamp_seconds\{.*\} (.+)$/m;
  const before = await daemon.scrape();

  clock.setNow(noon - 86_400_000);
  await clock.advance(30_000);
  await daemon.app.start(clock.now());

  const after = await daemon.scrape();
  expect(scope.exec(after)?.[1]).toBe('1');
  expect(success.exec(after)?.[1]).toBe(success.exec(before)?.[1]);
  expect(success.exec(before)?.[1]).toBe(String(noon / 1000));
});

test('reports a wrong secret as an auth failure without the secret', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: scenarioOf(story), clock });
  const wrong = { ...env, KEY_SECRET: 'not-the-secret' };
  await using daemon = await startTestApp(config(simulator.alibabaEndpoint), wrong, clock);

  await rounds(daemon, clock, 1);

  expect(await daemon.scrape()).toMatch(/livestream_api_request_failures_total\{.*kind="auth"\} [1-9]/);
  expect(daemon.log.join('')).toMatch(/kind=auth/);
  expect(daemon.log.join('')).not.toMatch(/not-the-secret|a\/to\+ken/);
});

/** Each half minute: a poll of the domain, a scrape that receives new counters at 0, and a flush. */
async function rounds({ app, scrape }: TestApp, clock: ManualClock, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await app.start(clock.now());
    await scrape();
    await clock.advance(30_000);
  }
  await app.start(clock.now());
  await scrape();
  await app.start(clock.now());
}

/** "stream action value", as far as the series has these labels. */
function linesOf(text: string, family: string): string[] {
  const lines = text.matchAll(new RegExp(`^livestream_${family}\\{(.*)\\} (.*)$`, 'gm'));
  return [...lines].map(([, labels = '', value]) => {
    const label = (name: string) => new RegExp(`(?<![a-z_])${name}="([^"]*)"`).exec(labels)?.[1];
    return [label('stream'), label('action'), value].filter((part) => part !== undefined).join(' ');
  });
}

function config(endpoint: string, more = 'signature: v3', scope = ''): string {
  return `
accounts:
  - {name: a, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET, security_token_env: TOKEN, endpoint: "${endpoint}", ${more}}
domains: [{account: a, domain: play.example.com${scope}}]
`;
}
