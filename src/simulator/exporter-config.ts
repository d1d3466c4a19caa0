import { hourMs, minuteMs, secondMs } from '../model/time.ts';
import { toBitrateText, toDurationText } from '../text/units.ts';
import { toYaml } from '../text/yaml.ts';
import type { DomainStory, Scenario } from './scenario/scenario.ts';
import type { SimulatedStream } from './world/streams.ts';
import type { World } from './world/world.ts';

/**
 * Name of the environment variable from which the printed config reads the key of the simulated Tencent
 * account.
 */
export const keyVariable = 'SIMULATOR_STAT_KEY';

/**
 * Names of the environment variables from which the printed config reads the credentials of the simulated
 * Tencent account, if it uses API 3.0.
 */
export const secretVariables = {
  id: 'SIMULATOR_SECRET_ID',
  key: 'SIMULATOR_SECRET_KEY',
  token: 'SIMULATOR_TOKEN',
} as const;

/**
 * Names of the environment variables from which the printed config reads the credentials of the simulated
 * Alibaba account.
 */
export const accessKeyVariables = {
  id: 'SIMULATOR_ACCESS_KEY_ID',
  secret: 'SIMULATOR_ACCESS_KEY_SECRET',
  token: 'SIMULATOR_SECURITY_TOKEN',
} as const;

/**
 * Returns the environment variables that the printed config requires, by name. The values are the made-up
 * credentials of the scenario.
 */
export function exporterEnvironment(scenario: Scenario): Readonly<Record<string, string>> {
  const tencent = Object.fromEntries(
    apisOf(scenario).flatMap((api) => Object.entries(tencentEnvironment(scenario.account, api))),
  );
  if (!usesAlibaba(scenario)) return tencent;
  const { accessKeyId, accessKeySecret, securityToken } = scenario.alibaba.account;
  return {
    ...tencent,
    [accessKeyVariables.id]: accessKeyId,
    [accessKeyVariables.secret]: accessKeySecret,
    ...(securityToken === undefined ? {} : { [accessKeyVariables.token]: securityToken }),
  };
}

/** Reports whether the printed config has an account of Alibaba. */
function usesAlibaba({ domains, streams }: Pick<Scenario, 'domains' | 'streams'>): boolean {
  return domains.length > 0 || streams.some(({ api }) => api === 'alibaba');
}

/** API of Tencent, as in the config. */
type Api = Scenario['account']['api'];

/** Returns the APIs of Tencent that the printed config uses, that of the account first. */
function apisOf({ account, streams }: Pick<Scenario, 'account' | 'streams'>): readonly Api[] {
  const used = new Set(streams.flatMap(({ api }) => (api === 'alibaba' ? [] : [api])));
  return [account.api, ...used].filter((api, i, all) => used.has(api) && all.indexOf(api) === i);
}

function tencentEnvironment(
  { key, secretId, secretKey, token }: Scenario['account'],
  api: Api,
): Readonly<Record<string, string>> {
  if (api === 'statcgi') return { [keyVariable]: key };
  return {
    [secretVariables.id]: secretId,
    [secretVariables.key]: secretKey,
    ...(token === undefined ? {} : { [secretVariables.token]: token }),
  };
}

/**
 * Defaults of the exporter's setting `expected_delay` in ms, by kind of data. This is the time until the
 * provider returns new data.
 */
const defaultDelayMs = { push_stats: 10 * secondMs, control_history: 30 * secondMs } as const;

/** Default of `expected_delay.push_stats` of an account of Alibaba, in ms. */
const alibabaDelayMs = 30 * secondMs;

/**
 * Maximum of the setting `expected_delay` that the exporter accepts in ms, by kind of data. For push_stats,
 * the exporter accepts at most 30 minutes for lookback plus expected delay, so 29 minutes leave room for the
 * default lookback.
 */
const maxDelayMs = { push_stats: 29 * minuteMs, control_history: hourMs } as const;

/**
 * Lookback in ms of a domain in the printed config, unless an action of the domain has an additional delay
 * (`lateMs`) of more than 10 minutes; then the lookback is longer.
 */
const defaultLookbackMs = 10 * minuteMs;

/**
 * Maximum lookback in ms in the printed config. The exporter accepts at most one day for lookback plus
 * expected delay, so 23 h leave room for the maximum expected delay of 1 h.
 */
const maxLookbackMs = 23 * hourMs;

/**
 * Returns an exporter config in YAML that polls the simulated domains and the first `maxStreams` simulated
 * streams. `endpoint` is the URL of the simulated Tencent API. Its origin is the URL of the simulated Alibaba
 * API, because one server serves both.
 */
export function toExporterConfig(
  { scenario, streams }: World,
  endpoint: string,
  maxStreams = Infinity,
): string {
  const { domains } = scenario;
  const [discovered, listed] = partition(streams, (stream) => isDiscovered(scenario, stream));
  const [atAlibaba, atTencent] = partition(discovered, ({ api }) => api === 'alibaba');
  const cut = listed.filter(isCut);
  const others = atAlibaba.filter(({ domain }) => domains.every(({ name }) => name !== domain));
  const allDomains = [
    ...toDomains(scenario, 'api3', atTencent, true),
    ...toDomains(scenario, 'api3', cut, false),
    ...domains.map((domain) => {
      const own = atAlibaba.filter((stream) => stream.domain === domain.name);
      return { ...toDomain(domain), ...(own.length > 0 && appKeys(own, true)) };
    }),
    ...toDomains(scenario, 'alibaba', others, true),
  ];
  return toYaml({
    accounts: [
      ...apisOf(scenario).map((api) => toTencent(scenario, api, endpoint)),
      ...(!usesAlibaba(scenario) ? [] : [toAlibaba(scenario, new URL(endpoint).origin)]),
    ],
    streams:
      listed.length === 0
        ? undefined
        : listed.slice(0, maxStreams).map((stream) => toStream(scenario, stream)),
    domains: allDomains.length === 0 ? undefined : allDomains,
  });
}

