import type { Expectation } from '../model/expectation.ts';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import { resolveRelativeTo } from '../text/relative-path.ts';
import type { Account, AlibabaAccount, Config, SecretRef, TencentAccount } from './config.ts';
import { createTargetIntern } from './intern.ts';
import type { AlibabaInput } from './schema/account-alibaba.ts';
import type { TencentInput } from './schema/account-tencent.ts';
import type { AccountInput } from './schema/accounts.ts';
import type { ConfigInput, StreamInput } from './schema/config.ts';
import { type PushTiming, pushTiming } from './timing.ts';

/** The Config of an input in which nothing is wrong. Relative paths in it are relative to `file`. */
export function toConfig(input: ConfigInput, file: string): Config {
  return {
    accounts: input.accounts.map((account) => toAccount(account, file)),
    pushTargets: toPushTargets(input),
    controlTargets: toControlTargets(input),
    clientIp: input.client_ip,
    limits: { maxStreams: input.limits.max_streams, stateRetentionMs: input.limits.state_retention },
  };
}

function toAccount(account: AccountInput, file: string): Account {
  return account.provider === 'tencent' ? toTencent(account, file) : toAlibaba(account, file);
}

function toTencent(account: TencentInput, file: string): TencentAccount {
  const { app_id, key_env, key_file, endpoint, time_zone } = account.statcgi;
  return {
    provider: account.provider,
    ...toCommon(account),
    statcgi: { appId: app_id, key: toPlace(key_env, key_file, file), endpoint, timeZoneOffsetMs: time_zone },
    expectedDelayMs: account.expected_delay.push_stats,
  };
}

function toAlibaba(account: AlibabaInput, file: string): AlibabaAccount {
  const { security_token_env, security_token_file, endpoint, signature, format } = account;
  const hasToken = security_token_env !== undefined || security_token_file !== undefined;
  return {
    provider: account.provider,
    ...toCommon(account),
    accessKeyId: toPlace(account.access_key_id_env, account.access_key_id_file, file),
    accessKeySecret: toPlace(account.access_key_secret_env, account.access_key_secret_file, file),
    securityToken: hasToken ? toPlace(security_token_env, security_token_file, file) : undefined,
    endpoint,
    signature,
    format,
    expectedDelayMs: account.expected_delay.control_history,
  };
}

function toCommon({ name, requests_per_second, proxy_url_env }: AccountInput) {
  return {
    name,
    requestsPerSecond: requests_per_second,
    proxyUrlEnv: proxy_url_env === '' ? undefined : proxy_url_env,
  };
}

/** The schema saw to it that one of the two is there. */
function toPlace(env: string | undefined, path = '', file: string): SecretRef {
  return env === undefined
    ? { from: 'file', path: resolveRelativeTo(file, path) }
    : { from: 'env', name: env };
}

/** A stream of an account that cannot be asked about it was objected to. */
function toPushTargets({ accounts, streams, push_stats, defaults }: ConfigInput): readonly PushTarget[] {
  const timings = new Map(
    accounts
      .filter((account) => account.provider === 'tencent')
      .map((account) => [account.name, pushTiming(push_stats, account)]),
  );
  const share = createTargetIntern();
  return streams.flatMap((stream) => {
    const timing = timings.get(stream.account);
    return timing === undefined ? [] : [share(toPushTarget(stream, timing, defaults.expect))];
  });
}

function toPushTarget(
  { account, domain, app_name, stream, expect, labels }: StreamInput,
  timing: PushTiming,
  defaults: ConfigInput['defaults']['expect'],
): PushTarget {
  return {
    stream: { account, provider: 'tencent', domain, appName: app_name, stream },
    expectation: toExpectation(expect, defaults),
    labels,
    intervalMs: timing.interval,
    expectedDelayMs: timing.expected_delay,
    lookbackMs: timing.lookback,
    staleAfterMs: timing.stale_after,
  };
}

function toControlTargets({ accounts, domains }: ConfigInput): readonly ControlTarget[] {
  const delays = new Map(
    accounts
      .filter((account) => account.provider === 'alibaba')
      .map(({ name, expected_delay }) => [name, expected_delay.control_history]),
  );
  return domains.flatMap(({ account, domain, app_name, control_history }) => {
    const expectedDelayMs = delays.get(account);
    if (expectedDelayMs === undefined) return [];
    return [
      {
        account,
        provider: 'alibaba',
        domain,
        appName: app_name === '' ? undefined : app_name,
        intervalMs: control_history.interval,
        expectedDelayMs,
        lookbackMs: control_history.lookback,
      },
    ];
  });
}

function toExpectation(own: StreamInput['expect'], defaults: ConfigInput['defaults']['expect']): Expectation {
  const fps = own.fps ?? defaults.fps;
  const bitrate = own.bitrate ?? defaults.bitrate;
  const fpsRatio = own.fps_ratio ?? defaults.fps_ratio;
  const bitrateRatio = own.bitrate_ratio ?? defaults.bitrate_ratio;
  return {
    framesPerSecond: fps,
    bitsPerSecond: bitrate,
    // To the milliframe and the bit: 29.97 * 0.8 is 23.976, not 23.976000000000003.
    minFramesPerSecond: fps === undefined ? undefined : Math.round(fps * fpsRatio * 1000) / 1000,
    minBitsPerSecond: bitrate === undefined ? undefined : Math.round(bitrate * bitrateRatio),
    live: own.live ?? defaults.live,
  };
}
