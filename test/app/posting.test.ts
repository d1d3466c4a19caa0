import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { readYaml, round, startTestApp, type TestApp } from '../support/app.ts';
import { type FakeAlertmanager, startFakeAlertmanager } from '../support/fake-alertmanager.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { bothProvidersEnv, scenarioOf } from '../support/scenarios.ts';
import { waitFor } from '../support/wait-for.ts';

const scenario = scenarioOf(`
name: posting
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 1s}
streams:
  - {name: low, story: [{at: 30s, for: 2m, fps: 40%}]}
  - {name: frozen, story: [{at: 30s, for: 2m, fps: 0}]}
  - {name: ended, stop: 40s}
  - {name: calm}
alibaba: {access_key_id: the-id, access_key_secret: the-secret, security_token: the-token, delay: 1s}
domains:
  - name: play.example.com
    story: [{at: 30s, stream: guest, action: forbid}]
`);

interface ConfigParts {
  readonly endpoint: string;
  readonly urls: readonly string[];
  readonly streams?: readonly string[];
}

const allStreams = ['low', 'frozen', 'ended', 'calm'];

function configOf({ endpoint, urls, streams = allStreams }: ConfigParts): string {
  const lines = streams.map(
    (stream) =>
      `  - {account: t, stream: ${stream}, domain: push.example.com, app_name: live, labels: {team: a}, expect: {fps: 25, live: true}}`,
  );
  return `
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}}
  - {name: a, provider: alibaba, endpoint: "${new URL(endpoint).origin}", access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET, security_token_env: TOKEN, expected_delay: {control_history: 5s}}
streams:
${lines.join('\n')}
domains: [{account: a, domain: play.example.com, control_history: {interval: 5s}}]
alertmanager: {urls: [${urls.map((url) => `"${url}"`).join(', ')}]}
`;
}

const everything = [
  'LivestreamForbidden guest',
  'LivestreamPushFpsLow low',
  'LivestreamPushMissing ended',
  'LivestreamPushVideoStalled frozen',
];

/** Runs the daemons until the condition holds, in steps of five seconds. */
async function until(
  what: string,
  daemons: readonly TestApp[],
  clock: ManualClock,
  condition: () => boolean,
): Promise<void> {
  for (let rounds = 0; !condition(); rounds++) {
    if (rounds === 60) throw new Error(`no ${what} within five minutes`);
    if (daemons.length > 1) await together(daemons, clock);
    else for (const daemon of daemons) await round(daemon, clock);
  }
}

/** Completes the due runs of several daemons, and advances the clock by five seconds. */
async function together(daemons: readonly TestApp[], clock: ManualClock): Promise<void> {
  let isDone = false;
  const started = Promise.all(daemons.map(({ app }) => app.start(clock.now()))).finally(() => {
    isDone = true;
  });
  await waitFor('the runs', async () => {
    await clock.advance(50);
    return isDone ? true : undefined;
  });
  await started;
  await clock.advance(5000 - (clock.elapsed() % 5000));
}

test('posts four kinds of alerts to every Alertmanager, and resolves them', { timeout: 60_000 }, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  await using first = await startFakeAlertmanager();
  await using second = await startFakeAlertmanager();
  const yaml = configOf({ endpoint: simulator.endpoint, urls: [first.url, second.url] });
  const externalUrl = 'https://monitoring.example/live';
  await using daemon = await startTestApp(yaml, bothProvidersEnv, clock, { externalUrl });

  await until('alerts', [daemon], clock, () => first.firing(clock.now()).length === 4);
  expect(first.firing(clock.now())).toEqual(everything);
  await waitFor('the second Alertmanager', () =>
    second.firing(clock.now()).length === 4 ? true : undefined,
  );

  expect(new Set(second.alerts().map(({ startsAt, labels }) => `${startsAt} ${labels.stream}`))).toEqual(
    new Set(first.alerts().map(({ startsAt, labels }) => `${startsAt} ${labels.stream}`)),
  );
  expect(first.alerts('LivestreamPushFpsLow')[0]).toMatchObject({
    labels: {
      account: 't',
      alertname: 'LivestreamPushFpsLow',
      app_name: 'live',
      domain: 'push.example.com',
      provider: 'tencent',
      severity: 'warning',
      stream: 'low',
      team: 'a',
    },
    startsAt: expect.stringMatching(/^2026-03-01T12:00:3[0-5]/),
  });
  const source = first.alerts('LivestreamPushFpsLow')[0]?.generatorURL;
  const page = await fetch(`${daemon.app.addresses[0]?.url}${source?.replace(`${externalUrl}/`, '')}`);
  expect(await page.text()).toContain('<title>degraded: low ');
  // The provider told only an action on this stream, so it has no page.
  expect(first.alerts('LivestreamForbidden')[0]?.generatorURL).toBe(`${externalUrl}/#forbidden`);
  expect(first.alerts('LivestreamForbidden')[0]?.startsAt).toBe(new Date(noon + 30_000).toISOString());
  const text = await daemon.scrape();
  expect(text).toContain('livestream_alerts_active{alert="LivestreamPushFpsLow"} 1');

  await until('the end of the drop', [daemon], clock, () => first.firing(clock.now()).length === 2);
  expect(first.firing(clock.now())).toEqual(['LivestreamForbidden guest', 'LivestreamPushMissing ended']);
});

