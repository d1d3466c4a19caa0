import { apisOf, questionsOf } from '../model/capabilities.ts';
import { quoted, type UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { isGiven, listAt, valueAt } from '../text/plain-value.ts';
import { accountKindOf } from './schema/accounts.ts';
import type { ConfigInput } from './schema/config.ts';

type PartialConfig = PartiallyParsed<ConfigInput>;

/** Keys of a domain that have an effect only with `discover`. */
const discoveryKeys = [
  'discover_interval',
  'app_names',
  'streams',
  'expect',
  'push_stats',
  'labels',
] as const;

/**
 * Returns diagnostics for domains whose live streams are discovered: accounts that cannot list them, and keys without
 * an effect. `raw` and `config` are as for `crossCheck`.
 */
export function checkDiscovery(raw: unknown, config: PartialConfig): readonly UnlocatedDiagnostic[] {
  const accounts = new Map(listAt(raw, ['accounts']).map((account) => [valueAt(account, ['name']), account]));
  return [
    ...(config.domains ?? []).flatMap(({ account: name, discover = false }, index) => {
      const path = ['domains', index];
      const hasKey = (key: string) => isGiven(raw, [...path, key]);
      const problem = (key: string, text: string) => ({ path: [...path, key], atKey: true, text });
      if (!discover) {
        if (hasKey('discover') && valueAt(raw, [...path, 'discover']) !== false) return [];
        return discoveryKeys
          .filter(hasKey)
          .map((key) => problem(key, 'this key needs discover: true; set it or remove the key'));
      }
      const account = name === undefined ? undefined : accounts.get(name);
      const kind = accountKindOf(valueAt(account, ['provider']));
      if (kind === undefined) return [];
      const apis = apisOf(kind.provider, 'online_streams');
      if (apis.length === 0)
        return [problem('discover', `not supported yet: discovering streams of ${kind.provider}`)];
      const used = apisOf(kind.provider).filter((api) => valueAt(account, [api]) !== undefined);
      // An account of a provider with one API does not name it.
      if (used.length > 0 && !used.some((api) => apis.includes(api))) {
        const text = `discovering streams needs an account with ${apis.join(' or ')}`;
        return [problem('discover', text)];
      }
      // The keys of control history have an effect if the provider has one.
      if (questionsOf(kind.provider).includes('control_history')) return [];
      return [
        ...(hasKey('app_name')
          ? [problem('app_name', 'discovery uses app_names, a list, instead of this key')]
          : []),
        ...(hasKey('control_history')
          ? [
              problem(
                'control_history',
                `not supported yet: collecting control history from ${kind.provider}`,
              ),
            ]
          : []),
      ];
    }),
    ...uselessPushDomains(raw, config),
    ...repeatedApps(config),
    ...ambiguousStreams(config),
  ];
}

/** Returns a diagnostic for each list of ingest domains at a provider that has no separate ones. */
function uselessPushDomains(raw: unknown, { domains = [] }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const kinds = new Map(
    listAt(raw, ['accounts']).map((account) => [
      valueAt(account, ['name']),
      accountKindOf(valueAt(account, ['provider'])),
    ]),
  );
  return domains.flatMap(({ account }, index) => {
    const path = ['domains', index, 'push_domains'];
    const kind = account === undefined ? undefined : kinds.get(account);
    if (kind === undefined || kind.hasPushDomains || !isGiven(raw, path)) return [];
    const text = `${kind.provider} lists streams under their push domain; remove this key`;
    return [{ path, atKey: true, text }];
  });
}

function repeatedApps({ domains = [] }: PartialConfig): readonly UnlocatedDiagnostic[] {
  return domains.flatMap(({ app_names: names = [] }, index) =>
    names.flatMap((name, i) =>
      name !== undefined && names.indexOf(name) < i
        ? [{ path: ['domains', index, 'app_names', i], text: `duplicate application ${quoted(name)}` }]
        : [],
    ),
  );
}

/**
 * Returns a diagnostic for each stream that is also discovered, but under another identity, so that its data would
 * count twice: its domain is written in another case, or its application is empty, which requests the application
 * `live`.
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
