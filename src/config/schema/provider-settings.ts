import type { Account } from '../config.ts';
import type { AccountInput } from './accounts.ts';
import { libraryOf } from './credential-sources.ts';
import type { DomainInput } from './domains.ts';

/** Access of an account to an API of its provider. */
interface ProviderAccess
  extends Pick<Account, 'endpoints' | 'settings' | 'credentialLibrary' | 'requestsPerPoll'> {
  /** Name of the API, as in `capabilities`. */
  readonly api: string;
}

/** URLs of API 3.0 of Tencent Cloud, by site. */
const api3Endpoints = {
  china: 'https://live.tencentcloudapi.com',
  international: 'https://live.intl.tencentcloudapi.com',
} as const;

/**
 * Returns the API of an account, its endpoints, and the settings that only the provider's own code
 * (`providers/<name>/index.ts`) reads. `domains` are the domains of the config.
 */
export function toProviderSettings(
  account: AccountInput,
  domains: readonly DomainInput[] = [],
): ProviderAccess {
  switch (account.provider) {
    case 'tencent':
      return toTencentSettings(account);
    case 'alibaba': {
      const { endpoint, signature, format, credentials, bitrate_unit: bitrateUnits } = account;
      const pushDomains = Object.fromEntries(
        domains.flatMap(({ account: name, domain, push_domains: own }) =>
          name === account.name && own.length > 0 ? [[domain, own]] : [],
        ),
      );
      const { from: credentialsFrom } = credentials;
      return {
        api: 'live',
        endpoints: [endpoint],
        settings: { endpoint, signature, format, credentialsFrom, bitrateUnits, pushDomains },
        // Each ingest domain of the config is requested.
        requestsPerPoll: Object.fromEntries(
          Object.entries(pushDomains).map(([domain, { length }]) => [domain, length]),
        ),
        credentialLibrary: libraryOf('alibaba', credentialsFrom, 'credentials'),
      };
    }
    default:
      return account satisfies never;
  }
}

function toTencentSettings({
  statcgi,
  api3,
}: Extract<AccountInput, { provider: 'tencent' }>): ProviderAccess {
  if (statcgi !== undefined) {
    const { app_id, endpoint, time_zone } = statcgi;
    const settings = { api: 'statcgi', appId: app_id, endpoint, timeZoneOffsetMs: time_zone };
    return { api: 'statcgi', endpoints: [endpoint], settings, credentialLibrary: undefined };
  }
  const site = api3?.site ?? 'china';
  const endpoint = api3?.endpoint ?? api3Endpoints[site];
  // The variables of `env` are secrets of the account, see `secretRefsOf`.
  const from = api3?.credentials.from ?? 'static';
  const credentialsFrom = from === 'env' ? 'static' : from;
  return {
    api: 'api3',
    endpoints: [endpoint],
    settings: { api: 'api3', endpoint, site, credentialsFrom },
    credentialLibrary: libraryOf('tencent', credentialsFrom, 'api3.credentials'),
  };
}
