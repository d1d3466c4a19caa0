import { type GetCredentials, type GetSecret, requireSecret } from '../kit/credentials.ts';

/** An AccessKey pair of a RAM user, or temporary credentials of a role (STS). */
export interface AlibabaCredentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** undefined: the credentials are not temporary. */
  readonly securityToken: string | undefined;
}

/** Returns static credentials, read from the config's secrets. */
export function staticCredentials(getSecret: GetSecret): GetCredentials<AlibabaCredentials> {
  const credentials = {
    accessKeyId: requireSecret(getSecret, 'accessKeyId'),
    accessKeySecret: requireSecret(getSecret, 'accessKeySecret'),
    securityToken: getSecret('securityToken'),
  };
  return () => credentials;
}
