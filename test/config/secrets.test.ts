import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SecretRef } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { SecretUse } from '../../src/config/secret-refs.ts';
import { readSecrets as read, secretKey } from '../../src/config/secrets.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';
import type { FileText } from '../../src/text/text-file.ts';

const variable: SecretRef = { from: 'env', name: 'TENCENT_STAT_KEY' };
const file: SecretRef = { from: 'file', path: 'secrets/key' };

/** Like `readSecrets`, with formatted problems. */
async function readSecrets(...args: Parameters<typeof read>) {
  const result = await read(...args);
  return 'problems' in result ? { problems: toDiagnosticLines('test.yaml', result.problems) } : result;
}

function named(path: string, ref: SecretRef, kind: SecretUse['kind'] = 'key'): SecretUse {
  return { ref, kind, position: { line: 4, column: 5, path: `accounts.0.${path}_${ref.from}` } };
}

function configWith(key: SecretRef, proxyUrlEnv?: string): readonly SecretUse[] {
  const own = named('statcgi.key', key);
  return proxyUrlEnv === undefined
    ? [own]
    : [own, named('proxy_url', { from: 'env', name: proxyUrlEnv }, 'proxy')];
}

const noFile = async (): Promise<FileText> => ({ problem: 'file not found' });
const fileWith = (text: string) => async (): Promise<FileText> => ({ text });

test('reads secrets from variables and files and removes one trailing newline', async () => {
  const fromEnv = await readSecrets(configWith(variable), { TENCENT_STAT_KEY: 'hunter2' }, noFile);
  const fromFile = await readSecrets(configWith(file), {}, fileWith('hunter2\n'));
  const fromWindows = await readSecrets(configWith(file), {}, fileWith('hunter2\r\n'));

  expect(fromEnv).toEqual({ secrets: new Map([[secretKey(variable), 'hunter2']]) });
  expect(fromFile).toEqual({ secrets: new Map([[secretKey(file), 'hunter2']]) });
  expect(fromWindows).toEqual({ secrets: new Map([[secretKey(file), 'hunter2']]) });
});

test('has different keys for a variable and a file of the same name', () => {
  expect(secretKey({ from: 'env', name: 'A' })).not.toBe(secretKey({ from: 'file', path: 'A' }));
});

test('names the reference of a missing or unusable secret and never its value', async () => {
  const problemsOf = async (...args: Parameters<typeof readSecrets>) => {
    const read = await readSecrets(...args);
    return 'problems' in read ? read.problems : [];
  };

  expect(await problemsOf(configWith(variable), {}, noFile)).toEqual([
    'test.yaml:4:5: accounts.0.statcgi.key_env: not set (environment variable TENCENT_STAT_KEY)',
  ]);
  expect(await problemsOf(configWith(variable), { TENCENT_STAT_KEY: '\n' }, noFile)).toEqual([
    'test.yaml:4:5: accounts.0.statcgi.key_env: empty (environment variable TENCENT_STAT_KEY)',
  ]);
  expect(await problemsOf(configWith(file, 'PROXY'), { PROXY: 'hunter2' }, noFile)).toEqual([
    'test.yaml:4:5: accounts.0.statcgi.key_file: file not found (file secrets/key)',
    'test.yaml:4:5: accounts.0.proxy_url_env: not an http or https URL (environment variable PROXY)',
  ]);
  expect(await problemsOf(configWith(file), {}, fileWith('hunter2\n\n'))).toEqual([
    'test.yaml:4:5: accounts.0.statcgi.key_file: contains a line break or another control character (file secrets/key)',
  ]);
});

const quotes = 'starts or ends with a quote; remove the quotes (docker --env-file keeps them)';
const placeholder = 'is a placeholder that was not replaced; put the secret itself there';
const notAscii =
  'contains a character that is not printable ASCII; copy the key again from the console of the provider';

