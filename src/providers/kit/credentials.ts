import type { CancelSignal } from '../../calls/call.ts';

/**
 * Function that returns the credentials for one request. The result is a promise only if getting the
 * credentials requires I/O. Fails with a ProviderError `auth` if there are no credentials.
 */
export type GetCredentials<Credentials> = (signal: CancelSignal) => Credentials | Promise<Credentials>;

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
