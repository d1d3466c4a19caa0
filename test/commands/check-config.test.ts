import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkConfig } from '../../src/commands/check-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'check-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function check(text: string, env: Readonly<Record<string, string>> = { STAT_KEY: 'hunter2' }) {
  const file = join(folder, 'test.yaml');
  writeFileSync(file, text);
  let out = '';
  let err = '';
  const code = await checkConfig(file, {
    env,
    out: (said) => {
      out += said;
    },
    err: (said) => {
      err += said;
    },
  });
  return { code, out: out.replaceAll(file, 'FILE'), err: err.replaceAll(file, 'FILE') };
}

const account = (name: string, budget = 20) => `
  - name: ${name}
    provider: tencent
    statcgi: {app_id: 1, key_env: STAT_KEY}
    requests_per_second: {Get_LivePushStatHistory: ${budget}}
`;

test('of a good config it says in one line what it watches and what that costs', async () => {
  const checked = await check(`accounts:${account('a')}${account('b')}
streams:
  - {account: a, stream: s1}
  - {account: a, stream: s2}
  - {account: b, stream: s1}
`);

  expect(checked).toEqual({
    code: 0,
    out: 'FILE: 2 accounts, 3 streams, 0 domains; a: 0.4 of 20 calls per second; b: 0.2 of 20 calls per second\n',
    err: '',
  });
});

test('a budget that is too small is no mistake: it says how much less often streams are asked about', async () => {
  const checked = await check(`accounts:${account('a', 0.1)}
streams:
  - {account: a, stream: s1}
  - {account: a, stream: s2}
`);

  expect(checked.code).toBe(0);
  expect(checked.out).toBe(
    'FILE: 1 account, 2 streams, 0 domains; a: 0.4 of 0.1 calls per second, so each is asked about 4.4 times less often\n',
  );
});

test('domains cost calls of their own account, in the one line as well', async () => {
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
    out: 'FILE: 2 accounts, 1 stream, 2 domains; a: 0.2 of 20 calls per second; b: 0.3 of 25 calls per second\n',
    err: '',
  });
});

test('a config that watches nothing is good, and says so', async () => {
  expect(await check(`accounts:${account('a')}`)).toEqual({
    code: 0,
    out: 'FILE: 1 account, 0 streams, 0 domains; a: 0 of 20 calls per second\n',
    err: '',
  });
});

test('a secret that is not here is warned about, since it may be where the daemon runs', async () => {
  const checked = await check(`accounts:${account('a')}`, {});

  expect(checked.code).toBe(0);
  expect(checked.err).toBe(
    'FILE:4:35: accounts.0.statcgi.key_env: warning: not set (environment variable STAT_KEY)\n',
  );
});

test('a secret that is not here is told with what is wrong, in the order of the file', async () => {
  const checked = await check(`accounts:${account('a')}stream: []\n`, {});

  expect(checked.code).toBe(2);
  expect(
    checked.err,
  ).toBe(`FILE:4:35: accounts.0.statcgi.key_env: warning: not set (environment variable STAT_KEY)
FILE:6:1: stream: unknown key; did you mean "streams"?
`);
});

test('of a bad config it says all that is wrong, and nothing on standard output', async () => {
  const checked = await check('accounts: []\nstream: []\n');

  expect(checked).toEqual({
    code: 2,
    out: '',
    err: `FILE:1:11: accounts: expected at least one item
FILE:2:1: stream: unknown key; did you mean "streams"?
`,
  });
});
