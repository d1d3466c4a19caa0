import type { ControlTarget, PushTarget } from '../model/target.ts';

/** Location of a secret, never the secret, so that a Config can be printed. */
export type SecretRef =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly path: string };

/** Settings of Get_LivePushStatHistory and related operations (seed 000_9991dee4d576e584.txt). */
export interface StatcgiSettings {
  /** The parameter `cmd` of the API. */
  readonly appId: number;
  readonly key: SecretRef;
  readonly endpoint: string;
  /** UTC offset of times without a zone, positive east of Greenwich. */
  readonly timeZoneOffsetMs: number;
}

/** Settings of an account at any provider. */
interface CommonAccount {
  readonly name: string;
  /** Budget by operation, for every operation of the account. */
  readonly requestsPerSecond: Readonly<Record<string, number>>;
  /** Environment variable with the proxy URL. If undefined, HTTP_PROXY, HTTPS_PROXY and NO_PROXY apply. */
  readonly proxyUrlEnv: string | undefined;
}

export interface TencentAccount extends CommonAccount {
  readonly provider: 'tencent';
  readonly statcgi: StatcgiSettings;
  /** Normal delay of push samples, exposed as livestream_expected_delay_seconds. */
  readonly expectedDelayMs: number;
}

/** Account at ApsaraVideo Live 2016-11-01 (seed 004_3a006501540ff5cf.txt). */
export interface AlibabaAccount extends CommonAccount {
  readonly provider: 'alibaba';
  readonly accessKeyId: SecretRef;
  readonly accessKeySecret: SecretRef;
  /** Token of temporary credentials. Undefined, or a variable that is unset or empty: no token. */
  readonly securityToken: SecretRef | undefined;
  /** Scheme, host and port, without a trailing slash. */
  readonly endpoint: string;
  /** ACS3-HMAC-SHA256 (v3) or the older HMAC-SHA1 (v1). */
  readonly signature: 'v3' | 'v1';
  /** Response format. */
  readonly format: 'json' | 'xml';
  /** Normal delay of control actions; also part of each control target of the account. */
  readonly expectedDelayMs: number;
}

export type Account = TencentAccount | AlibabaAccount;

/** Part of the publisher IP address to expose, and the metric families that have it. */
export interface ClientIpSettings {
  readonly show: 'full' | 'prefix' | 'off';
  readonly on: 'gauges' | 'info';
}

/** A valid config with defaults, converted units and resolved references. It contains no secret. */
export interface Config {
  readonly accounts: readonly Account[];
  readonly pushTargets: readonly PushTarget[];
  readonly controlTargets: readonly ControlTarget[];
  readonly clientIp: ClientIpSettings;
  readonly limits: { readonly maxStreams: number; readonly stateRetentionMs: number };
}
