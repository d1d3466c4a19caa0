import type { Question } from '../model/capabilities.ts';
import type { Expectation } from '../model/expectation.ts';
import { apiOf, apisOf, type Provider } from '../model/operations.ts';
import type { ControlTarget, DiscoveryTarget, PushTarget } from '../model/target.ts';
import { toAlertmanagerSettings } from './alertmanager.ts';
import type { Account, Config } from './config.ts';
import { createTargetIntern } from './intern.ts';
import { type AccountInput, accountKindOf } from './schema/accounts.ts';
import type { ConfigInput, StreamInput } from './schema/config.ts';
import { toProviderSettings } from './schema/provider-settings.ts';
import { secretRefsOf } from './secret-refs.ts';
import { type PushTiming, pushTiming } from './timing.ts';

/**
 * Converts the output of the config schema to a Config. A relative path in the config is relative to the
 * directory of `file`.
 */
export function toConfig(input: ConfigInput, file: string): Config {
  return {
    accounts: input.accounts.map((account) => toAccount(account, input.domains, file)),
    pushTargets: toPushTargets(input),
    controlTargets: toControlTargets(input),
    discoveryTargets: toDiscoveryTargets(input),
    clientIp: input.client_ip,
    limits: { maxStreams: input.limits.max_streams, stateRetentionMs: input.limits.state_retention },
    alertmanager: toAlertmanagerSettings(input.alertmanager, file),
  };
}

function toAccount(account: AccountInput, domains: ConfigInput['domains'], file: string): Account {
  const refs = secretRefsOf(account, file).filter(({ kind }) => kind !== 'proxy');
  const access = toProviderSettings(account, domains);
  const { api, endpoints, settings, credentialLibrary, requestsPerPoll } = access;
  const rates = Object.entries(account.requests_per_second).filter(([name]) => apiOf(name) === api);
  return {
    name: account.name,
    provider: account.provider,
    endpoints,
    settings,
    credentialLibrary,
    secrets: Object.fromEntries(refs.map(({ name, ref }) => [name, ref])),
    requestsPerSecond: Object.fromEntries(rates),
    expectedDelayMs: Object.fromEntries(
      Object.entries(account.expected_delay).filter(([question]) =>
        apisOf(account.provider, question as Question).includes(api),
      ),
    ),
    requestsPerPoll,
    proxyUrlEnv: account.proxy_url_env === '' ? undefined : account.proxy_url_env,
  };
}

/**
 * Returns the expected delay in ms of an account for one kind of data; undefined if the account cannot return
 * this kind of data.
 */
function delayOf(account: AccountInput | undefined, question: Question): number | undefined {
  if (account === undefined) return undefined;
  const delays: Account['expectedDelayMs'] = account.expected_delay;
  const { api } = toProviderSettings(account);
  return apisOf(account.provider, question).includes(api) ? delays[question] : undefined;
}

/**
 * Returns the push targets, one per stream. A stream whose account cannot return push statistics is skipped,
 * because crossCheck reports it.
 */
function toPushTargets(input: ConfigInput): readonly PushTarget[] {
  const timings = timingsOf(input);
  const intern = createTargetIntern();
  return input.streams.flatMap((stream) => {
    const timing = timings.get(stream.account);
    if (timing === undefined) return [];
    const { account, domain, app_name, stream: name } = stream;
    const { provider, ...settings } = toPushSettings(stream, timing, input.defaults.expect);
    return [intern({ stream: { account, provider, domain, appName: app_name, stream: name }, ...settings })];
  });
}

type AccountTiming = PushTiming & { readonly provider: Provider };

/** Returns the durations for push targets of each account that can return push statistics. */
function timingsOf({
  accounts,
  push_stats,
}: Pick<ConfigInput, 'accounts' | 'push_stats'>): ReadonlyMap<string, AccountTiming> {
  return new Map(
    accounts.flatMap((account) => {
      const delay = delayOf(account, 'push_stats');
      if (delay === undefined) return [];
      const timing = pushTiming(push_stats, account.push_stats ?? {}, delay);
      return [[account.name, { ...timing, provider: account.provider }]];
    }),
  );
}

function toPushSettings(
  { expect, labels }: Pick<StreamInput, 'expect' | 'labels'>,
  { provider, interval, expected_delay, lookback, stale_after }: AccountTiming,
  defaults: ConfigInput['defaults']['expect'],
) {
  return {
    provider,
    expectation: toExpectation(expect, defaults),
    labels,
    intervalMs: interval,
    expectedDelayMs: expected_delay,
    lookbackMs: lookback,
    staleAfterMs: stale_after,
  };
}

/** Returns the discovery targets, one per application of each domain with `discover`. */
function toDiscoveryTargets({ domains, defaults, ...input }: ConfigInput): readonly DiscoveryTarget[] {
  const timings = timingsOf(input);
  return domains.flatMap((settings) => {
    const { account, domain, app_names, discover, discover_interval, streams: filter } = settings;
    const ofAccount = timings.get(account);
    if (!discover || ofAccount === undefined) return [];
    const own = pushTiming(ofAccount, settings.push_stats, ofAccount.expected_delay);
    const { provider, ...push } = toPushSettings(settings, { ...ofAccount, ...own }, defaults.expect);
    return app_names.map((appName) => {
      return { account, provider, domain, appName, intervalMs: discover_interval, filter, push };
    });
  });
}

function toControlTargets({ accounts, domains }: ConfigInput): readonly ControlTarget[] {
  const byName = new Map(accounts.map((account) => [account.name, account]));
  return domains.flatMap(({ account: name, domain, app_name, app_names, control_history }) => {
    const account = byName.get(name);
    const expectedDelayMs = delayOf(account, 'control_history');
    if (account === undefined || expectedDelayMs === undefined) return [];
    return [
      {
        account: name,
        provider: account.provider,
        domain,
        appName: app_name === '' ? undefined : app_name,
        ...(accountKindOf(account.provider)?.hasControlPerApp && { appNames: app_names }),
        intervalMs: control_history.interval,
        expectedDelayMs,
        lookbackMs: control_history.lookback,
      },
    ];
  });
}

function toExpectation(own: StreamInput['expect'], defaults: ConfigInput['defaults']['expect']): Expectation {
  const isAudioOnly = (own.video ?? defaults.video) === false;
  const fps = isAudioOnly ? undefined : (own.fps ?? defaults.fps);
  const bitrate = own.bitrate ?? defaults.bitrate;
  const fpsRatio = own.fps_ratio ?? defaults.fps_ratio;
  const bitrateRatio = own.bitrate_ratio ?? defaults.bitrate_ratio;
  return {
    framesPerSecond: fps,
    bitsPerSecond: bitrate,
    // Round to 0.001 frames and to 1 bit to remove floating point errors: 29.97 * 0.8 should be 23.976, not
    // 23.976000000000003.
    minFramesPerSecond: fps === undefined ? undefined : Math.round(fps * fpsRatio * 1000) / 1000,
    minBitsPerSecond: bitrate === undefined ? undefined : Math.round(bitrate * bitrateRatio),
    live: own.live ?? defaults.live,
    ...(isAudioOnly && { isAudioOnly }),
  };
}
