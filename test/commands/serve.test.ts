import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseInvocation } from '../../src/commands/flags.ts';
import type { Runtime } from '../../src/commands/runtime.ts';
import { runApp, runServe, withSecrets } from '../../src/commands/serve.ts';
import { loadConfig } from '../../src/config/load.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';
import { startTestApp } from '../support/app.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { scenarioOf } from '../support/scenarios.ts';

const noon = Date.parse('2026-03-01T12:00:00Z');
const env = { STAT_KEY: 'the-key', HTTPS_PROXY: 'socks5://me:hush@proxy.example:1080' };

const tlsFile = (name: string) => join(import.meta.dirname, '../fixtures/tls', name);

const runtime: Runtime = {
  out: () => {},
  err: () => {},
  env: {},
  clock: createManualClock(noon),
  random: () => 0,
  nonce: () => 'nonce',
  version: '0.0.0-test',
  nodeVersion: 'v24.0.0',
  pid: 1,
  sizeHeap: () => {},
  onHangup: () => {},
  signal: new AbortController().signal,
};

function config(endpoint: string): string {
  return `
accounts:
  - {name: t, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${endpoint}"}}
streams:
  - {account: t, stream: news}
`;
}

const load = (endpoint: string) => withSecrets(loadConfig(config(endpoint), 'test.yaml'), env);

test('reports an unusable proxy as a problem of the config, without its URL', async () => {
  const loaded = await load('https://statcgi.example.com/');

  expect('problems' in loaded && toDiagnosticLines('test.yaml', loaded.problems)).toEqual([
    'test.yaml: accounts.0.proxy_url_env: not an http or https URL: SOCKS proxies are not supported, use an HTTP proxy (environment variable HTTPS_PROXY)',
  ]);
});

test('reports what the credentials of a role lack as a problem of the config', async () => {
  const yaml = 'accounts: [{name: a, provider: alibaba, credentials: {from: uri}}]';

  const loaded = await withSecrets(loadConfig(yaml, 'test.yaml'), {});

  expect('problems' in loaded && toDiagnosticLines('test.yaml', loaded.problems)).toEqual([
    'test.yaml: accounts.0.credentials.from: not set (environment variable ALIBABA_CLOUD_CREDENTIALS_URI)',
  ]);
});

test('accepts an unusable proxy that no endpoint needs', async () => {
  expect(await load('http://statcgi.example.com/')).toHaveProperty('config');
});

test('keeps the old config active if a reload needs an unusable proxy', async () => {
  const clock = createManualClock(noon);
  const scenario = scenarioOf(`
name: proxy
account: {app_id: 1234, key: the-key}
streams: [{name: news}]
`);
  await using simulator = await startSimulator({ scenario, clock });
  let endpoint = simulator.endpoint;
  await using daemon = await startTestApp(config(endpoint), env, clock, {
    env,
    readConfig: () => load(endpoint),
  });

  endpoint = 'https://statcgi.example.com/';
  const problems = await daemon.app.reload();
  await daemon.app.start(clock.now());

  expect(problems).toEqual([expect.stringContaining('SOCKS proxies are not supported')]);
  expect(await daemon.scrape()).toMatch(/^livestream_exporter_config_last_reload_successful 0$/m);
  expect(await daemon.scrape()).toMatch(/^livestream_push_up\{.*\} 1$/m);
  expect(daemon.log.join('')).not.toMatch(/hush|bug/);
});

/** Starts the daemon with flags with which it does not start. Returns the exit code and the log. */
async function failingStart(args: readonly string[], env: Runtime['env'] = {}) {
  const loaded = await load('http://statcgi.example.com/');
  const invocation = parseInvocation(args);
  if (!('config' in loaded) || invocation.command !== 'serve') throw new Error('unusable');
  let err = '';
  const code = await runApp(
    { ...loaded, configFile: 'test.yaml', readConfig: async () => loaded },
    invocation.flags,
    {
      ...runtime,
      env: { ...runtime.env, ...env },
      err: (text) => {
        err += text;
      },
    },
  );
  return { code, err };
}

test('warns of sockets of systemd that it does not use', async () => {
  // The web config does not exist, so that the start ends.
  const { code, err } = await failingStart(
    ['--web.config.file=/none/web.yml', '--web.listen-address=127.0.0.1:0'],
    { LISTEN_FDS: '1', LISTEN_PID: String(runtime.pid) },
  );

  expect(code).toBe(2);
  expect(err).toMatch(/level=warn msg="systemd has passed sockets, but .* add --web\.systemd-socket"/);
});

test.each([
  ['basic_auth_users: {}', 'users=0', true],
  [
    'basic_auth_users: {alice: $2b$04$78i.BSYL0DyTfFuT5SXteO0kNQhM1/74LMRlnOd4VBJ8627LyG4Py}',
    'users=1',
    false,
  ],
  [
    `tls_server_config: {cert_file: ${tlsFile('cert.pem')}, key_file: ${tlsFile('key.pem')}}`,
    'client_certificate=NoClientCert users=0',
    false,
  ],
])('says what the web config %s protects', async (text, users, isWarned) => {
  const directory = mkdtempSync(join(tmpdir(), 'serve-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const web = join(directory, 'web.yml');
  writeFileSync(web, text, { mode: 0o600 });
  // There is no such storage, so that the start ends.
  const { code, err } = await failingStart([`--web.config.file=${web}`, '--storage.path=/proc/none/data']);

  expect(code).toBe(1);
  expect(err).toMatch(new RegExp(`level=info msg="web config loaded" file=\\S+web\\.yml ${users}\n`));
  expect(/level=warn msg="the web config has neither TLS nor users/.test(err)).toBe(isWarned);
});

test('handles SIGHUP before it reads the config, which can take seconds', async () => {
  const steps: string[] = [];
  const flags = parseInvocation(['--config.file=/none/live.yaml']);
  if (flags.command !== 'serve') throw new Error('not serve');

  const code = await runServe(flags, {
    ...runtime,
    err: () => steps.push('the config is missing'),
    onHangup: () => steps.push('SIGHUP is handled'),
  });

  expect(code).toBe(2);
  expect(steps).toEqual(['SIGHUP is handled', 'the config is missing']);
});
