import { expect, test } from 'vitest';
import { capabilities, lookups } from '../../src/model/capabilities.ts';
import { operationsOf, questionsOf } from '../../src/model/operations.ts';
import type { CredentialParts } from '../../src/providers/kit/credentials.ts';
import type { ProviderAccount } from '../../src/providers/provider.ts';
import { providerOf } from '../../src/providers/registry.ts';
import { inOneSlice } from '../support/slices.ts';
import { httpResponse, recorded } from './recorded.ts';

/** Name of the source of each operation that answers no question. */
const lookupSources = {
  DescribeLiveDomainMapping: 'domain_mapping',
  DescribeLiveStreamPushMetricDetailData: 'push_metrics',
} as const;

/** An account of each API. */
const accounts: Readonly<Record<string, ProviderAccount>> = {
  statcgi: {
    settings: { api: 'statcgi', appId: 1, endpoint: 'http://stat.example.com/', timeZoneOffsetMs: 0 },
    getSecret: (name) => (name === 'key' ? 'k' : undefined),
  },
  api3: {
    settings: {
      api: 'api3',
      endpoint: 'https://live.example.com',
      site: 'international',
      credentialsFrom: 'static',
    },
    getSecret: (name) => (name === 'token' ? undefined : name),
  },
  live: {
    settings: {
      endpoint: 'https://live.example.com',
      signature: 'v3',
      format: 'json',
      credentialsFrom: 'static',
    },
    getSecret: (name) => (name === 'securityToken' ? undefined : name),
  },
};
const never = new AbortController().signal;
const credentialParts: CredentialParts = {
  askLibrary: () => Promise.reject(new Error('no library in this test')),
  onRenewal: () => undefined,
  now: () => 0,
  elapsed: () => 0,
};

test.each(capabilities)(
  '$provider has a source for $question with the limits of $operation',
  (capability) => {
    const provider = providerOf(capability.provider);
    const { http } = recorded(httpResponse(''));

    const sources = provider.createSources(accountOf(capability.api), {
      http,
      wrap: (call) => call,
      ...credentialParts,
      nonce: () => 'nonce',
      inSlices: inOneSlice,
    });

    const source = sources[capability.question];
    expect(source?.operation).toBe(capability.operation);
    expect(capability).toMatchObject(source !== undefined && 'limits' in source ? { ...source.limits } : {});
    expect(provider.operations).toEqual(operationsOf(capability.provider));
    expect(provider.questions).toEqual(questionsOf(capability.provider));
    const sameApi = capabilities.filter(
      ({ provider, api }) => provider === capability.provider && api === capability.api,
    );
    const lookupNames = lookups.flatMap(({ provider, api, operation }) =>
      provider === capability.provider && api === capability.api ? [lookupSources[operation]] : [],
    );
    expect(Object.keys(sources)).toEqual([...lookupNames, ...sameApi.map(({ question }) => question)]);
  },
);

test('gets static credentials from the secrets of the account', async () => {
  expect(await providerOf('tencent').credentials(accountOf('statcgi'), credentialParts)(never)).toEqual({
    key: 'k',
  });
  expect(await providerOf('tencent').credentials(accountOf('api3'), credentialParts)(never)).toEqual({
    secretId: 'secretId',
    secretKey: 'secretKey',
    token: undefined,
  });
  expect(await providerOf('alibaba').credentials(accountOf('live'), credentialParts)(never)).toEqual({
    accessKeyId: 'accessKeyId',
    accessKeySecret: 'accessKeySecret',
    securityToken: undefined,
  });
});

test.each([
  ['tencent', 'statcgi'],
  ['tencent', 'api3'],
  ['alibaba', 'live'],
])('rejects settings that %s cannot parse', (name, api) => {
  const account = { ...accountOf(api), settings: { api, endpoint: 7 } };

  expect(() =>
    providerOf(name).createSources(account, {
      http: recorded(httpResponse('')).http,
      wrap: (call) => call,
      ...credentialParts,
      nonce: () => 'nonce',
      inSlices: inOneSlice,
    }),
  ).toThrow('endpoint');
});

test('throws for a provider that is not registered', () => {
  expect(() => providerOf('acme')).toThrow('unknown provider acme');
});

function accountOf(api: string): ProviderAccount {
  const account = accounts[api];
  if (account === undefined) throw new Error(`add an account with the API ${api} to this test`);
  return account;
}