test.each(['hunter\u0417', 'h\u00fcnter2', 'hunter2\u200b', '\u201chunter2\u201d', 'hunter\u{1f511}'])(
  'rejects the key %s, which no request could use, without printing it',
  async (key) => {
    const token: SecretRef = { from: 'env', name: 'TOKEN' };

    expect(await readSecrets(configWith(variable), { TENCENT_STAT_KEY: key }, noFile)).toEqual({
      problems: [
        `test.yaml:4:5: accounts.0.statcgi.key_env: ${notAscii} (environment variable TENCENT_STAT_KEY)`,
      ],
    });
    expect(await readSecrets(alibabaWith(token), { ID: key, TOKEN: key }, fileWith(`${key}\n`))).toEqual({
      problems: [
        `test.yaml:4:5: accounts.0.access_key_id_env: ${notAscii} (environment variable ID)`,
        `test.yaml:4:5: accounts.0.access_key_secret_file: ${notAscii} (file secrets/secret)`,
        `test.yaml:4:5: accounts.0.security_token_env: ${notAscii} (environment variable TOKEN)`,
      ],
    });
  },
);

test.each([
  [' hunter2', 'starts or ends with a blank; remove it'],
  ['hunter2 ', 'starts or ends with a blank; remove it'],
  ['"hunter2"', quotes],
  ["'hunter2'", quotes],
  ['`hunter2', quotes],
  ['hunter2"', quotes],
  ['$'.concat('{HUNTER2}'), placeholder],
  ['$HUNTER2', placeholder],
  ['$(cat hunter2)', placeholder],
  ['%HUNTER2%', placeholder],
  ['{{ hunter2 }}', placeholder],
  ['<hunter2>', placeholder],
  ['STAT_KEY=hunter2', 'starts with the name of a variable and "="; remove both'],
  ['export STAT_KEY=hunter2', 'starts with the name of a variable and "="; remove both'],
])(
  'rejects the key %s, which is not written as the provider shows it, without printing it',
  async (key, problem) => {
    const token: SecretRef = { from: 'env', name: 'TOKEN' };

    expect(await readSecrets(configWith(variable), { TENCENT_STAT_KEY: key }, noFile)).toEqual({
      problems: [
        `test.yaml:4:5: accounts.0.statcgi.key_env: ${problem} (environment variable TENCENT_STAT_KEY)`,
      ],
    });
    expect(await readSecrets(alibabaWith(token), { ID: 'id', TOKEN: key }, fileWith(`${key}\n`))).toEqual({
      problems: [
        `test.yaml:4:5: accounts.0.access_key_secret_file: ${problem} (file secrets/secret)`,
        `test.yaml:4:5: accounts.0.security_token_env: ${problem} (environment variable TOKEN)`,
      ],
    });
  },
);

test('accepts all printable ASCII characters in a key', async () => {
  const key = `a${String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i))}`;

  expect(await readSecrets(configWith(variable), { TENCENT_STAT_KEY: key }, noFile)).toEqual({
    secrets: new Map([[secretKey(variable), key]]),
  });
});

test('accepts non-ASCII characters in the password of a proxy', async () => {
  const env = { TENCENT_STAT_KEY: 'hunter2', PROXY: 'http://me:p\u00e4ss@127.0.0.1:3128' };

  expect(await readSecrets(configWith(variable, 'PROXY'), env, noFile)).toHaveProperty('secrets');
});

test.each([
  ['ftp://127.0.0.1:3128', 'not an http or https URL'],
  ['http:proxy', 'not an http or https URL'],
  ['127.0.0.1:3128', 'not an http or https URL'],
  ['http://me:100%@127.0.0.1:3128', 'in the user and password, write each % as %25'],
])('rejects the proxy URL %s', async (url, problem) => {
  const env = { TENCENT_STAT_KEY: 'hunter2', PROXY: url };

  expect(await readSecrets(configWith(variable, 'PROXY'), env, noFile)).toEqual({
    problems: [`test.yaml:4:5: accounts.0.proxy_url_env: ${problem} (environment variable PROXY)`],
  });
});

