import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { type Daemon, startDaemon } from '../support/daemon.ts';
import { scenarioOf } from '../support/scenarios.ts';
import { waitFor } from '../support/wait-for.ts';

let directory: string;
const started: Daemon[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'livestream-daemon-'));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((daemon) => daemon.end('SIGKILL')));
  rmSync(directory, { recursive: true, force: true });
});

test('exits with 0 on SIGTERM, even while a provider hangs', async () => {
  const scenario = scenarioOf(
    '{name: hang, provider: {story: [{at: 0s, answer: hang}]}, streams: [{name: s}]}',
  );
  await using simulator = await startSimulator({ scenario, clock: systemClock });
  const daemon = start(simulator.endpoint);
  await daemon.url();
  await waitFor('a call that hangs', () => (Object.keys(simulator.requests()).length > 0 ? true : undefined));
  const before = performance.now();

  expect(await daemon.end('SIGTERM')).toBe(0);

  expect(performance.now() - before).toBeLessThan(10_000);
  expect(daemon.output()).toMatch(/msg=stopped\n$/);
});

test('exits with 2 and one clear line if the config is missing', async () => {
  const daemon = run(['--config.file=absent.yaml']);

  expect(await daemon.ended()).toBe(2);
  expect(daemon.output()).toBe(
    'absent.yaml: file not found; set --config.file=FILE, or run "livestream-exporter demo" (npm run demo), which needs no config\n',
  );
});

test('exits with 2 and one clear line if a secret is missing', async () => {
  const daemon = run(['--config.file', config('http://127.0.0.1:9/common_access')], {});

  expect(await daemon.ended()).toBe(2);
  expect(daemon.output()).toMatch(
    /^\S+config\.yaml:1:74: accounts\.0\.statcgi\.key_env: .*TEST_STAT_KEY.*\n$/,
  );
});

test('exits with 2, one clear line and a suggestion for an unknown flag', async () => {
  const daemon = run(['--config.fil=x']);

  expect(await daemon.ended()).toBe(2);
  expect(daemon.output()).toBe(
    'livestream-exporter: unknown flag --config.fil; did you mean "--config.file"?\nSee livestream-exporter --help.\n',
  );
});

test('exits with 1 and one clear line if the port is in use', async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : 0;

  const daemon = start('http://127.0.0.1:9/common_access', [`--web.listen-address=127.0.0.1:${port}`]);

  expect(await daemon.ended()).toBe(1);
  expect(daemon.output()).toBe(
    `livestream-exporter: cannot listen on 127.0.0.1:${port}: address already in use; ` +
      'stop the other process, or choose another address with --web.listen-address\n',
  );
  taken.close();
});

test('exits with 1 and one clear line that names the holder if the state is locked', async () => {
  const first = start('http://127.0.0.1:9/common_access');
  await first.url();

  const second = start('http://127.0.0.1:9/common_access');

  expect(await second.ended()).toBe(1);
  expect(second.output()).toMatch(
    new RegExp(
      `^livestream-exporter: the state in \\S+ is in use by process ${first.process.pid}, started \\S+; stop that process, .*\\n$`,
    ),
  );
});

test('takes over the state when the first daemon exits, with a lock timeout', async () => {
  const first = start('http://127.0.0.1:9/common_access');
  await first.url();
  const second = start('http://127.0.0.1:9/common_access', ['--storage.lock-timeout=30s']);

  expect(await first.end('SIGTERM')).toBe(0);

  expect(await second.url()).toMatch(/^http:/);
});

test('exits on SIGTERM while it waits for the state lock', async () => {
  const first = start('http://127.0.0.1:9/common_access');
  await first.url();
  const second = start('http://127.0.0.1:9/common_access', ['--storage.lock-timeout=10m']);
  await waitFor('the second daemon to wait', () =>
    /waiting for another process .* holder="process \d+, started/.test(second.output()) ? true : undefined,
  );

  expect(await second.end('SIGTERM')).toBe(0);
});

test('reloads the config on SIGHUP and keeps the old one if the new one is invalid', async () => {
  const daemon = start('http://127.0.0.1:9/common_access');
  const url = await daemon.url();
  const file = config('http://127.0.0.1:9/common_access');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('stream: s}]', 'stream: s}, {account: t, stream: s2}]'),
  );
  daemon.process.kill('SIGHUP');
  await waitFor('the new config', () =>
    /config reloaded.*streams=2/.test(daemon.output()) ? true : undefined,
  );

  writeFileSync(file, readFileSync(file, 'utf8').replace('stream: s2', 'strem: s2'));
  daemon.process.kill('SIGHUP');
  await waitFor('the rejected reload', () => (/not reloaded/.test(daemon.output()) ? true : undefined));

  expect(daemon.output()).toMatch(
    /level=error msg="config not reloaded" file=\S+config\.yaml line=2 column=49 path=streams\.1\.strem problem="unknown key; did you mean \\"stream\\"\?"/,
  );
  const text = await (await fetch(new URL('metrics', url))).text();
  expect(text).toMatch(/^livestream_exporter_config_last_reload_successful 0$/m);
  expect(text.match(/^livestream_stream_info\{/gm)).toHaveLength(2);
});

