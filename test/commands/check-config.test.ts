import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkConfig } from '../../src/commands/check-config.ts';
import { modeOpenToOthers } from '../../src/text/text-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'check-config-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function check(yaml: string, env: Readonly<Record<string, string>> = { STAT_KEY: 'hunter2' }) {
  const file = join(directory, 'test.yaml');
  writeFileSync(file, yaml);
  let out = '';
  let err = '';
  const code = await checkConfig(
    { configFile: file, webConfigFile: undefined },
    {
      env,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
  );
  return { code, out: out.replaceAll(file, 'FILE'), err: err.replaceAll(file, 'FILE') };
}

const account = (name: string, budget = 20) => `
  - name: ${name}
    provider: tencent
    statcgi: {app_id: 1, key_env: STAT_KEY}
    requests_per_second: {Get_LivePushStatHistory: ${budget}}
`;

test('summarizes a valid config in one line', async () => {
  const checked = await check(`accounts:${account('a')}${account('b')}
streams:
  - {account: a, stream: s1}
  - {account: a, stream: s2}
  - {account: b, stream: s1}
`);

  expect(checked).toEqual({
    code: 0,
    out: 'FILE: valid: 2 accounts, 3 streams, 0 domains\n',
    err: '',
  });
});

test('accepts a budget that is too small and prints the effect on the interval', async () => {
  const checked = await check(`accounts:${account('a', 0.1)}
streams:
  - {account: a, stream: s1}
  - {account: a, stream: s2}
`);

  expect(checked.code).toBe(0);
  expect(checked.out).toBe(
    'FILE: valid: 1 account, 2 streams, 0 domains\nFILE: account a: the intervals require 0.4 requests/s of Get_LivePushStatHistory, but its budget of 0.1 allows only 0.09 (requests are spaced 10 % wider), so they become about 4.4 times as long; see the command plan\n',
  );
});

test('counts the domains of a valid config', async () => {
  const checked = await check(
    `accounts:${account('a')}
  - {name: b, provider: alibaba, access_key_id_env: STAT_KEY, access_key_secret_env: STAT_KEY, security_token_env: TOKEN}
streams:
  - {account: a, stream: s1}
domains:
  - {account: b, domain: one.example.com, control_history: {interval: 5s}}
  - {account: b, domain: two.example.com, control_history: {interval: 10s}}
`,
  );

  expect(checked).toEqual({
    code: 0,
    out: 'FILE: valid: 2 accounts, 1 stream, 2 domains\n',
    err: '',
  });
});

test('accepts a config without targets', async () => {
  expect(await check(`accounts:${account('a')}`)).toEqual({
    code: 0,
    out: 'FILE: valid: 1 account, 0 streams, 0 domains\n',
    err: '',
  });
});

test('only warns about a missing secret, because it can exist where the daemon runs', async () => {
  const checked = await check(`accounts:${account('a')}`, {});

  expect(checked.code).toBe(0);
  expect(checked.err).toBe(
    'FILE:4:35: accounts.0.statcgi.key_env: warning: not set (environment variable STAT_KEY)\n',
  );
});

test('warns about a secret file that other users can read', async () => {
  const key = join(directory, 'key');
  writeFileSync(key, 'hunter2');
  chmodSync(key, 0o644);
  const yaml = `accounts:${account('a')}`.replace('key_env: STAT_KEY', `key_file: ${key}`);

  const { code, err } = await check(yaml);
  chmodSync(key, 0o600);

  expect(code).toBe(0);
  // A directory in memory does not count.
  expect(err).toMatch(
    /^(FILE:4:36: accounts.0.statcgi.key_file: warning: other users [^\n]+ mode 0644\); run chmod 600\n)?$/,
  );
  expect((await check(yaml)).err).toBe('');
});

test('prints missing secrets and errors in file order', async () => {
  const checked = await check(`accounts:${account('a')}stream: []\n`, {});

  expect(checked.code).toBe(2);
  expect(
    checked.err,
  ).toBe(`FILE:4:35: accounts.0.statcgi.key_env: warning: not set (environment variable STAT_KEY)
FILE:6:1: stream: unknown key; did you mean "streams"?
`);
});