test('treats the URL of a proxy as a secret, because it can contain a password', async () => {
  const env = { TENCENT_STAT_KEY: 'hunter2', PROXY: 'http://me:hunter3@127.0.0.1:3128' };

  const read = await readSecrets(configWith(variable, 'PROXY'), env, noFile);

  expect(read).toEqual({
    secrets: new Map([
      ['env TENCENT_STAT_KEY', 'hunter2'],
      ['env PROXY', 'http://me:hunter3@127.0.0.1:3128'],
    ]),
  });
});

function alibabaWith(securityToken?: SecretRef): readonly SecretUse[] {
  const keys = [
    named('access_key_id', { from: 'env', name: 'ID' }),
    named('access_key_secret', { from: 'file', path: 'secrets/secret' }),
  ];
  return securityToken === undefined ? keys : [...keys, named('security_token', securityToken, 'token')];
}

const keys = [
  ['env ID', 'hunter1'],
  ['file secrets/secret', 'hunter2'],
] as const;

const looksLikeKey =
  'not found, and the value looks like a secret, not like its location; put the secret into a variable or a file and write only its name here (value not shown)';

test.each([
  'LTAI5tBadExampleOfAnId00',
  'aF3kQ9sLw02MzX7bVt5NcR8yPd1HgJ',
  'd41d8cd98f00b204e9800998ecf8427e',
  'CAIS8gF1q6Ft5B2yfSjIr5bSMsnMtpUZ0aQk',
])('does not print the secret %s where the name of its variable or file belongs', async (secret) => {
  expect(await readSecrets(configWith({ from: 'env', name: secret }), {}, noFile)).toEqual({
    problems: [`test.yaml:4:5: accounts.0.statcgi.key_env: ${looksLikeKey}`],
  });
  for (const path of [secret, `config/${secret}`, `config/CAIS8gF1q6Ft5B2yfSjI/${secret}+x/==`]) {
    expect(await readSecrets(configWith({ from: 'file', path }), {}, noFile)).toEqual({
      problems: [`test.yaml:4:5: accounts.0.statcgi.key_file: ${looksLikeKey}`],
    });
  }
});

test('accepts a variable whose name looks like a secret, without printing it', async () => {
  const ref: SecretRef = { from: 'env', name: 'LTAI5tBadExampleOfAnId00' };

  expect(await readSecrets(configWith(ref), { [ref.name]: 'hunter2' }, noFile)).toEqual({
    secrets: new Map([[secretKey(ref), 'hunter2']]),
  });
  expect(await readSecrets(configWith(ref), { [ref.name]: '' }, noFile)).toEqual({
    problems: ['test.yaml:4:5: accounts.0.statcgi.key_env: empty (value not shown)'],
  });
});

test('does not print an unusual name of a variable that is not set', async () => {
  expect(await readSecrets(configWith({ from: 'env', name: 'hunterTwo' }), {}, noFile)).toEqual({
    problems: ['test.yaml:4:5: accounts.0.statcgi.key_env: not set (value not shown)'],
  });
});

test('reads two secrets of an Alibaba account, and a token if its variable has one', async () => {
  const token: SecretRef = { from: 'env', name: 'TOKEN' };
  const read = (config: readonly SecretUse[], env: Record<string, string>) =>
    readSecrets(config, { ID: 'hunter1', ...env }, fileWith('hunter2\n'));

  expect(await read(alibabaWith(), {})).toEqual({ secrets: new Map(keys) });
  expect(await read(alibabaWith(token), {})).toEqual({ secrets: new Map(keys) });
  expect(await read(alibabaWith(token), { TOKEN: '' })).toEqual({ secrets: new Map(keys) });
  expect(await read(alibabaWith(token), { TOKEN: 'hunter3' })).toEqual({
    secrets: new Map([...keys, ['env TOKEN', 'hunter3']]),
  });
  expect(await read(alibabaWith(token), { TOKEN: 'a\nb' })).toEqual({
    problems: [
      'test.yaml:4:5: accounts.0.security_token_env: contains a line break or another control character (environment variable TOKEN)',
    ],
  });
});

