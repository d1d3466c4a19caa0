import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { readYaml, startTestApp, type TestApp } from '../support/app.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { waitFor } from '../support/wait-for.ts';

const staying = 450;
const changing = 50;
const reloads = 10;

/** All streams start after the daemon and stop before the final check, so that their whole story is counted. */
const scenario = scenarioOf(`
name: reload
account: {app_id: 1234, key: the-key}
provider: {delay: 1s, doubled: {share: 10%}}
streams:
  - {name: "stays-{n}", count: ${staying}, start: 5s, stop: 40s}
  - {name: "changes-{n}", count: ${changing * (reloads + 1)}, start: 5s, stop: 40s}
`);
const env = { STAT_KEY: 'the-key' };

test('keeps unchanged streams without gaps or duplicates across reloads under load, and ignores an invalid config', {
  timeout: 120_000,
}, async () => {
  await using simulator = await startSimulator({ scenario, clock: systemClock });
  const { world, endpoint } = simulator;
  let yaml = config(endpoint, 0);
  await using daemon = await startTestApp(yaml, env, systemClock, { readConfig: () => readYaml(yaml, env) });
  const { app } = daemon;
  app.run();

  for (let reload = 1; reload <= reloads; reload++) {
    await sleep(3500);
    // One config is invalid: it has an unknown key and an unknown account.
    yaml = config(endpoint, reload) + (reload === 5 ? '  - {account: nobody, stream: s, strem: s}\n' : '');
    const { status, text } = await post(daemon, '-/reload');

    if (reload === 5) {
      expect(status).toBe(500);
      expect(text).toMatch(/^reload failed, the previous config stays active:\n/);
      expect(text).toMatch(/^test\.yaml:50\d:\d+: streams\.500\.strem: unknown key/m);
      expect(await exposedStreams(daemon, 'changes')).toEqual(new Set(namesOf(reload - 1)));
      expect(await daemon.scrape()).toMatch(/^livestream_exporter_config_last_reload_successful 0$/m);
    } else {
      expect([status, text]).toEqual([200, 'config reloaded\n']);
      expect(await exposedStreams(daemon, 'changes')).toEqual(new Set(namesOf(reload)));
    }
  }

  const until = world.startedAt + 42_000;
  const text = await waitFor('all to be counted', async () => {
    const scraped = await daemon.scrape();
    const watermarks = valuesOf(scraped, 'livestream_push_watermark_timestamp_seconds', 'stays');
    return watermarks.size === staying && Math.min(...watermarks.values()) * 1000 > until
      ? scraped
      : undefined;
  });
  const truth = world.streams
    .filter(({ name }) => name.startsWith('stays-'))
    .reduce((sum, { name }) => sum + world.truthOf(name, world.startedAt, until).samples, 0);
  const totals = async () => valuesOf(await daemon.scrape(), 'livestream_push_samples_total', 'stays');
  // Watermarks are exposed immediately, totals after they are saved. If they fall short, the comparison names the stream.
  await waitFor('the totals', async () => {
    const sum = (await totals()).values().reduce((some, samples) => some + samples, 0);
    return sum >= truth ? true : undefined;
  }).catch(() => undefined);
  // A flush later, nothing is counted twice.
  await sleep(1500);

  const counted = await totals();
  for (const [stream, samples] of counted) {
    expect([stream, samples]).toEqual([stream, world.truthOf(stream, world.startedAt, until).samples]);
  }
  expect(counted.size).toBe(staying);
  const gaps = valuesOf(text, 'livestream_push_gap_seconds_total', 'stays');
  expect([...gaps.values()].filter((seconds) => seconds !== 0)).toEqual([]);
  expect(text).toMatch(/^livestream_exporter_config_last_reload_successful 1$/m);
});

/** Each config changes the labels and limits of 25 streams and adds 25 others. */
function config(endpoint: string, version: number): string {
  const stays = Array.from({ length: staying }, (_, i) => i + 1).map((n) => {
    const isChanged = n % 18 === 0;
    return `  - {account: t, stream: stays-${n}${isChanged ? `, labels: {version: v${version}}, expect: {fps: ${20 + version}}` : ''}}`;
  });
  const changes = namesOf(version).map((name) => `  - {account: t, stream: ${name}}`);
  return `
accounts:
  - name: t
    provider: tencent
    statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}
    requests_per_second: {Get_LivePushStatHistory: 250}
streams:
${[...stays, ...changes].join('\n')}
`;
}

function namesOf(version: number): string[] {
  return Array.from({ length: changing }, (_, i) => `changes-${version * changing + i + 1}`);
}

async function exposedStreams(daemon: TestApp, prefix: string): Promise<ReadonlySet<string>> {
  return new Set(valuesOf(await daemon.scrape(), 'livestream_stream_info', prefix).keys());
}

/** Returns the values by stream, for names with this prefix. */
function valuesOf(text: string, metric: string, prefix: string): Map<string, number> {
  const lines = text.matchAll(new RegExp(`^${metric}\\{.*?stream="(${prefix}-\\d+)".*\\} (.*)$`, 'gm'));
  return new Map([...lines].map(([, stream = '', value]) => [stream, Number(value)]));
}

async function post({ app }: TestApp, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(new URL(path, app.addresses[0]?.url), { method: 'POST' });
  return { status: response.status, text: await response.text() };
}
