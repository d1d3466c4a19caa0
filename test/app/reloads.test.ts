import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createReloads, type LoadedConfig } from '../../src/app/reloads.ts';
import { createLog } from '../../src/log.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { StreamsView } from '../../src/status/streams-view.ts';
import { readYaml, startTestApp, type TestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { createHangingStorage } from '../support/storage.ts';

const scenario = scenarioOf(`
name: reloads
noise: 0%
account: {app_id: 1234, key: the-key}
provider: {delay: 0s}
streams: [{name: news, fps: 25, bitrate: 2Mbit}]
`);
const env = { STAT_KEY: 'the-key' };

test('removes the series of a removed account; if it returns, totals resume with a gap', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const both = config(simulator.endpoint, ['t', 'other']);
  let yaml = both;
  await using daemon = await startTestApp(yaml, env, clock, { readConfig: () => readYaml(yaml, env) });
  const run = async () => {
    await daemon.app.start(clock.now());
    await daemon.scrape();
    await clock.advance(5000);
    await daemon.app.start(clock.now());
  };
  await run();
  expect(await samplesOf(daemon)).toEqual(['other 15', 't 15']);

  yaml = config(simulator.endpoint, ['other']);
  expect(await daemon.app.reload()).toEqual([]);
  const without = await daemon.scrape();
  expect(without).not.toContain('account="t"');
  expect(without).toMatch(/^livestream_collector_targets\{account="other".*\} 1$/m);

  await clock.advance(600_000);
  yaml = both;
  expect(await daemon.app.reload()).toEqual([]);
  await run();
  // The other account missed nothing; this one was not polled in between, except for the lookback.
  expect(await samplesOf(daemon)).toEqual(['other 136', 't 30']);
  expect(await daemon.scrape()).toMatch(/^livestream_push_gap_seconds_total\{account="t".*\} 530$/m);
});

test('uses new credentials at once, without backoff, and keeps totals', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const yaml = config(simulator.endpoint, ['t']);
  let key = 'not-the-key';
  await using daemon = await startTestApp(yaml, { STAT_KEY: key }, clock, {
    readConfig: () => readYaml(yaml, { STAT_KEY: key }),
  });
  await daemon.app.start(clock.now());
  expect(await daemon.scrape()).toMatch(/^livestream_api_request_failures_total\{.*kind="auth"\} 1$/m);

  key = 'the-key';
  expect(await daemon.app.reload()).toEqual([]);
  await clock.advance(100);
  await daemon.app.start(clock.now());
  await daemon.scrape();
  await daemon.app.start(clock.now());

  expect(await samplesOf(daemon)).toEqual(['t 14']);
  expect(await daemon.scrape()).toMatch(/^livestream_api_request_failures_total\{.*kind="auth"\} 1$/m);
});

test('reports a config that cannot be applied, and applies the next one', async () => {
  const lines: string[] = [];
  const shown: boolean[] = [];
  const applied: LoadedConfig[] = [];
  const loaded = await readYaml(config('http://127.0.0.1:9/x', ['t']), env);
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  const { reload, state } = await createReloads({
    configFile: 'test.yaml',
    first: loaded,
    readConfig: async () => loaded,
    async apply(config) {
      applied.push(config);
      if (applied.length === 2) throw new Error('a bug');
    },
    setReload: (_, isSuccessful) => shown.push(isSuccessful),
    now: () => noon,
    log: createLog({ level: 'info', format: 'logfmt', write: (line) => lines.push(line), now: () => noon }),
  });

  expect(await reload()).toEqual([
    'internal error: the valid config could not be applied completely (see the exporter log)',
  ]);
  expect(state().isLastReloadSuccessful).toBe(false);
  expect(lines.join('')).toMatch(/level=error .*a bug/);
  expect(await reload()).toEqual([]);
  expect(shown).toEqual([true, false, true]);
});

