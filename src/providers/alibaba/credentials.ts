import { type GetCredentials, type GetSecret, requireSecret } from '../kit/credentials.ts';

/** Credentials for signing: the AccessKey pair of a RAM user, or temporary credentials of a role (STS). */
export interface AlibabaCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Security token of temporary (STS) credentials; undefined if the AccessKey pair is permanent. */
  readonly securityToken: string | undefined;
}

/**
 * Reads the credentials of an account from its configured secrets. Returns a function that always returns
 * these credentials. Throws if a required secret is missing.
 */
export function staticCredentials(getSecret: GetSecret): GetCredentials<AlibabaCredentials> {
  const credentials = {
    accessKeyId: requireSecret(getSecret, 'accessKeyId'),
    accessKeySecret: requireSecret(getSecret, 'accessKeySecret'),
    securityToken: getSecret('securityToken'),
  };
  return () => credentials;
}