test('survives a SIGHUP while it waits for the state lock, and reloads once it serves', async () => {
  const first = start('http://127.0.0.1:9/common_access');
  await first.url();
  const second = start('http://127.0.0.1:9/common_access', ['--storage.lock-timeout=20s']);
  await waitFor('the second daemon to wait', () =>
    /waiting for another/.test(second.output()) ? true : undefined,
  );

  second.process.kill('SIGHUP');
  await first.end('SIGTERM');
  await second.url();

  await waitFor('the reload', () => (/config reloaded/.test(second.output()) ? true : undefined));
});

test('survives a SIGHUP while its code loads, and reloads once it serves', async () => {
  const hangUp = `import { registerHooks } from 'node:module';
    registerHooks({
      load(url, context, next) {
        if (url.endsWith('/commands/serve.ts')) process.kill(process.pid, 'SIGHUP');
        return next(url, context);
      },
    });`;
  const configFile = config('http://127.0.0.1:9/common_access');
  const daemon = run(['--config.file', configFile, '--web.listen-address=127.0.0.1:0'], {
    TEST_STAT_KEY: secret,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hangUp)}`,
  });

  await waitFor('the reload', () => (/config reloaded/.test(daemon.output()) ? true : undefined));
});

test('keeps serving metrics when the reader of the log has closed the pipe', async () => {
  const scenario = scenarioOf('{name: quiet, streams: [{name: s}]}');
  await using simulator = await startSimulator({ scenario, clock: systemClock });
  const daemon = start(simulator.endpoint);
  const url = await daemon.url();

  const reloadedAt = async () =>
    /^livestream_exporter_config_last_reload_success_timestamp_seconds (\S+)$/m.exec(
      await (await fetch(new URL('metrics', url))).text(),
    )?.[1];
  const before = await reloadedAt();

  daemon.process.stderr?.destroy();
  daemon.process.kill('SIGHUP');
  await waitFor('the reload', async () => (await reloadedAt()) !== before || undefined);

  expect(await daemon.end('SIGTERM')).toBe(0);
});

test('contains no secret in its output or its responses', async () => {
  const scenario = scenarioOf('{name: rejected, account: {key: another-key}, streams: [{name: s}]}');
  await using simulator = await startSimulator({ scenario, clock: systemClock });
  const daemon = start(simulator.endpoint, ['--log.level=debug']);
  const url = await daemon.url();
  await waitFor('a rejected request', () => (/kind=auth/.test(daemon.output()) ? true : undefined));

  const pages = await Promise.all(
    ['metrics', '', 'api/v1/status', 'api/v1/streams'].map(async (path) =>
      (await fetch(new URL(path, url))).text(),
    ),
  );

  for (const text of [daemon.output(), ...pages]) {
    expect(text).not.toContain(secret);
    expect(text).not.toMatch(/sign=/);
  }
  expect(pages[0]).toMatch(/livestream_api_request_failures_total\{.*kind="auth"\} [1-9]/);
});

test('exits if the state directory cannot be created, even if the system reports only a missing path', async () => {
  const daemon = run(['demo', '--web.listen-address=127.0.0.1:0', '--storage.path=/proc/none/data']);

  expect(await daemon.ended()).toBe(1);
  expect(daemon.output()).toMatch(
    /cannot store state in \/proc\/none\/data: .*; choose a writable directory/,
  );
});

test('serves every page that the demo prints, and exits when its terminal is closed', async () => {
  const daemon = run(['demo', '--web.listen-address=127.0.0.1:0']);
  const greeting = await waitFor('the greeting', () =>
    /Press Ctrl-C to stop/.test(daemon.output()) ? daemon.output() : undefined,
  );

  const pages = [...greeting.matchAll(/^ {2}(http\S+)/gm)].map(([, page]) => page ?? '');
  const answers = await Promise.all(pages.map((page) => fetch(page)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const links = [...((await answers[2]?.text()) ?? '').matchAll(/href="([^"]+)"/g)];
  const linked = await Promise.all(links.map(([, link]) => fetch(new URL(link ?? '', pages[2]))));
  expect(linked.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);

  expect(await daemon.end('SIGHUP')).toBe(0);
  expect(daemon.output()).toMatch(/msg=stopped\n$/);
});

const secret = 'a-secret-key';

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Daemon {
  const daemon = startDaemon(args, env, directory);
  started.push(daemon);
  return daemon;
}

function start(endpoint: string, args: readonly string[] = []): Daemon {
  const listen = args.some((arg) => arg.includes('listen')) ? [] : ['--web.listen-address=127.0.0.1:0'];
  return run([`--config.file=${config(endpoint)}`, ...listen, ...args], { TEST_STAT_KEY: secret });
}

function config(endpoint: string): string {
  const file = join(directory, 'config.yaml');
  writeFileSync(
    file,
    `accounts: [{name: t, provider: tencent, statcgi: {app_id: 1234, key_env: TEST_STAT_KEY, endpoint: "${endpoint}"}}]
streams: [{account: t, stream: s}]
`,
  );
  return file;
}
