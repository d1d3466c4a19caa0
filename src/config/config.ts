import type { ControlTarget, PushTarget } from '../model/target.ts';

/** Where a secret is, never the secret: so a whole Config can be printed. */
export type SecretRef =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly path: string };

/** Get_LivePushStatHistory and its siblings (seed 000_9991dee4d576e584.txt). */
export interface StatcgiSettings {
  /** The API's `cmd`. */
  readonly appId: number;
  readonly key: SecretRef;
  readonly endpoint: string;
  /** East of Greenwich is positive; of times without a zone. */
  readonly timeZoneOffsetMs: number;
}

/** What an account has at any provider. */
interface CommonAccount {
  readonly name: string;
  /** By operation; every operation of the account is in it. */
  readonly requestsPerSecond: Readonly<Record<string, number>>;
  /** The environment variable that holds the proxy's URL; undefined: the usual HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly proxyUrlEnv: string | undefined;
}

export interface TencentAccount extends CommonAccount {
  readonly provider: 'tencent';
  readonly statcgi: StatcgiSettings;
  /** How late push samples normally are: a label-free fact of the account, shown as livestream_expected_delay_seconds. */
  readonly expectedDelayMs: number;
}

/** Access to ApsaraVideo Live 2016-11-01 (seed 004_3a006501540ff5cf.txt). */
export interface AlibabaAccount extends CommonAccount {
  readonly provider: 'alibaba';
  readonly accessKeyId: SecretRef;
  readonly accessKeySecret: SecretRef;
  /** Of temporary credentials. undefined, or an environment variable that is unset or empty: there is no token. */
  readonly securityToken: SecretRef | undefined;
  /** Scheme, host and port, without a slash after them. */
  readonly endpoint: string;
  /** ACS3-HMAC-SHA256, or the older HMAC-SHA1. */
  readonly signature: 'v3' | 'v1';
  /** What answers are asked for in. */
  readonly format: 'json' | 'xml';
  /** How late records of control actions normally are: every control target of the account has it too. */
  readonly expectedDelayMs: number;
}

export type Account = TencentAccount | AlibabaAccount;

/** How much of a publisher's address is shown, and on which families. */
export interface ClientIpSettings {
  readonly show: 'full' | 'prefix' | 'off';
  readonly on: 'gauges' | 'info';
}

/** What the operator wants, complete: defaults filled in, units turned, references resolved. Nothing in it is secret. */
export interface Config {
  readonly accounts: readonly Account[];
  readonly pushTargets: readonly PushTarget[];
  readonly controlTargets: readonly ControlTarget[];
  readonly clientIp: ClientIpSettings;
  readonly limits: { readonly maxStreams: number; readonly stateRetentionMs: number };
}
