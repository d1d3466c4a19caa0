import { type GetCredentials, type GetSecret, requireSecret } from '../kit/credentials.ts';

/** Credentials for Tencent's statistics API, which consist of an API key. */
export interface StatcgiCredentials {
  readonly key: string;
}

/** Creates the function that returns the current API key of an account. It throws if the key is missing. */
export function currentStatcgiCredentials(getSecret: GetSecret): GetCredentials<StatcgiCredentials> {
  return () => ({ key: requireSecret(getSecret, 'key') });
}

/** Credentials for API 3.0: the key pair of a user, or temporary credentials of a role (STS). */
export interface Api3Credentials {
  readonly secretId: string;
  readonly secretKey: string;
  /** Token of temporary credentials; undefined if the key pair is permanent. */
  readonly token: string | undefined;
}

/**
 * Creates the function that returns the current API 3.0 credentials of an account. It throws if a required secret
 * is missing.
 */
export function currentApi3Credentials(getSecret: GetSecret): GetCredentials<Api3Credentials> {
  return () => ({
    secretId: requireSecret(getSecret, 'secretId'),
    secretKey: requireSecret(getSecret, 'secretKey'),
    token: getSecret('token'),
  });
}