/** Reports whether the printed config discovers a stream instead of listing it. */
export function isDiscovered(
  { account, alibaba }: Pick<Scenario, 'account' | 'alibaba'>,
  { api }: Pick<SimulatedStream, 'api'>,
): boolean {
  return (api === 'api3' && account.discover) || (api === 'alibaba' && alibaba.discover);
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): readonly [T[], T[]] {
  const { yes = [], no = [] } = Object.groupBy(items, (item) => (belongs(item) ? 'yes' : 'no'));
  return [yes, no];
}

/** Name of the account of Alibaba. */
const alibabaName = 'simulator-alibaba';

/** Returns the name of the account that uses `api`: a config can use one API of Tencent per account. */
function accountName({ account }: Pick<Scenario, 'account'>, api: SimulatedStream['api']): string {
  if (api === 'alibaba') return alibabaName;
  return api === account.api ? 'simulator' : `simulator-${api}`;
}

function toTencent(scenario: Scenario, api: Api, endpoint: string): unknown {
  return {
    name: accountName(scenario, api),
    provider: 'tencent',
    ...toAccess(scenario.account, api, endpoint),
    expected_delay: toExpectedDelay('push_stats', scenario.provider.delayMs),
  };
}

/** Returns the access to an API. API 3.0 has the origin of `endpoint`. */
function toAccess({ appId, token, site }: Scenario['account'], api: Api, endpoint: string): object {
  if (api === 'statcgi') return { statcgi: { app_id: appId, key_env: keyVariable, endpoint } };
  return {
    api3: {
      site: site === 'china' ? undefined : site,
      secret_id_env: secretVariables.id,
      secret_key_env: secretVariables.key,
      token_env: token && secretVariables.token,
      endpoint: new URL(endpoint).origin,
    },
  };
}

function toAlibaba({ alibaba, provider, streams }: Scenario, endpoint: string): unknown {
  const { account, signature, format, delayMs, bitrateUnit, domainBitrateUnit } = alibaba;
  const hasStreams = streams.some(({ api }) => api === 'alibaba');
  // Without the defaults of the exporter.
  const units = {
    ...(bitrateUnit !== 'bit' && { DescribeLiveCenterStreamRateData: bitrateUnit }),
    ...(domainBitrateUnit !== 'byte' && { DescribeLiveDomainFrameRateAndBitRateData: domainBitrateUnit }),
  };
  // Push statistics have the delay of `provider`, like those of the other APIs.
  const delays = {
    ...toExpectedDelay('control_history', delayMs),
    ...(hasStreams && toExpectedDelay('push_stats', provider.delayMs, alibabaDelayMs)),
  };
  return {
    name: alibabaName,
    provider: 'alibaba',
    access_key_id_env: accessKeyVariables.id,
    access_key_secret_env: accessKeyVariables.secret,
    security_token_env: account.securityToken && accessKeyVariables.token,
    endpoint,
    signature,
    format,
    bitrate_unit: Object.keys(units).length === 0 ? undefined : units,
    expected_delay: Object.keys(delays).length === 0 ? undefined : delays,
  };
}

/**
 * Returns the setting `expected_delay` for an account whose data is delayed by `delayMs`; undefined if the
 * exporter's default is long enough.
 */
function toExpectedDelay(
  question: keyof typeof defaultDelayMs,
  delayMs: number,
  defaultMs: number = defaultDelayMs[question],
): Readonly<Record<string, string>> | undefined {
  return delayMs > defaultMs
    ? { [question]: toDurationText(Math.min(delayMs, maxDelayMs[question])) }
    : undefined;
}

function toDomain({ name, story }: DomainStory) {
  const latestMs = Math.max(defaultLookbackMs, ...story.map(({ lateMs }) => lateMs));
  const lookbackMs = Math.min(latestMs, maxLookbackMs);
  return {
    account: alibabaName,
    domain: name,
    control_history: { interval: '10s', lookback: toDurationText(lookbackMs) },
  };
}

/** Reports whether a stream has control actions that the API in the printed config shows. */
function isCut({ api, story }: SimulatedStream): boolean {
  return api === 'api3' && story.some(({ cut }) => cut !== undefined);
}

/**
 * Returns the domains of streams, whose control actions the exporter collects, and whose streams it can
 * discover.
 */
function toDomains(
  scenario: Scenario,
  api: SimulatedStream['api'],
  streams: readonly SimulatedStream[],
  discover: boolean,
): readonly unknown[] {
  const byDomain = Map.groupBy(streams, ({ domain }) => domain);
  return [...byDomain].map(([domain, own]) => ({
    account: accountName(scenario, api),
    domain,
    ...appKeys(own, discover),
  }));
}

/** Returns the keys of a domain that name the applications of its streams. */
function appKeys(streams: readonly SimulatedStream[], discover: boolean): object {
  return { app_names: [...new Set(streams.map(({ appName }) => appName))], discover: discover || undefined };
}

function toStream(scenario: Scenario, stream: SimulatedStream): unknown {
  const { api, name, domain, appName, framesPerSecond, bitsPerSecond } = stream;
  return {
    account: accountName(scenario, api),
    stream: name,
    domain,
    app_name: appName,
    // Omit a rate of 0, because the exporter does not accept an expected rate of 0.
    expect: {
      fps: framesPerSecond > 0 ? framesPerSecond : undefined,
      bitrate: bitsPerSecond > 0 ? toBitrateText(bitsPerSecond) : undefined,
      live: true,
    },
  };
}
