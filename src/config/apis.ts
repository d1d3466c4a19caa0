import { apiOf } from '../model/capabilities.ts';
import { quoted, type UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { isMapping, listAt, valueAt } from '../text/plain-value.ts';
import { accountKindOf } from './schema/accounts.ts';
import type { ConfigInput } from './schema/config.ts';

/**
 * Returns diagnostics for keys that do not fit the API of an account: streams without a key that the API
 * requires, and rates of operations of an API that the account does not use. `raw` and `config` are as for
 * `crossCheck`.
 */
export function checkApis(
  raw: unknown,
  { streams = [] }: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  const accounts = listAt(raw, ['accounts']);
  const byName = new Map(accounts.map((account) => [valueAt(account, ['name']), account]));
  return [
    ...accounts.flatMap(unusedRates),
    ...streams.flatMap((stream, index) => {
      const account = byName.get(stream.account);
      const kind = accountKindOf(valueAt(account, ['provider']));
      if (kind === undefined) return [];
      const missing = Object.entries(kind.neededStreamKeys(account)).flatMap(([key, text]) => {
        if (valueAt(stream, [key]) !== '') return [];
        const hasKey = valueAt(raw, ['streams', index, key]) !== undefined;
        return [{ path: ['streams', index, ...(hasKey ? [key] : [])], text }];
      });
      const lowerCase = stream.domain?.toLowerCase();
      if (!kind.hasPushDomains || lowerCase === undefined || stream.domain === lowerCase) return missing;
      const text = `write ${quoted(lowerCase)}: the labels of control actions have lower case too`;
      return [...missing, { path: ['streams', index, 'domain'], text }];
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
