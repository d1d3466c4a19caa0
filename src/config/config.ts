import type { Provider, Question } from '../model/capabilities.ts';
import type { ControlTarget, PushTarget } from '../model/target.ts';

/** Location of a secret, never its value, so that any Config can be printed. */
export type SecretRef =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly path: string };

/** One set of credentials and limits at a provider. */
export interface Account {
  readonly name: string;
  readonly provider: Provider;
  /** URLs of the provider's APIs, for display and checks. */
  readonly endpoints: readonly string[];
  /** Settings that only the provider understands: it parses them in `providers/<name>/index.ts`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Locations of the account's secrets, by the names that the provider gives them. An optional one can be absent. */
  readonly secrets: Readonly<Record<string, SecretRef>>;
  /** Budget of each operation of the account, retries included. */
  readonly requestsPerSecond: Readonly<Record<string, number>>;
  /** How late rows normally appear, for each question that the account answers: livestream_expected_delay_seconds. */
  readonly expectedDelayMs: Readonly<Partial<Record<Question, number>>>;
  /** Environment variable with the proxy URL; undefined: HTTP_PROXY, HTTPS_PROXY and NO_PROXY apply. */
  readonly proxyUrlEnv: string | undefined;
}

/** How much of a publisher's address is exposed, and on which metric families. */
export interface ClientIpSettings {
  readonly show: 'full' | 'prefix' | 'off';
  readonly on: 'gauges' | 'info';
}

/** The complete config: defaults applied, units converted, references resolved. It contains no secrets. */
export interface Config {
  readonly accounts: readonly Account[];
  readonly pushTargets: readonly PushTarget[];
  readonly controlTargets: readonly ControlTarget[];
  readonly clientIp: ClientIpSettings;
  readonly limits: { readonly maxStreams: number; readonly stateRetentionMs: number };
}
