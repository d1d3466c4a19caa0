import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import type { StreamsView } from '../../src/status/streams-view.ts';
import type { StatusView } from '../../src/status/view.ts';
import { readYaml, round, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';

const env = { KEY_ID: 'the-id', KEY_SECRET: 'the-secret' };

const story = `
name: control
alibaba: {access_key_id: the-id, access_key_secret: the-secret, delay: 5s}
domains:
  - name: play.example.com
    app_names: [live]
    story:
      - {at: 10s, stream: news, action: forbid, client_ip: 203.0.113.5, times: 2}
      - {at: 20s, stream: news, action: resume}
`;

const expectedActions = [
  ['2026-03-01T12:00:20.000Z', 'resume'],
  ['2026-03-01T12:00:10.000Z', 'forbid'],
  ['2026-03-01T12:00:10.000Z', 'forbid'],
];

test('lists the last control actions, also after a restart, without addresses', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-status-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: scenarioOf(story), clock });
  const start = () => startTestApp(config(simulator.alibabaEndpoint), env, clock, { folder });
  {
    await using first = await start();
    expect(await statusOf(first)).toMatchObject({
      domains: [{ domain: 'play.example.com', app_name: '', watermark_at: null, known_from_at: null }],
      control_actions: [],
    });

    await clock.advance(40_000);
    await first.app.start(clock.now());
    const status = await statusOf(first);

    expect(actionsOf(status)).toEqual(expectedActions);
    expect(status.domains).toMatchObject([
      { account: 'a', watermark_at: '2026-03-01T12:00:40.000Z', gap_seconds: 0, last_failure: null },
    ]);
    expect(JSON.stringify(status)).not.toContain('203.0.113.5');
  }

  await using second = await start();

  expect(actionsOf(await statusOf(second))).toEqual(expectedActions);
});

test('shows the last failure of a domain until a run succeeds or the domain is removed', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario: scenarioOf(story), clock });
  let yaml = config(simulator.alibabaEndpoint, 'KEY_ID');
  await using daemon = await startTestApp(yaml, { ...env }, clock, {
    readConfig: () => readYaml(yaml, env),
  });

  await daemon.app.start(clock.now());
  const [failing] = (await statusOf(daemon)).domains;

  expect(failing).toMatchObject({ watermark_at: null, last_failure: { kind: 'auth' } });
  expect(failing?.last_failure?.at).toBe('2026-03-01T12:00:00.000Z');

  yaml = config(simulator.alibabaEndpoint);
  expect(await daemon.app.reload()).toEqual([]);
  await clock.advance(120_000);
  await daemon.app.start(clock.now());

  expect((await statusOf(daemon)).domains).toMatchObject([{ last_failure: null }]);

  yaml = config(simulator.alibabaEndpoint).replace(/^domains:.*$/m, 'domains: []');
  expect(await daemon.app.reload()).toEqual([]);

  expect(await statusOf(daemon)).toMatchObject({ domains: [], control_actions: [] });
});

async function statusOf({ app }: TestApp): Promise<StatusView> {
  const response = await fetch(new URL('api/v1/status', app.addresses[0]?.url));
  // It is what toStatusView made.
  return (await response.json()) as StatusView;
}

function actionsOf({ control_actions }: StatusView) {
  return control_actions.map(({ at, action }) => [at, action]);
}

function config(endpoint: string, secretEnv = 'KEY_SECRET'): string {
  return `
accounts:
  - {name: a, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: ${secretEnv}, endpoint: "${endpoint}"}
domains: [{account: a, domain: play.example.com}]
`;
}

test('still shows the time in which a stream was missing when it is no longer expected', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({
    scenario: scenarioOf(
      '{name: night, account: {app_id: 1, key: the-secret}, streams: [{name: news, fps: 25, bitrate: 2Mbit}]}',
    ),
    clock,
  });
  await using daemon = await startTestApp(
    `
accounts: [{name: t, provider: tencent, statcgi: {app_id: 1, key_env: KEY_SECRET, endpoint: "${simulator.endpoint}"}}]
streams: [{account: t, stream: night, expect: {live: [{days: mon-sun, from: "11:00", to: "12:02", time_zone: UTC}]}}]
`,
    env,
    clock,
  );
  const show = async () => {
    const response = await fetch(new URL('api/v1/streams', daemon.app.addresses[0]?.url));
    const { streams } = (await response.json()) as StreamsView;
    return streams.map(({ state, troubles }) => [state, troubles.map(({ to_at: to, kinds }) => [to, kinds])]);
  };

  for (let i = 0; i < 20; i++) await round(daemon, clock);
  expect(await show()).toEqual([['missing', []]]);
  for (let i = 0; i < 10; i++) await round(daemon, clock);
  expect(await show()).toEqual([['not_pushed', [['2026-03-01T12:02:00.000Z', ['missing']]]]]);
  expect((await statusOf(daemon)).recovered).toBe(1);
});