test('two exporters post identical alerts', { timeout: 60_000 }, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  await using first = await startFakeAlertmanager();
  await using second = await startFakeAlertmanager();
  const start = (alertmanager: FakeAlertmanager) =>
    startTestApp(
      configOf({ endpoint: simulator.endpoint, urls: [alertmanager.url] }),
      bothProvidersEnv,
      clock,
    );
  await using one = await start(first);
  await using other = await start(second);

  await until('alerts of both', [one, other], clock, () =>
    [first, second].every((alertmanager) => alertmanager.firing(clock.now()).length === 4),
  );

  const posted = (alertmanager: FakeAlertmanager) =>
    new Set(
      alertmanager
        .alerts()
        .map(({ labels, annotations, startsAt }) => JSON.stringify({ labels, annotations, startsAt })),
    );
  expect(posted(second)).toEqual(posted(first));
  expect(posted(first).size).toBe(4);
});

test('a restart resolves nothing, and posts the same alerts again', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'livestream-posting-'));
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  await using alertmanager = await startFakeAlertmanager();
  const yaml = configOf({ endpoint: simulator.endpoint, urls: [alertmanager.url] });
  {
    await using daemon = await startTestApp(yaml, bothProvidersEnv, clock, { folder });
    await until('alerts', [daemon], clock, () => alertmanager.firing(clock.now()).length === 4);
  }
  const before = alertmanager.alerts().map(({ labels, startsAt }) => JSON.stringify({ labels, startsAt }));
  alertmanager.posts.length = 0;
  await clock.advance(5000);

  await using again = await startTestApp(yaml, bothProvidersEnv, clock, { folder });
  // Before the first answer: the provider can be down at this moment.
  await waitFor('the alerts', () => (alertmanager.alerts().length === 4 ? true : undefined));
  for (let i = 0; i < 3; i++) await round(again, clock);

  expect(alertmanager.firing(clock.now())).toEqual(everything);
  const after = alertmanager.alerts().map(({ labels, startsAt }) => JSON.stringify({ labels, startsAt }));
  expect(new Set(after)).toEqual(new Set(before));
  expect(alertmanager.alerts().every(({ endsAt }) => Date.parse(endsAt) > clock.now())).toBe(true);
  rmSync(folder, { recursive: true });
});

test('resolves the alerts of a stream that leaves the config, and stops without URLs', {
  timeout: 60_000,
}, async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const { endpoint } = simulator;
  await using alertmanager = await startFakeAlertmanager();
  const urls = [alertmanager.url];
  let yaml = configOf({ endpoint, urls });
  await using daemon = await startTestApp(yaml, bothProvidersEnv, clock, {
    readConfig: () => readYaml(yaml, bothProvidersEnv),
  });
  await until('alerts', [daemon], clock, () => alertmanager.firing(clock.now()).length === 4);

  yaml = configOf({ endpoint, urls, streams: ['frozen', 'calm'] });
  expect(await daemon.app.reload()).toEqual([]);
  await waitFor('the resolved alerts', () =>
    alertmanager.firing(clock.now()).length === 2 ? true : undefined,
  );
  expect(alertmanager.firing(clock.now())).toEqual([
    'LivestreamForbidden guest',
    'LivestreamPushVideoStalled frozen',
  ]);

  yaml = configOf({ endpoint, urls: [], streams: ['frozen', 'calm'] });
  expect(await daemon.app.reload()).toEqual([]);
  const posts = alertmanager.posts.length;
  for (let i = 0; i < 15; i++) await round(daemon, clock);
  expect(alertmanager.posts).toHaveLength(posts);
  expect(await daemon.scrape()).not.toMatch(/^livestream_alert/m);

  yaml = configOf({ endpoint, urls, streams: ['frozen', 'calm'] });
  expect(await daemon.app.reload()).toEqual([]);
  await until('the alerts of now', [daemon], clock, () => alertmanager.posts.length > posts);
  expect(alertmanager.alerts().at(-1)?.labels.alertname).toMatch(/VideoStalled|Forbidden/);
});
