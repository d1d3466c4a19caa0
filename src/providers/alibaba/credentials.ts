import { extname } from 'node:path';
import {
  type CredentialParts,
  type CurrentCredentials,
  type GetCredentials,
  type GetSecret,
  requireSecret,
} from '../kit/credentials.ts';
import { createLibraryCredentials } from '../kit/library-credentials.ts';

/** Credentials for signing: the AccessKey pair of a RAM user, or temporary credentials of a role (STS). */
export interface AlibabaCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Security token of temporary (STS) credentials; undefined if the AccessKey pair is permanent. */
  readonly securityToken: string | undefined;
}

/**
 * Creates the function that returns the current secrets of an account. It throws if a required secret is
 * missing.
 */
function currentCredentials(getSecret: GetSecret): GetCredentials<AlibabaCredentials> {
  return () => ({
    accessKeyId: requireSecret(getSecret, 'accessKeyId'),
    accessKeySecret: requireSecret(getSecret, 'accessKeySecret'),
    securityToken: getSecret('securityToken'),
  });
}

/**
 * URL of library-worker in the directory of this file. It has the same file extension as this file: .ts in a
 * checkout, .js in the published package.
 */
const script = new URL(`./library-worker${extname(import.meta.url)}`, import.meta.url);

/** Creates the credentials of an account. `from` is `static` or a source of the provider's library. */
export function createCredentials(
  from: string,
  getSecret: GetSecret,
  parts: CredentialParts,
): CurrentCredentials<AlibabaCredentials> {
  if (from === 'static') return { get: currentCredentials(getSecret) };
  // The library cannot use a proxy.
  return createLibraryCredentials(
    { script, from, proxiedUrl: undefined },
    ({ id, secret, token }) => ({ accessKeyId: id, accessKeySecret: secret, securityToken: token }),
    'alibaba',
    parts,
  );
}
