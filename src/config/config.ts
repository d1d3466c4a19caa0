import type { PushTarget } from '../model/target.ts';

/** Where a secret is, never the secret: so a whole Config can be printed. */
export type SecretPlace =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly path: string };

/** Get_LivePushStatHistory and its siblings (seed 000_9991dee4d576e584.txt). */
export interface StatcgiSettings {
  /** The API's `cmd`. */
  readonly appId: number;
  readonly key: SecretPlace;
  readonly endpoint: string;
  /** East of Greenwich is positive; of times without a zone. */
  readonly timeZoneOffsetMs: number;
}

export interface TencentAccount {
  readonly provider: 'tencent';
  readonly name: string;
  readonly statcgi: StatcgiSettings;
  /** By operation; every operation of the account is in it. */
  readonly requestsPerSecond: Readonly<Record<string, number>>;
  /** The environment variable that holds the proxy's URL; undefined: the usual HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly proxyUrlEnv: string | undefined;
  /** How late push samples normally are: a label-free fact of the account, shown as livestream_expected_delay_seconds. */
  readonly expectedDelayMs: number;
}

export type Account = TencentAccount;

/** How much of a publisher's address is shown, and on which families. */
export interface ClientIpSettings {
  readonly show: 'full' | 'prefix' | 'off';
  readonly on: 'gauges' | 'info';
}

/** What the operator wants, complete: defaults filled in, units turned, references resolved. Nothing in it is secret. */
export interface Config {
  readonly accounts: readonly Account[];
  readonly pushTargets: readonly PushTarget[];
  readonly clientIp: ClientIpSettings;
  readonly limits: { readonly maxStreams: number; readonly stateRetentionMs: number };
}

/** What is wrong in a config, and where. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** As in `streams.0.expect.fps`; empty for the whole file. */
  readonly path: string;
  readonly text: string;
}