test('reads the config once for all reloads that are requested before the read', async () => {
  const loaded = await readYaml(config('http://127.0.0.1:9/x', ['t']), env);
  if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
  let reads = 0;
  let applied = 0;
  const { reload } = await createReloads({
    configFile: 'test.yaml',
    first: loaded,
    async readConfig() {
      reads++;
      return loaded;
    },
    apply: async () => void applied++,
    setReload: () => undefined,
    now: () => noon,
    log: createLog({ level: 'info', format: 'logfmt', write: () => undefined, now: () => noon }),
  });

  const results = await Promise.all(Array.from({ length: 50 }, reload));
  expect([results.flat(), reads, applied]).toEqual([[], 1, 2]);

  await reload();
  expect([reads, applied]).toEqual([2, 3]);
});

test('logs position and text of each problem of a rejected config, and redacts secrets', async () => {
  const clock = createManualClock(noon);
  const yaml = config('http://127.0.0.1:9/common_access', ['t']);
  let next = yaml;
  await using daemon = await startTestApp(yaml, env, clock, { readConfig: () => readYaml(next, {}) });
  daemon.log.splice(0);

  next = `${yaml.replace('streams:', 'password: hunter2\nstreams:')}
  - {account: t, stream: s, "password=hunter2": x}
`;
  expect(await daemon.app.reload()).toEqual([
    'test.yaml:4:1: password: secrets are not allowed in this file; reference the secret with a key that ends in _env or _file',
    'test.yaml:8:29: streams.1.(key not shown): unknown key',
  ]);
  next = yaml;
  expect(await daemon.app.reload()).toEqual([
    'test.yaml:3:67: accounts.0.statcgi.key_env: not set (environment variable STAT_KEY)',
  ]);

  const problems = daemon.log.map((line) => line.slice(line.indexOf('file=')));
  expect(problems).toEqual([
    'file=test.yaml line=4 column=1 path=password problem="secrets are not allowed in this file; reference the secret with a key that ends in _env or _file"\n',
    'file=test.yaml line=8 column=29 path="streams.1.(key not shown)" problem="unknown key"\n',
    'file=test.yaml line=3 column=67 path=accounts.0.statcgi.key_env problem="not set (environment variable STAT_KEY)"\n',
  ]);
});

test('does not apply a config during shutdown', async () => {
  const clock = createManualClock(noon);
  const read = Promise.withResolvers<Awaited<ReturnType<typeof readYaml>>>();
  const endpoint = 'http://127.0.0.1:9/common_access';
  await using daemon = await startTestApp(config(endpoint, ['t']), env, clock, {
    readConfig: () => read.promise,
  });
  daemon.app.run();

  const reloading = daemon.app.reload();
  await daemon.app.stop();
  read.resolve(await readYaml(config(endpoint, ['t', 'other']), env));

  expect(await reloading).toEqual(['the exporter is stopping and does not reload the config']);
  await clock.advance(1000);
  expect(clock.sleepers()).toBe(0);
});

test('does not apply a config during shutdown if its totals were still being read', async () => {
  const clock = createManualClock(noon);
  const storage = createHangingStorage();
  const endpoint = 'http://127.0.0.1:9/common_access';
  const next = `${config(endpoint, ['t', 'other'])}alertmanager: {urls: ["http://127.0.0.1:9"]}\n`;
  const daemon = await startTestApp(config(endpoint, ['t']), env, clock, {
    readConfig: () => readYaml(next, env),
    createStorage: storage.create,
  });
  storage.hang();
  const reloading = daemon.app.reload();
  await sleep(20);
  const stopping = daemon.app.stop();
  await sleep(20);

  storage.resume();
  await stopping;

  expect(await reloading).toEqual(['the exporter is stopping and does not reload the config']);
  expect(daemon.log.join('')).not.toContain('config reloaded');
  await clock.advance(1000);
  expect(clock.sleepers()).toBe(0);
});

