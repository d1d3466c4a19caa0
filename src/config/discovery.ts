import { quoted, type UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { isGiven, valueAt } from '../text/plain-value.ts';
import { accountsByName, missingApis } from './apis.ts';
import type { AccountKind } from './schema/account-parts.ts';
import { accountKindOf } from './schema/accounts.ts';
import type { ConfigInput } from './schema/config.ts';

type PartialConfig = PartiallyParsed<ConfigInput>;

/** Keys of a domain that have an effect only with `discover`. */
const discoveryKeys = ['discover_interval', 'streams', 'expect', 'push_stats', 'labels'] as const;

/**
 * Returns diagnostics for domains whose live streams are discovered: accounts that cannot list them, and keys
 * without an effect. `raw` and `config` are as for `crossCheck`.
 */
export function checkDiscovery(raw: unknown, config: PartialConfig): readonly UnlocatedDiagnostic[] {
  const accounts = accountsByName(raw);
  return [
    ...(config.domains ?? []).flatMap(({ account: name, discover = false }, index) => {
      const path = ['domains', index];
      const hasKey = (key: string) => isGiven(raw, [...path, key]);
      const problem = (key: string, text: string) => ({ path: [...path, key], atKey: true, text });
      const account = name === undefined ? undefined : accounts.get(name);
      const kind = accountKindOf(valueAt(account, ['provider']));
      if (!discover) {
        if (hasKey('discover') && valueAt(raw, [...path, 'discover']) !== false) return [];
        return [
          ...discoveryKeys
            .filter(hasKey)
            .map((key) => problem(key, 'this key needs discover: true; set it or remove the key')),
          ...(kind === undefined ? [] : wrongAppKey(kind, discover, hasKey, problem)),
        ];
      }
      if (kind === undefined) return [];
      const needed = missingApis(account, kind.provider, 'online_streams');
      if (needed.length > 0) {
        const text = `discovering streams needs an account with ${needed.join(' or ')}`;
        return [problem('discover', text)];
      }
      return wrongAppKey(kind, discover, hasKey, problem);
    }),
    ...uselessPushDomains(raw, config),
    ...repeatedItems(config, 'app_names', 'application'),
    // Each ingest domain is requested separately, so a duplicate would take requests of the budget for nothing.
    ...repeatedItems(config, 'push_domains', 'ingest domain'),
    ...ambiguousStreams(config),
  ];
}

/**
 * Returns a diagnostic for the key of applications that does not fit the provider, or not without discovery.
 */
function wrongAppKey(
  { provider, hasControlPerApp }: AccountKind,
  discover: boolean,
  hasKey: (key: string) => boolean,
  problem: (key: string, text: string) => UnlocatedDiagnostic,
): readonly UnlocatedDiagnostic[] {
  if (hasControlPerApp) {
    const text = `${provider} answers for one application at a time: use app_names, a list, instead of this key`;
    return hasKey('app_name') ? [problem('app_name', text)] : [];
  }
  if (discover) return [];
  const text = `${provider} returns the actions of all applications of a domain: use app_name as a filter, or set discover: true`;
  return hasKey('app_names') ? [problem('app_names', text)] : [];
}

/** Returns a diagnostic for each list of ingest domains at a provider that has no separate ones. */
function uselessPushDomains(raw: unknown, { domains = [] }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const accounts = accountsByName(raw);
  return domains.flatMap(({ account: name }, index) => {
    const path = ['domains', index, 'push_domains'];
    const account = name === undefined ? undefined : accounts.get(name);
    const kind = accountKindOf(valueAt(account, ['provider']));
    if (kind === undefined || kind.hasPushDomains || !isGiven(raw, path)) return [];
    const text = `${kind.provider} lists streams under their push domain; remove this key`;
    return [{ path, atKey: true, text }];
  });
}

/** Returns a diagnostic for each name that repeats an earlier one in a list of a domain. */
function repeatedItems(
  { domains = [] }: PartialConfig,
  key: 'app_names' | 'push_domains',
  noun: string,
): readonly UnlocatedDiagnostic[] {
  return domains.flatMap(({ [key]: names = [] }, index) =>
    names.flatMap((name, i) =>
      name !== undefined && names.indexOf(name) < i
        ? [{ path: ['domains', index, key, i], text: `duplicate ${noun} ${quoted(name)}` }]
        : [],
    ),
  );
}

/**
 * Returns a diagnostic for each stream that is also discovered, but under another identity, so that its data
 * would count twice: its domain is written in another case, or its application is empty, which requests the
 * application `live`.
 */
function ambiguousStreams({ streams = [], domains = [] }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const discovered = new Map(
    domains.flatMap(({ account, domain, discover, app_names = [] }) =>
      discover && domain !== undefined ? [[JSON.stringify([account, domain]), app_names]] : [],
    ),
  );
  if (discovered.size === 0) return [];
  return streams.flatMap(({ account, domain, app_name }, index) => {
    const lowerCase = domain?.toLowerCase();
    const apps = discovered.get(JSON.stringify([account, lowerCase]));
    if (apps === undefined || lowerCase === undefined) return [];
    if (domain !== lowerCase) {
      const text = `write ${quoted(lowerCase)}, because the live streams of this domain are discovered too`;
      return [{ path: ['streams', index, 'domain'], text }];
    }
    if (app_name !== '' || !apps.includes('live')) return [];
    return [
      {
        path: ['streams', index],
        text: 'write app_name: live, because the live streams of this application are discovered too',
      },
    ];
  });
}
