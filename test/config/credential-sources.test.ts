import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { libraryProblems } from '../../src/config/credential-library.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readSecrets } from '../../src/config/secrets.ts';
import { toDiagnosticLines } from '../../src/text/diagnostics.ts';

function load(...accounts: readonly string[]) {
  const loaded = loadConfig(
    `accounts:\n${accounts.map((account) => `  - ${account}\n`).join('')}`,
    'test.yaml',
  );
  if ('problems' in loaded) throw new Error(toDiagnosticLines('test.yaml', loaded.problems).join('\n'));
  return loaded;
}

const alibaba = (from: string) => `{name: a, provider: alibaba, credentials: {from: ${from}}}`;
const tencent = (from: string) => `{name: t, provider: tencent, api3: {credentials: {from: ${from}}}}`;

test.each([
  [alibaba('default'), '@alicloud/credentials'],
  [alibaba('ecs_role'), '@alicloud/credentials'],
  [alibaba('profile'), '@alicloud/credentials'],
  [tencent('cvm_role'), 'tencentcloud-sdk-nodejs-common'],
])('requires the library of the provider, and no secret: %s', async (account, name) => {
  const { config, named } = load(account);

  expect(config.accounts[0]).toMatchObject({ credentialLibrary: { name }, secrets: {} });
  expect(await readSecrets(named, {})).toEqual({ secrets: new Map() });
  expect(libraryProblems(config.accounts, {}, () => true)).toEqual([]);
});

test('names a library that is not installed, with the command that installs it', () => {
  const { config } = load(alibaba('ecs_role'), tencent('cvm_role'));

  const problems = libraryProblems(config.accounts, {}, () => false);

  expect(toDiagnosticLines('test.yaml', problems)).toEqual([
    'test.yaml: accounts.0.credentials.from: the package @alicloud/credentials is not installed; run "npm install @alicloud/credentials@2.4.7"',
    'test.yaml: accounts.1.api3.credentials.from: the package tencentcloud-sdk-nodejs-common is not installed; run "npm install tencentcloud-sdk-nodejs-common@4.1.220"',
  ]);
});

test('finds the installed libraries without loading them', () => {
  const { config } = load(alibaba('ecs_role'), tencent('cvm_role'));

  expect(libraryProblems(config.accounts, {})).toEqual([]);
});

test.each([
  [
    alibaba('oidc'),
    ['ALIBABA_CLOUD_ROLE_ARN', 'ALIBABA_CLOUD_OIDC_PROVIDER_ARN', 'ALIBABA_CLOUD_OIDC_TOKEN_FILE'],
  ],
  [alibaba('uri'), ['ALIBABA_CLOUD_CREDENTIALS_URI']],
  [tencent('tke_oidc'), ['TKE_REGION', 'TKE_PROVIDER_ID', 'TKE_WEB_IDENTITY_TOKEN_FILE', 'TKE_ROLE_ARN']],
])('names each environment variable that a source requires: %s', (account, variables) => {
  const { config } = load(account);
  const all = Object.fromEntries(variables.map((name) => [name, 'x']));

  expect(libraryProblems(config.accounts, all, () => true)).toEqual([]);
  expect(libraryProblems(config.accounts, {}, () => true).map(({ text }) => text)).toEqual(
    variables.map((name) => `not set (environment variable ${name})`),
  );
});

test("reads the provider's own variables without a library", async () => {
  const { config, named } = load(tencent('env'));
  const env = { TENCENTCLOUD_SECRET_ID: 'id', TENCENTCLOUD_SECRET_KEY: 'key' };

  const read = await readSecrets(named, env);
  const missing = await readSecrets(named, {});

  expect(config.accounts[0]).toMatchObject({
    credentialLibrary: undefined,
    settings: { credentialsFrom: 'static' },
    secrets: {
      secretId: { from: 'env', name: 'TENCENTCLOUD_SECRET_ID' },
      secretKey: { from: 'env', name: 'TENCENTCLOUD_SECRET_KEY' },
      token: { from: 'env', name: 'TENCENTCLOUD_SESSION_TOKEN' },
    },
  });
  expect('secrets' in read && [...read.secrets.values()]).toEqual(['id', 'key']);
  expect('problems' in missing && toDiagnosticLines('test.yaml', missing.problems)).toEqual([
    'test.yaml:2:61: accounts.0.api3.credentials.from: not set (environment variable TENCENTCLOUD_SECRET_ID)',
    'test.yaml:2:61: accounts.0.api3.credentials.from: not set (environment variable TENCENTCLOUD_SECRET_KEY)',
  ]);
});

test('asks for the versions that package.json pins, which only the tests install by default', () => {
  const { config } = load(alibaba('ecs_role'), tencent('cvm_role'));
  const versions = Object.fromEntries(
    config.accounts.map(({ credentialLibrary: library }) => [library?.name, library?.version]),
  );

  expect(manifest.peerDependencies).toEqual(versions);
  expect(manifest.devDependencies).toMatchObject(versions);
  expect(Object.keys(manifest.peerDependenciesMeta)).toEqual(Object.keys(versions));
  expect(Object.values(manifest.peerDependenciesMeta)).toEqual([{ optional: true }, { optional: true }]);
  expect(Object.keys(manifest.dependencies)).not.toContain('@alicloud/credentials');
});
