import { capabilities, type Question } from '../model/capabilities.ts';
import { apiOf, apisOf, type Provider } from '../model/operations.ts';
import { quoted, type UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { isMapping, listAt, valueAt } from '../text/plain-value.ts';
import { accountKindOf } from './schema/accounts.ts';
import type { ConfigInput } from './schema/config.ts';
import { hostNameProblem } from './schema/values.ts';

/**
 * Returns diagnostics for keys that do not fit the API of an account: streams without a key that the API
 * requires, or with a domain that is none, and rates and delays of an API that the account does not use. `raw`
 * and `config` are as for `crossCheck`.
 */
export function checkApis(
  raw: unknown,
  { streams = [] }: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  const accounts = listAt(raw, ['accounts']);
  const byName = accountsByName(raw);
  return [
    ...accounts.flatMap(unusedRates),
    ...accounts.flatMap(unusedDelays),
    ...streams.flatMap((stream, index) => {
      const account = byName.get(stream.account);
      const kind = accountKindOf(valueAt(account, ['provider']));
      if (kind === undefined) return [];
      const needed = kind.neededStreamKeys(account);
      const missing = Object.entries(needed).flatMap(([key, text]) => {
        if (valueAt(stream, [key]) !== '') return [];
        const hasKey = valueAt(raw, ['streams', index, key]) !== undefined;
        return [{ path: ['streams', index, ...(hasKey ? [key] : [])], text }];
      });
      // Elsewhere, the domain is only a label.
      const problem =
        needed.domain === undefined || !stream.domain ? undefined : hostNameProblem(stream.domain);
      if (problem !== undefined) {
        return [...missing, { path: ['streams', index, 'domain'], text: problem }];
      }
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

/** Returns a diagnostic for each expected delay of data that the API of the account does not return. */
function unusedDelays(account: unknown, index: number): readonly UnlocatedDiagnostic[] {
  const kind = accountKindOf(valueAt(account, ['provider']));
  const delays = valueAt(account, ['expected_delay']);
  if (kind === undefined || !isMapping(delays)) return [];
  return Object.keys(delays).flatMap((key) => {
    const question = capabilities.find((each) => each.question === key)?.question;
    const needed = question === undefined ? [] : missingApis(account, kind.provider, question);
    if (needed.length === 0) return [];
    const text = `only an account with ${needed.join(' or ')} returns this data; remove the delay`;
    return [{ path: ['accounts', index, 'expected_delay', key], atKey: true, text }];
  });
}

/** Returns the plain values of the accounts, by name. `raw` is as for `crossCheck`. */
export function accountsByName(raw: unknown): ReadonlyMap<unknown, unknown> {
  return new Map(listAt(raw, ['accounts']).map((account) => [valueAt(account, ['name']), account]));
}

/**
 * Returns the APIs of which an account needs one to return `question`; empty if it has one, and if the
 * account names no API at all.
 */
export function missingApis(account: unknown, provider: Provider, question: Question): readonly string[] {
  const used = apisOf(provider).filter((api) => hasApi(account, api));
  const needed = apisOf(provider, question);
  return used.length === 0 || used.some((api) => needed.includes(api)) ? [] : needed;
}

function hasApi(account: unknown, api: string): boolean {
  return valueAt(account, [api]) !== undefined;
}