test('warns once about plain HTTP to another host, and not about loopback', async () => {
  const clock = createManualClock(noon);
  const warnings = async (endpoint: string) => {
    await using daemon = await startTestApp(config(endpoint, ['t']), env, clock);
    return daemon.log.filter((line) => line.includes('plain HTTP'));
  };

  expect(await warnings('http://127.0.0.1:9/common_access')).toEqual([]);
  expect(await warnings('https://statcgi.example.com/common_access')).toEqual([]);
  expect(await warnings('http://statcgi.example.com/common_access')).toEqual([
    'ts=2026-03-01T12:00:00.000Z level=warn msg="the endpoint uses plain HTTP: others on the network can read each ' +
      'request, and replay it until its signature expires; use HTTPS if the provider offers it" account=t host=statcgi.example.com\n',
  ]);
});

test('keeps the sources and connections of an account if new ones cannot be created', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const yaml = config(simulator.endpoint, ['t']);
  let key = 'the-key';
  const proxies: Record<string, string> = {};
  await using daemon = await startTestApp(yaml, env, clock, {
    env: proxies,
    readConfig: () => readYaml(yaml, { STAT_KEY: key }),
  });
  await daemon.app.start(clock.now());
  await daemon.scrape();

  breakSources(proxies);
  key = 'another-key';
  expect(await daemon.app.reload()).toHaveLength(1);
  expect(await daemon.scrape()).toMatch(/^livestream_exporter_config_last_reload_successful 0$/m);
  // Longer than the connections of calls that were replaced are kept.
  await clock.advance(60_000);
  await daemon.app.start(clock.now());

  expect(await samplesOf(daemon)).toEqual(['t 26']);
});

test('applies client_ip everywhere, even if an account cannot be updated', async () => {
  const clock = createManualClock(noon);
  await using simulator = await startSimulator({ scenario, clock });
  const accounts = config(simulator.endpoint, ['t', 'other']);
  let yaml = accounts;
  const proxies: Record<string, string> = {};
  await using daemon = await startTestApp(yaml, env, clock, {
    env: proxies,
    readConfig: () => readYaml(yaml, env),
  });
  const shown = async () => {
    await clock.advance(5000);
    await daemon.app.start(clock.now());
    return [await labelledAddresses(daemon), await addressesInApi(daemon)];
  };
  expect(await shown()).toEqual(Array(2).fill(['other 192.0.2.1', 't 192.0.2.1']));

  // Of these only the first one changes, which cannot be given new calls.
  yaml = `${accounts.replace('1234', '4321')}client_ip: {show: prefix}\n`;
  breakSources(proxies);
  expect(await daemon.app.reload()).toHaveLength(1);

  expect(await shown()).toEqual(Array(2).fill(['other 192.0.2.0/24', 't 192.0.2.0/24']));
});

/** Makes the creation of sources fail, as a bug would: it reads the proxy of an account. */
function breakSources(environment: Record<string, string>): void {
  Object.defineProperty(environment, 'HTTP_PROXY', {
    get() {
      throw new Error('a bug');
    },
  });
}

async function samplesOf(daemon: TestApp): Promise<string[]> {
  const lines = (await daemon.scrape()).matchAll(
    /^livestream_push_samples_total\{account="([^"]*)".*\} (.*)$/gm,
  );
  return [...lines].map(([, account, value]) => `${account} ${value}`).sort();
}

/** "account address" of each stream, as /metrics has it. */
async function labelledAddresses(daemon: TestApp): Promise<string[]> {
  const lines = (await daemon.scrape()).matchAll(
    /^livestream_push_fps\{account="([^"]*)".*,client_ip="([^"]*)"\} /gm,
  );
  return [...lines].map(([, account, address]) => `${account} ${address}`).sort();
}

/** The same from /api/v1/streams. */
async function addressesInApi({ app }: TestApp): Promise<string[]> {
  const [address] = app.addresses;
  const response = await fetch(new URL('api/v1/streams', address?.url));
  // What toStreamsView draws.
  const { streams } = (await response.json()) as StreamsView;
  return streams.map(({ account, client_ip }) => `${account} ${client_ip}`).sort();
}

function config(endpoint: string, accounts: readonly string[]): string {
  const account = (name: string) =>
    `  - {name: ${name}, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}}`;
  return `
accounts:
${accounts.map(account).join('\n')}
streams:
${accounts.map((name) => `  - {account: ${name}, stream: news}`).join('\n')}
`;
}
