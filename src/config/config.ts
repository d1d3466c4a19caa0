import type { Provider, Question } from '../model/capabilities.ts';
import type { ControlTarget, PushTarget } from '../model/target.ts';

/**
 * Location of a secret: an environment variable or a file. It never contains the secret, so a Config can be
 * printed.
 */
export type SecretRef =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly path: string };

/** Account: one set of credentials and limits at a provider. */
export interface Account {
  readonly name: string;
  readonly provider: Provider;
  /** URLs of the provider's APIs. The exporter only displays and checks them; requests use `settings`. */
  readonly endpoints: readonly string[];
  /** Settings that only the code of the provider understands. `providers/<name>/index.ts` parses them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * Locations of the account's secrets, by the name that the provider gives each secret (such as
   * `accessKeyId`). An optional secret that is not configured has no entry.
   */
  readonly secrets: Readonly<Record<string, SecretRef>>;
  /** Maximum requests per second of the account, retries included, by operation (API method). */
  readonly requestsPerSecond: Readonly<Record<string, number>>;
  /**
   * How late rows of the provider normally appear, in ms, by question (kind of data). Has an entry for each
   * question that the account can answer. Exposed as livestream_expected_delay_seconds.
   */
  readonly expectedDelayMs: Readonly<Partial<Record<Question, number>>>;
  /**
   * Name of the environment variable with the proxy URL; undefined: HTTP_PROXY, HTTPS_PROXY and NO_PROXY
   * apply.
   */
  readonly proxyUrlEnv: string | undefined;
}

/** How much of a publisher's IP address is exposed (`show`), and on which metric families (`on`). */
export interface ClientIpSettings {
  readonly show: 'full' | 'prefix' | 'off';
  readonly on: 'gauges' | 'info';
}

/**
 * The valid config of the exporter, with defaults applied, units converted, and accounts, streams and domains
 * matched. It contains no secrets.
 */
export interface Config {
  readonly accounts: readonly Account[];
  readonly pushTargets: readonly PushTarget[];
  readonly controlTargets: readonly ControlTarget[];
  readonly clientIp: ClientIpSettings;
  readonly limits: { readonly maxStreams: number; readonly stateRetentionMs: number };
}
