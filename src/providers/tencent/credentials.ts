import { extname } from 'node:path';
import {
  type CredentialParts,
  type CurrentCredentials,
  type GetCredentials,
  type GetSecret,
  requireSecret,
} from '../kit/credentials.ts';
import { createLibraryCredentials } from '../kit/library-credentials.ts';

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
 * Creates the function that returns the current API 3.0 secrets of an account. It throws if a required secret
 * is missing.
 */
function currentApi3Credentials(getSecret: GetSecret): GetCredentials<Api3Credentials> {
  return () => ({
    secretId: requireSecret(getSecret, 'secretId'),
    secretKey: requireSecret(getSecret, 'secretKey'),
    token: getSecret('token'),
  });
}

/**
 * URL of library-worker in the directory of this file. It has the same file extension as this file: .ts in a
 * checkout, .js in the published package.
 */
const script = new URL(`./library-worker${extname(import.meta.url)}`, import.meta.url);

/** URL that the library calls for the source `tke_oidc`. */
const stsUrl = 'https://sts.tencentcloudapi.com';

/**
 * Creates the API 3.0 credentials of an account. `from` is `static` or a source of the provider's library.
 */
export function createApi3Credentials(
  from: string,
  getSecret: GetSecret,
  parts: CredentialParts,
): CurrentCredentials<Api3Credentials> {
  if (from === 'static') return { get: currentApi3Credentials(getSecret) };
  return createLibraryCredentials(
    { script, from, proxiedUrl: from === 'tke_oidc' ? stsUrl : undefined },
    ({ id, secret, token }) => ({ secretId: id, secretKey: secret, token }),
    'tencent',
    parts,
  );
}
