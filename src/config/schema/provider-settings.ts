import type { Account } from '../config.ts';
import type { AccountInput } from './accounts.ts';

/**
 * Returns the endpoints of an account and the settings that only the provider's own code
 * (`providers/<name>/index.ts`) reads.
 */
export function toProviderSettings(account: AccountInput): Pick<Account, 'endpoints' | 'settings'> {
  switch (account.provider) {
    case 'tencent': {
      const { app_id, endpoint, time_zone } = account.statcgi;
      return { endpoints: [endpoint], settings: { appId: app_id, endpoint, timeZoneOffsetMs: time_zone } };
    }
    case 'alibaba': {
      const { endpoint, signature, format } = account;
      return { endpoints: [endpoint], settings: { endpoint, signature, format } };
    }
    default:
      return account satisfies never;
  }
}
