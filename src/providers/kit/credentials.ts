import type { CancelSignal, RenewableSecrets } from '../../calls/call.ts';
import type { EpochMs } from '../../model/time.ts';
import type { AskLibrary } from './library.ts';

/**
 * Function that returns the credentials for one request. The result is a promise only if getting the
 * credentials requires I/O. Fails with a ProviderError `auth` if there are no credentials.
 */
export type GetCredentials<Credentials> = (signal: CancelSignal) => Credentials | Promise<Credentials>;

/** Current credentials of an account, and how to replace them if the provider rejects them. */
export interface CurrentCredentials<Credentials> {
  readonly get: GetCredentials<Credentials>;
  /**
   * Replaces credentials that the provider rejected. Undefined if the credentials consist of secrets of the
   * config, which `GetSecret` returns: those are read again elsewhere.
   */
  readonly renewable?: RenewableSecrets | undefined;
}

/** Functions that credentials require which do not come from the config. */
export interface CredentialParts {
  readonly askLibrary: AskLibrary;
  /** See `onRenewal` in `CredentialCacheParts`. */
  readonly onRenewal: (problem: unknown) => void;
  readonly now: () => EpochMs;
  /** Returns the monotonic time in ms. */
  readonly elapsed: () => number;
}

/**
 * Function that returns the current value of an account's secret by the name that the provider's code gives
 * the secret, such as `accessKeyId`; undefined if the config has no such secret. The value changes when the
 * file of the secret changes, so get it for each request.
 */
export type GetSecret = (name: string) => string | undefined;

/**
 * Returns a secret that the config schema requires. If it is missing, throws a plain Error, because that is a
 * bug in the exporter.
 */
export function requireSecret(getSecret: GetSecret, name: string): string {
  const secret = getSecret(name);
  if (secret === undefined) throw new Error(`secret ${name} is missing, although the config was valid`);
  return secret;
}
