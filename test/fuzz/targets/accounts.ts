import type { Http } from '../../../src/calls/call.ts';
import type { Sources } from '../../../src/model/questions.ts';
import type { StreamId } from '../../../src/model/stream.ts';
import type { Window } from '../../../src/model/time.ts';
import { providerOf } from '../../../src/providers/registry.ts';
import { bareProviderParts } from '../../support/provider-parts.ts';
import { noon } from '../../support/samples.ts';
import { plantedSecret } from '../target.ts';

/** Credentials of all accounts. No error, warning or log may contain one of them, in any form. */
export const credentials: Readonly<Record<string, string>> = {
  key: plantedSecret,
  secretId: 'AKIDPlanted5Id7Zq7Kx2',
  secretKey: plantedSecret,
  token: 'Planted+Token/9==Zq7Kx2',
  accessKeyId: 'LTAIPlanted5Id7Zq7Kx2',
  accessKeySecret: plantedSecret,
  securityToken: 'Planted+Token/9==Zq7Kx2',
};
export const secretTexts: readonly string[] = [...new Set(Object.values(credentials))].flatMap((text) => [
  text,
  encodeURIComponent(text),
]);

/** Those that no mutation puts into a response, where they could be the name of a stream, which is no secret. */
export const unnamedSecrets: readonly string[] = secretTexts.filter((text) => text !== plantedSecret);

const alibabaSettings = {
  endpoint: 'https://live.example.com',
  signature: 'v3',
  format: 'json',
  credentialsFrom: 'static',
  pushDomains: { 'play.example.com': ['push.example.com'] },
};

/** An account of each API and signature, by name. */
const accounts = {
  statcgi: {
    provider: 'tencent',
    settings: {
      api: 'statcgi',
      appId: 1234,
      endpoint: 'http://stat.example.com/common_access',
      timeZoneOffsetMs: 28_800_000,
    },
  },
  china: {
    provider: 'tencent',
    settings: { api: 'api3', endpoint: 'https://live.example.com', site: 'china', credentialsFrom: 'static' },
  },
  international: {
    provider: 'tencent',
    settings: {
      api: 'api3',
      endpoint: 'https://live.example.com',
      site: 'international',
      credentialsFrom: 'static',
    },
  },
  alibaba: { provider: 'alibaba', settings: alibabaSettings },
  alibabaXml: {
    provider: 'alibaba',
    settings: { ...alibabaSettings, signature: 'v1', format: 'xml', pushDomains: {} },
  },
} as const;

export type AccountName = keyof typeof accounts;
export const accountNames = Object.keys(accounts) as readonly AccountName[];

export function providerNameOf(account: AccountName): 'tencent' | 'alibaba' {
  return accounts[account].provider;
}

/** Creates the sources of an account, without retries and rate limits. */
export function sourcesOf(account: AccountName, http: Http, now: number): Sources {
  const { provider, settings } = accounts[account];
  return providerOf(provider).createSources(
    { settings, getSecret: (name) => credentials[name] },
    { ...bareProviderParts(http), now: () => now },
  );
}

/** A request for data of one question. */
export interface Ask {
  /** Wall clock of the request, near the times in the recorded responses. */
  readonly now: number;
  run(sources: Sources, domain: string, signal: AbortSignal): Promise<unknown> | undefined;
}

const appOf = (domain: string) => ({ domain, appName: 'live' });
const streamOf = (domain: string): StreamId => ({
  account: 'a',
  provider: 'tencent',
  ...appOf(domain),
  stream: 'room-1',
});
const windowAt = (now: number, ms: number): Window => ({ from: now - ms, to: now });
const recordedAt = noon + 20_000;
const controlAt = Date.UTC(2025, 6, 7, 12, 0, 0, 500);
const statcgiAt = 1_453_279_851_000;

/** Returns the domain in the recorded responses of a provider. */
export function domainOf(account: AccountName): string {
  return providerNameOf(account) === 'alibaba' ? 'play.example.com' : 'push.example.com';
}

/** One request for each question of each account that answers it. */
export const asks: Readonly<Record<string, Ask>> = {
  push_stats: {
    now: recordedAt,
    run: (sources, domain, signal) =>
      sources.push_stats?.listPushSamples(streamOf(domain), windowAt(recordedAt, 60_000), signal),
  },
  push_stats_2016: {
    now: statcgiAt,
    run: (sources, domain, signal) =>
      sources.push_stats?.listPushSamples(
        { ...streamOf(domain), stream: '1234_xxx' },
        windowAt(statcgiAt, 20_500),
        signal,
      ),
  },
  control_history: {
    now: recordedAt,
    run: (sources, domain, signal) =>
      sources.control_history?.listControlActions(
        { domain, appName: undefined, appNames: ['live'] },
        windowAt(recordedAt, 3_600_000),
        signal,
      ),
  },
  control_history_2025: {
    now: controlAt,
    run: (sources, domain, signal) =>
      sources.control_history?.listControlActions(
        { domain, appName: undefined },
        windowAt(controlAt, 43_200_000),
        signal,
      ),
  },
  online_streams: {
    now: recordedAt,
    run: (sources, domain, signal) => sources.online_streams?.listOnlineStreams(appOf(domain), signal),
  },
  live_push_stats: {
    now: recordedAt,
    run: (sources, domain, signal) => sources.live_push_stats?.listLivePushes(appOf(domain), signal),
  },
  forbidden_streams: {
    now: recordedAt,
    run: (sources, domain, signal) => sources.forbidden_streams?.listForbiddenStreams(domain, signal),
  },
  stream_state: {
    now: recordedAt,
    run: (sources, domain, signal) => sources.stream_state?.isForbidden(streamOf(domain), signal),
  },
  domain_mapping: {
    now: recordedAt,
    run: (sources, domain, signal) => sources.domain_mapping?.listDomains(domain, signal),
  },
  push_metrics: {
    now: recordedAt,
    run: (sources, _, signal) =>
      sources.push_metrics?.listMinuteRates(
        { pushDomain: 'push.example.com', appName: 'live', stream: 'room-1' },
        windowAt(recordedAt, 600_000),
        signal,
      ),
  },
};

/** Returns the operation of a request, by its headers or query. */
export function operationOf(request: Parameters<Http>[0]): string {
  const { headers, url, query = '' } = request;
  const parameters = new URLSearchParams(query || new URL(url).search);
  const header = Object.entries(headers).find(([name]) => /^x-(acs|tc)-action$/i.test(name))?.[1];
  return header ?? parameters.get('Action') ?? parameters.get('interface') ?? '';
}
