import { type GetCredentials, type GetSecret, requireSecret } from '../kit/credentials.ts';

/** The API key of the statistics API. */
export interface StatcgiCredentials {
  readonly key: string;
}

/** Returns static credentials, read from the config's secrets. */
export function staticCredentials(getSecret: GetSecret): GetCredentials<StatcgiCredentials> {
  const credentials = { key: requireSecret(getSecret, 'key') };
  return () => credentials;
}