test('rejects an empty or missing token file', async () => {
  const config = alibabaWith({ from: 'file', path: 'token' });

  expect(await readSecrets(config, {}, noFile)).toEqual({
    problems: [
      'test.yaml:4:5: accounts.0.access_key_id_env: not set (environment variable ID)',
      'test.yaml:4:5: accounts.0.access_key_secret_file: file not found (file secrets/secret)',
      'test.yaml:4:5: accounts.0.security_token_file: file not found (file token)',
    ],
  });
  expect(
    await readSecrets(config, { ID: 'hunter1' }, async (path) => ({ text: path === 'token' ? '' : 'x' })),
  ).toEqual({ problems: ['test.yaml:4:5: accounts.0.security_token_file: empty (file token)'] });
});

test('reads files by default', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'secrets-'));
  const path = join(directory, 'key');
  await writeFile(path, 'hunter2\n');

  const read = await readSecrets(configWith({ from: 'file', path }), {});

  expect(read).toEqual({ secrets: new Map([[`file ${path}`, 'hunter2']]) });
  await rm(directory, { recursive: true });
});

test('finds the secret references of a config with other errors, with their positions', () => {
  const { named: found } = loadConfig(
    `accounts:
  - {name: a, provider: tencent, statcgi: {appid: 1, key_file: keys/a}}
  - name: b
    provider: alibaba
    access_key_id_env: ID
    access_key_secret_env: S
    access_key_secret_file: s
    security_token_env: 5
    proxy_url_env: PROXY
streams: none
`,
    'live/test.yaml',
  );

  expect(found).toEqual([
    {
      ref: { from: 'file', path: join('live', 'keys', 'a') },
      kind: 'key',
      position: { line: 2, column: 64, path: 'accounts.0.statcgi.key_file' },
    },
    {
      ref: { from: 'env', name: 'ID' },
      kind: 'key',
      position: { line: 5, column: 24, path: 'accounts.1.access_key_id_env' },
    },
    {
      ref: { from: 'env', name: 'PROXY' },
      kind: 'proxy',
      position: { line: 9, column: 20, path: 'accounts.1.proxy_url_env' },
    },
  ]);
});

const certificate = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'tls', 'cert.pem'), 'utf8');

test.each([
  ['password', ' p\u00e4ss "word" ', undefined],
  ['password', 'hun\tter2', 'contains a line break or another control character'],
  ['password', '', 'empty'],
  ['bearer', 'eyJhbGciOi.J9_-~+/x==', undefined],
  ['bearer', 'Bearer hunter2', 'starts with "Bearer"; put only the token there'],
  ['bearer', 'hunter 2', 'contains a blank or a character that is not printable ASCII'],
  ['bearer', '<hunter2>', placeholder],
  ['certificates', certificate, undefined],
  ['certificates', `some text\n${certificate}${certificate}`, undefined],
  ['certificates', 'hunter2', 'contains no certificate in PEM format'],
  ['certificates', certificate.replace(/\n.{9}/, '\n'), 'contains a certificate that cannot be read'],
] as const)('checks the %s %j of Alertmanagers', async (kind, text, problem) => {
  const use: SecretUse = {
    ref: file,
    kind,
    position: { line: 9, column: 7, path: 'alertmanager' },
  };

  const result = await readSecrets([use], {}, fileWith(text));

  expect(result).toEqual(
    problem === undefined
      ? { secrets: new Map([[secretKey(file), text.replace(/\n$/, '')]]) }
      : { problems: [`test.yaml:9:7: alertmanager: ${problem} (file secrets/key)`] },
  );
});
