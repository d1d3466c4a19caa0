import type { CancelSignal } from '../../calls/call.ts';

/** Returns the credentials for one request, without a promise if no I/O is needed. Fails as `auth` if there are none. */
export type GetCredentials<Credentials> = (signal: CancelSignal) => Credentials | Promise<Credentials>;

/** Returns a configured secret by its name in the account; undefined if it is not configured. */
export type GetSecret = (name: string) => string | undefined;

/** Returns a secret that the config schema requires. Throws if it is missing, which is a bug. */
export function requireSecret(getSecret: GetSecret, name: string): string {
  const secret = getSecret(name);
  if (secret === undefined) throw new Error(`secret ${name} is missing, although the config was valid`);
  return secret;
}
