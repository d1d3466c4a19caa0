import { type GetCredentials, type GetSecret, requireSecret } from '../kit/credentials.ts';

/** Credentials for Tencent's statistics API, which consist of an API key. */
export interface StatcgiCredentials {
  readonly key: string;
}

/** Creates the function that returns the current API key of an account. It throws if the key is missing. */
export function currentCredentials(getSecret: GetSecret): GetCredentials<StatcgiCredentials> {
  return () => ({ key: requireSecret(getSecret, 'key') });
}
