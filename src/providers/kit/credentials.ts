import type { CancelSignal } from '../../calls/call.ts';

/**
 * Returns the credentials for one request, as a promise only if getting them needs I/O. Fails with a
 * ProviderError `auth` if there are no credentials.
 */
export type GetCredentials<Credentials> = (signal: CancelSignal) => Credentials | Promise<Credentials>;

/**
 * Returns a secret of an account by the name that the provider gives it (such as `accessKeyId`); undefined if
 * the config has no such secret.
 */
export type GetSecret = (name: string) => string | undefined;

/**
 * Returns a secret that the config schema requires. A missing secret is a bug in the exporter, so throws a
 * plain Error.
 */
export function requireSecret(getSecret: GetSecret, name: string): string {
  const secret = getSecret(name);
  if (secret === undefined) throw new Error(`secret ${name} is missing, although the config was valid`);
  return secret;
}
