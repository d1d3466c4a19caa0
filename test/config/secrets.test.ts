import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Account, Config, SecretPlace } from '../../src/config/config.ts';
import { readSecrets, secretKey } from '../../src/config/secrets.ts';
import type { FileText } from '../../src/config/text-file.ts';

const variable: SecretPlace = { from: 'env', name: 'TENCENT_STAT_KEY' };
const file: SecretPlace = { from: 'file', path: 'secrets/key' };

function configWith(key: SecretPlace, proxyUrlEnv?: string): Config {
  const account: Account = {
    provider: 'tencent',
    name: 'tencent',
    statcgi: { appId: 1, key, endpoint: 'http://127.0.0.1/', timeZoneOffsetMs: 0 },
    requestsPerSecond: { Get_LivePushStatHistory: 20 },
    proxyUrlEnv,
    expectedDelayMs: 10_000,
  };
  return {
    accounts: [account],
    pushTargets: [],
    controlTargets: [],
    clientIp: { show: 'full', on: 'gauges' },
    limits: { maxStreams: 1, stateRetentionMs: 1 },
  };
}

const noFile = async (): Promise<FileText> => ({ problem: 'there is no such file' });
const fileWith = (text: string) => async (): Promise<FileText> => ({ text });

test('secrets come from variables and files, without one newline at their end', async () => {
  const fromEnv = await readSecrets(configWith(variable), { TENCENT_STAT_KEY: 'hunter2' }, noFile);
  const fromFile = await readSecrets(configWith(file), {}, fileWith('hunter2\n'));
  const fromWindows = await readSecrets(configWith(file), {}, fileWith(' hunter2 \r\n'));

  expect(fromEnv).toEqual({ secrets: new Map([[secretKey(variable), 'hunter2']]) });
  expect(fromFile).toEqual({ secrets: new Map([[secretKey(file), 'hunter2']]) });
  expect(fromWindows).toEqual({ secrets: new Map([[secretKey(file), ' hunter2 ']]) });
});

test('a variable and a file of the same name are two places', () => {
  expect(secretKey({ from: 'env', name: 'A' })).not.toBe(secretKey({ from: 'file', path: 'A' }));
});

test('what is not to be had is named, and nothing of what is there is shown', async () => {
  const problemsOf = async (...args: Parameters<typeof readSecrets>) => {
    const read = await readSecrets(...args);
    return 'problems' in read ? read.problems : [];
  };

  expect(await problemsOf(configWith(variable), {}, noFile)).toEqual([
    'account "tencent": statcgi.key: environment variable TENCENT_STAT_KEY: not set',
  ]);
  expect(await problemsOf(configWith(variable), { TENCENT_STAT_KEY: '\n' }, noFile)).toEqual([
    'account "tencent": statcgi.key: environment variable TENCENT_STAT_KEY: empty',
  ]);
  expect(await problemsOf(configWith(file, 'PROXY'), { PROXY: 'hunter2' }, noFile)).toEqual([
    'account "tencent": statcgi.key: file secrets/key: there is no such file',
    'account "tencent": proxy_url: environment variable PROXY: not an http or https URL',
  ]);
  expect(await problemsOf(configWith(file), {}, fileWith('hunter2\n\n'))).toEqual([
    'account "tencent": statcgi.key: file secrets/key: has a line break or another control character in it',
  ]);
});

const foreign =
  'has a character in it that is not printable ASCII, as no key of a provider has: copy it anew from its console';

test.each(['hunter\u0417', 'h\u00fcnter2', 'hunter2\u200b', '\u201chunter2\u201d', 'hunter\u{1f511}'])(
  'a key such as %s is refused before a call fails over it, and not shown',
  async (key) => {
    const token: SecretPlace = { from: 'env', name: 'TOKEN' };

    expect(await readSecrets(configWith(variable), { TENCENT_STAT_KEY: key }, noFile)).toEqual({
      problems: [`account "tencent": statcgi.key: environment variable TENCENT_STAT_KEY: ${foreign}`],
    });
    expect(await readSecrets(alibabaWith(token), { ID: key, TOKEN: key }, fileWith(`${key}\n`))).toEqual({
      problems: [
        `account "aliyun": access_key_id: environment variable ID: ${foreign}`,
        `account "aliyun": access_key_secret: file secrets/secret: ${foreign}`,
        `account "aliyun": security_token: environment variable TOKEN: ${foreign}`,
      ],
    });
  },
);

