import { apiOf } from '../model/capabilities.ts';
import type { UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { isMapping, listAt, valueAt } from '../text/plain-value.ts';
import type { ConfigInput } from './schema/config.ts';

/**
 * Returns diagnostics for keys that do not fit the API of an account: streams without a domain, which API 3.0
 * requires, and rates of operations of an API that the account does not use. `raw` and `config` are as for
 * `crossCheck`.
 */
export function checkApis(
  raw: unknown,
  { streams = [] }: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  const accounts = listAt(raw, ['accounts']);
  const withDomains = new Set(
    accounts.filter((account) => hasApi(account, 'api3')).map((account) => valueAt(account, ['name'])),
  );
  return [
    ...accounts.flatMap(unusedRates),
    ...streams.flatMap(({ account, domain }, index) => {
      if (domain !== '' || !withDomains.has(account)) return [];
      const hasKey = valueAt(raw, ['streams', index, 'domain']) !== undefined;
      return [
        {
          path: ['streams', index, ...(hasKey ? ['domain'] : [])],
          text: 'domain is missing: API 3.0 finds a stream only by its push domain, app_name and stream',
        },
      ];
    }),
  ];
}

/** Returns a diagnostic for each rate of an operation of an API that the account does not use. */
function unusedRates(account: unknown, index: number): readonly UnlocatedDiagnostic[] {
  const rates = valueAt(account, ['requests_per_second']);
  const apis = ['statcgi', 'api3'].filter((api) => hasApi(account, api));
  const [used, ...others] = apis;
  if (used === undefined || others.length > 0 || !isMapping(rates)) return [];
  return Object.keys(rates).flatMap((operation) => {
    const api = apiOf(operation);
    if (api === undefined || api === used) return [];
    return [
      {
        path: ['accounts', index, 'requests_per_second', operation],
        atKey: true,
        text: `this account does not use the operation, because it has ${used} and not ${api}; remove the rate`,
      },
    ];
  });
}

function hasApi(account: unknown, api: string): boolean {
  return valueAt(account, [api]) !== undefined;
}
