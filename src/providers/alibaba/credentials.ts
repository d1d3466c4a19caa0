import { type GetCredentials, type GetSecret, requireSecret } from '../kit/credentials.ts';

/** Credentials for signing: the AccessKey pair of a RAM user, or temporary credentials of a role (STS). */
export interface AlibabaCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Security token of temporary (STS) credentials; undefined if the AccessKey pair is permanent. */
  readonly securityToken: string | undefined;
}

/**
 * Creates the function that returns the current credentials of an account. It throws if a required secret is
 * missing.
 */
export function currentCredentials(getSecret: GetSecret): GetCredentials<AlibabaCredentials> {
  return () => ({
    accessKeyId: requireSecret(getSecret, 'accessKeyId'),
    accessKeySecret: requireSecret(getSecret, 'accessKeySecret'),
    securityToken: getSecret('securityToken'),
  });
}
