import { type GetCredentials, type GetSecret, requireSecret } from '../kit/credentials.ts';

/** Credentials for Tencent's statistics API, which consist of an API key. */
export interface StatcgiCredentials {
  readonly key: string;
}

/**
 * Reads the API key of an account from its configured secrets. Returns a function that always returns this
 * key. Throws if the key is missing.
 */
export function staticCredentials(getSecret: GetSecret): GetCredentials<StatcgiCredentials> {
  const credentials = { key: requireSecret(getSecret, 'key') };
  return () => credentials;
}
