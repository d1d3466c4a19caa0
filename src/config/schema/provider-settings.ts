import type { AccountInput } from './accounts.ts';

/** Location of a secret as written in the file: exactly one of the two keys is set. */
export interface SecretInput {
  readonly env: string | undefined;
  readonly file: string | undefined;
}

/** The parts of an account that only its provider understands. */
export interface ProviderSettings {
  readonly endpoints: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, SecretInput>>;
}

/** Extracts the settings that `providers/<name>/index.ts` parses, and the secrets by the names used there. */
export function toProviderSettings(account: AccountInput): ProviderSettings {
  switch (account.provider) {
    case 'tencent': {
      const { app_id, key_env, key_file, endpoint, time_zone } = account.statcgi;
      return {
        endpoints: [endpoint],
        settings: { appId: app_id, endpoint, timeZoneOffsetMs: time_zone },
        secrets: { key: { env: key_env, file: key_file } },
      };
    }
    case 'alibaba': {
      const { endpoint, signature, format, security_token_env, security_token_file } = account;
      const hasToken = security_token_env !== undefined || security_token_file !== undefined;
      return {
        endpoints: [endpoint],
        settings: { endpoint, signature, format },
        secrets: {
          accessKeyId: { env: account.access_key_id_env, file: account.access_key_id_file },
          accessKeySecret: { env: account.access_key_secret_env, file: account.access_key_secret_file },
          ...(hasToken && { securityToken: { env: security_token_env, file: security_token_file } }),
        },
      };
    }
    default:
      return account satisfies never;
  }
}
