import type { Question } from '../model/capabilities.ts';
import type { Provider } from '../model/operations.ts';
import type { ControlTarget, DiscoveryTarget, PushTarget } from '../model/target.ts';

/**
 * Location of a secret: an environment variable or a file. It does not contain the secret, so a Config can be
 * printed.
 */
export type SecretRef =
  | { readonly from: 'env'; readonly name: string }
  | { readonly from: 'file'; readonly path: string };

/** npm package from which the credentials of an account come, see `credentials.from` in the config. */
export interface CredentialLibrary {
  readonly name: string;
  /** Version that the exporter is tested with. */
  readonly version: string;
  /** Key path of `credentials.from`, relative to the account. */
  readonly path: string;
  /** Environment variables that the library requires. */
  readonly variables: readonly string[];
}

/** Account: one set of credentials and limits at a provider. */
export interface Account {
  readonly name: string;
  readonly provider: Provider;
  /** URLs of the provider's APIs, only for display and checks. Requests use the URLs in `settings`. */
  readonly endpoints: readonly string[];
  /** Settings that only the code of the provider reads. `providers/<name>/index.ts` parses them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * Locations of the secrets of the account, by the name that the provider's code gives each secret (such as
   * `accessKeyId`). If an optional secret is not configured, it has no entry.
   */
  readonly secrets: Readonly<Record<string, SecretRef>>;
  /** Library that the credentials require; undefined if they are secrets of the account. */
  readonly credentialLibrary?: CredentialLibrary | undefined;
  /** Maximum number of requests per second, including retries, by operation (API method). */
  readonly requestsPerSecond: Readonly<Record<string, number>>;
  /**
   * Time in ms after which rows normally appear at the provider, by kind of data. Contains an entry for each
   * kind of data that the account can return. Exposed as livestream_expected_delay_seconds.
   */
  readonly expectedDelayMs: Readonly<Partial<Record<Question, number>>>;
  /**
   * Number of requests that a poll of the push samples of a stream sends, by domain of the stream. A domain
   * without an entry needs one.
   */
  readonly requestsPerPoll?: Readonly<Record<string, number>> | undefined;
  /**
   * Name of the environment variable that contains the proxy URL. If undefined, HTTP_PROXY, HTTPS_PROXY and
   * NO_PROXY apply.
   */
  readonly proxyUrlEnv: string | undefined;
}

/** Settings for posting alerts to Alertmanagers. */
export interface AlertmanagerSettings {
  /** URLs without a slash at the end; empty if the exporter posts no alerts. */
  readonly urls: readonly string[];
  /** User name for basic authentication; undefined if there is none. */
  readonly username: string | undefined;
  /** Files with the secrets, and with the certificates that are trusted. */
  readonly secrets: Readonly<Partial<Record<AlertmanagerSecretName, SecretRef>>>;
  /** Language of the annotations. */
  readonly language: 'en' | 'zh';
  /** URL below which the runbooks are; empty if alerts have no `runbook_url`. */
  readonly runbookBase: string;
}

export type AlertmanagerSecretName = 'password' | 'bearerToken' | 'certificates';

/** How much of a publisher's IP address is exposed (`show`), and in which metric families (`on`). */
export interface ClientIpSettings {
  readonly show: 'full' | 'prefix' | 'off';
  readonly on: 'gauges' | 'info';
}

/**
 * Valid config of the exporter. Defaults are applied, units are converted, and streams and domains are
 * matched with their accounts. It contains no secrets.
 */
export interface Config {
  readonly accounts: readonly Account[];
  readonly pushTargets: readonly PushTarget[];
  readonly controlTargets: readonly ControlTarget[];
  readonly discoveryTargets: readonly DiscoveryTarget[];
  readonly clientIp: ClientIpSettings;
  readonly limits: { readonly maxStreams: number; readonly stateRetentionMs: number };
  readonly alertmanager: AlertmanagerSettings;
}

/**
 * Returns the number of domains in the config. A domain can have control actions and several applications to
 * discover.
 */
export function domainCount({
  controlTargets,
  discoveryTargets,
}: Pick<Config, 'controlTargets' | 'discoveryTargets'>): number {
  const domains = [...controlTargets, ...discoveryTargets].map(({ account, domain }) =>
    JSON.stringify([account, domain]),
  );
  return new Set(domains).size;
}