test('all of printable ASCII may be in a key', async () => {
  const key = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));

  expect(await readSecrets(configWith(variable), { TENCENT_STAT_KEY: key }, noFile)).toEqual({
    secrets: new Map([[secretKey(variable), key]]),
  });
});

test('the password of a proxy may have letters of any alphabet in it', async () => {
  const env = { TENCENT_STAT_KEY: 'hunter2', PROXY: 'http://me:p\u00e4ss@127.0.0.1:3128' };

  expect(await readSecrets(configWith(variable, 'PROXY'), env, noFile)).toHaveProperty('secrets');
});

test.each([
  ['ftp://127.0.0.1:3128', 'not an http or https URL'],
  ['http:proxy', 'not an http or https URL'],
  ['127.0.0.1:3128', 'not an http or https URL'],
  ['http://me:100%@127.0.0.1:3128', 'a % in its user or password has to be written %25'],
])('of a proxy at %s it is said what is wrong, before a call fails over it', async (url, problem) => {
  const env = { TENCENT_STAT_KEY: 'hunter2', PROXY: url };

  expect(await readSecrets(configWith(variable, 'PROXY'), env, noFile)).toEqual({
    problems: [`account "tencent": proxy_url: environment variable PROXY: ${problem}`],
  });
});

test('the URL of a proxy is a secret like others, since it may hold a password', async () => {
  const env = { TENCENT_STAT_KEY: 'hunter2', PROXY: 'http://me:hunter3@127.0.0.1:3128' };

  const read = await readSecrets(configWith(variable, 'PROXY'), env, noFile);

  expect(read).toEqual({
    secrets: new Map([
      ['env TENCENT_STAT_KEY', 'hunter2'],
      ['env PROXY', 'http://me:hunter3@127.0.0.1:3128'],
    ]),
  });
});

function alibabaWith(securityToken?: SecretPlace): Config {
  const account: Account = {
    provider: 'alibaba',
    name: 'aliyun',
    accessKeyId: { from: 'env', name: 'ID' },
    accessKeySecret: { from: 'file', path: 'secrets/secret' },
    securityToken,
    endpoint: 'https://127.0.0.1',
    signature: 'v3',
    format: 'json',
    requestsPerSecond: { DescribeLiveStreamsControlHistory: 25 },
    proxyUrlEnv: undefined,
    expectedDelayMs: 30_000,
  };
  return { ...configWith(variable), accounts: [account] };
}

const keys = [
  ['env ID', 'hunter1'],
  ['file secrets/secret', 'hunter2'],
] as const;

test('an Alibaba account has two secrets, and a token where its variable holds one', async () => {
  const token: SecretPlace = { from: 'env', name: 'TOKEN' };
  const read = (config: Config, env: Record<string, string>) =>
    readSecrets(config, { ID: 'hunter1', ...env }, fileWith('hunter2\n'));

  expect(await read(alibabaWith(), {})).toEqual({ secrets: new Map(keys) });
  expect(await read(alibabaWith(token), {})).toEqual({ secrets: new Map(keys) });
  expect(await read(alibabaWith(token), { TOKEN: '' })).toEqual({ secrets: new Map(keys) });
  expect(await read(alibabaWith(token), { TOKEN: 'hunter3' })).toEqual({
    secrets: new Map([...keys, ['env TOKEN', 'hunter3']]),
  });
  expect(await read(alibabaWith(token), { TOKEN: 'a\nb' })).toEqual({
    problems: [
      'account "aliyun": security_token: environment variable TOKEN: has a line break or another control character in it',
    ],
  });
});

test('a file that is named for a token has to have one in it', async () => {
  const config = alibabaWith({ from: 'file', path: 'token' });

  expect(await readSecrets(config, {}, noFile)).toEqual({
    problems: [
      'account "aliyun": access_key_id: environment variable ID: not set',
      'account "aliyun": access_key_secret: file secrets/secret: there is no such file',
      'account "aliyun": security_token: file token: there is no such file',
    ],
  });
  expect(
    await readSecrets(config, { ID: 'hunter1' }, async (path) => ({ text: path === 'token' ? '' : 'x' })),
  ).toEqual({ problems: ['account "aliyun": security_token: file token: empty'] });
});

test('by itself it reads real files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  const path = join(folder, 'key');
  await writeFile(path, 'hunter2\n');

  const read = await readSecrets(configWith({ from: 'file', path }), {});

  expect(read).toEqual({ secrets: new Map([[`file ${path}`, 'hunter2']]) });
  await rm(folder, { recursive: true });
});