test('prints all problems of an invalid config and nothing on standard output', async () => {
  const checked = await check('accounts: []\nstream: []\n');

  expect(checked).toEqual({
    code: 2,
    out: '',
    err: `FILE:1:11: accounts: expected at least one item
FILE:2:1: stream: unknown key; did you mean "streams"?
`,
  });
});

test('only warns about an unusable proxy of the environment, because the daemon can have another one', async () => {
  const checked = await check(`accounts:${account('a')}`, {
    STAT_KEY: 'hunter2',
    HTTP_PROXY: 'socks5://me:hush@proxy.example:1080',
  });

  expect(checked.code).toBe(0);
  expect(checked.err).toBe(
    'FILE: accounts.0.proxy_url_env: warning: not an http or https URL: SOCKS proxies are not supported, use an HTTP proxy (environment variable HTTP_PROXY)\n',
  );
});

test('warns about what the credentials of a role require', async () => {
  const checked = await check('accounts: [{name: a, provider: alibaba, credentials: {from: uri}}]\n');

  expect(checked.code).toBe(0);
  expect(checked.err).toBe(
    'FILE: accounts.0.credentials.from: warning: not set (environment variable ALIBABA_CLOUD_CREDENTIALS_URI)\n',
  );
});

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'web');
/** bcrypt hash of `wonderland`, with the lowest cost. */
const hash = '$2b$04$78i.BSYL0DyTfFuT5SXteO0kNQhM1/74LMRlnOd4VBJ8627LyG4Py';

async function checkWeb(text: string, configFile?: string) {
  const webConfigFile = join(directory, 'web.yml');
  writeFileSync(webConfigFile, text);
  copyFileSync(join(fixtures, 'server.pem'), join(directory, 'server.pem'));
  copyFileSync(join(fixtures, 'server.key.pem'), join(directory, 'server.key.pem'));
  for (const file of ['web.yml', 'server.key.pem']) chmodSync(join(directory, file), 0o600);
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line.replaceAll(directory, '.'));
  const code = await checkConfig({ configFile, webConfigFile }, { env: {}, out: write, err: write });
  return { code, lines };
}

test.each([
  ['# nothing', 'no TLS, no password'],
  [
    `basic_auth_users: {alice: "${hash}"}\nrate_limit: {interval: 1s, burst: 5}`,
    'no TLS, 1 user, a rate limit',
  ],
  [
    'tls_server_config: {cert_file: server.pem, key_file: server.key.pem}',
    'TLS with NoClientCert, no password',
  ],
])('names what protects the server by a valid web config', async (text, summary) => {
  expect(await checkWeb(text)).toEqual({ code: 0, lines: [`./web.yml: valid: ${summary}\n`] });
});

test('warns about the private key of a web config that other users can read', async () => {
  const openKey = join(directory, 'open.key');
  copyFileSync(join(fixtures, 'server.key.pem'), openKey);
  chmodSync(openKey, 0o644);
  const { code, lines } = await checkWeb('tls_server_config: {cert_file: server.pem, key_file: open.key}');

  expect(code).toBe(0);
  // A directory in memory does not count.
  const isOnDisk = (await modeOpenToOthers(openKey)) !== undefined;
  const warning =
    './web.yml: warning: other users of this machine can read or change the file (./open.key, mode 0644); run chmod 600\n';
  const summary = './web.yml: valid: TLS with NoClientCert, no password\n';
  expect(lines).toEqual(isOnDisk ? [warning, summary] : [summary]);
});

test('prints the problems of a web config and of a config', async () => {
  const checked = await checkWeb('rate_limit: {interval: 1s}', join(directory, 'none.yaml'));

  expect(checked).toEqual({
    code: 2,
    lines: [
      './none.yaml: file not found\n',
      './web.yml:1:1: rate_limit: burst is missing; without it, every request is rejected\n',
    ],
  });
});
