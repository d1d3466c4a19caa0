import { quoted, type UnlocatedDiagnostic } from '../text/diagnostics.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { isMapping, listAt, valueAt } from '../text/plain-value.ts';
import { looksLikeSecret } from '../text/secret-like.ts';
import { checkAlertmanager } from './alertmanager.ts';
import { accountsByName, checkApis, missingApis } from './apis.ts';
import { checkDiscovery } from './discovery.ts';
import { checkExpectations } from './expectations.ts';
import { accountKindOf } from './schema/accounts.ts';
import type { ConfigInput } from './schema/config.ts';
import { checkTimings } from './timing.ts';

type PartialConfig = PartiallyParsed<ConfigInput>;

/**
 * Returns diagnostics for contradictions between parts of a config. `config` contains the parts that the
 * schema accepts, even if other parts have errors. `raw` contains the plain values of the file, so that an
 * account counts as an account even if one of its keys has an error.
 */
export function crossCheck(raw: unknown, config: PartialConfig): readonly UnlocatedDiagnostic[] {
  return [
    ...duplicateAccounts(raw),
    ...unknownAccounts(raw, config, 'streams'),
    ...unknownAccounts(raw, config, 'domains'),
    ...unsupportedQuestions(raw, config),
    ...checkApis(raw, config),
    ...checkDiscovery(raw, config),
    ...checkExpectations(raw, config),
    ...duplicateStreams(config),
    ...duplicateDomains(config),
    ...tooManyStreams(raw, config),
    ...invalidLabelNames(raw),
    ...checkTimings(raw, config),
    ...checkAlertmanager(config),
  ];
}

function duplicateAccounts(raw: unknown): readonly UnlocatedDiagnostic[] {
  const names = accountNames(raw).map((name) => (typeof name === 'string' ? [name] : []));
  return duplicates(names).map(({ index, first }) => ({
    path: ['accounts', index, 'name'],
    text: `duplicate name: accounts.${first} has the same name`,
  }));
}

/**
 * Maximum number of suggestions in one list. Each suggestion compares a name with the names of all accounts,
 * so the number must be limited.
 */
const maxSuggestions = 100;

function unknownAccounts(
  raw: unknown,
  config: PartialConfig,
  list: 'streams' | 'domains',
): readonly UnlocatedDiagnostic[] {
  const names = new Set(accountNames(raw));
  const known = [...names].filter((name) => typeof name === 'string');
  const suggested = known.filter((name) => !looksLikeSecret(name));
  // If the name of an account is unreadable, an unknown account name in a stream or domain may be the name of
  // that account.
  if (known.length < names.size || names.size === 0) return [];
  let suggestions = 0;
  return (config[list] ?? []).flatMap(({ account }, index) => {
    if (account === undefined || names.has(account)) return [];
    const suggestion = suggestions++ < maxSuggestions ? didYouMean(account, suggested) : '';
    return [{ path: [list, index, 'account'], text: `unknown account ${quoted(account)}${suggestion}` }];
  });
}

const questions = [
  { list: 'streams', question: 'push_stats', data: 'push statistics' },
  { list: 'domains', question: 'control_history', data: 'control history' },
] as const;

/** Returns a diagnostic for each stream or domain whose account has no API that returns its kind of data. */
function unsupportedQuestions(raw: unknown, config: PartialConfig): readonly UnlocatedDiagnostic[] {
  const accounts = accountsByName(raw);
  return questions.flatMap(({ list, question, data }) =>
    (config[list] ?? []).flatMap(({ account: name }, index) => {
      const account = name === undefined ? undefined : accounts.get(name);
      const kind = accountKindOf(valueAt(account, ['provider']));
      if (kind === undefined) return [];
      // A domain with discovery has diagnostics of its own. An unreadable value of `discover` can mean it.
      if (list === 'domains' && (valueAt(raw, [list, index, 'discover']) ?? false) !== false) return [];
      const needed = missingApis(account, kind.provider, question);
      if (needed.length === 0) return [];
      const text = `collecting ${data} needs an account with ${needed.join(' or ')}`;
      return [{ path: [list, index, 'account'], text }];
    }),
  );
}

function accountNames(raw: unknown): readonly unknown[] {
  return listAt(raw, ['accounts']).map((account) => valueAt(account, ['name']));
}

/**
 * Returns a diagnostic for each stream whose account, domain, application and name equal those of an earlier
 * stream. The account determines the provider, so providers need not be compared.
 */
function duplicateStreams({ streams = [] }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const identities = streams.map(({ account, domain, app_name, stream }) => [
    account,
    domain,
    app_name,
    stream,
  ]);
  return duplicates(identities).map(({ index, first }) => ({
    path: ['streams', index, 'stream'],
    text: `duplicate stream: streams.${first} has the same account, domain, app_name and stream`,
  }));
}

/**
 * Returns a diagnostic for each domain whose account and name equal those of an earlier domain. Applications
 * are not compared: the application only filters requests, so two entries for one domain would count some
 * actions twice.
 */
function duplicateDomains({ domains = [] }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const identities = domains.map(({ account, domain }) => [account, domain]);
  return duplicates(identities).map(({ index, first }) => ({
    path: ['domains', index, 'domain'],
    text: `duplicate domain: domains.${first} has the same account and domain; use one entry: with discover, list all app_names; otherwise omit app_name, which only filters the actions`,
  }));
}

/**
 * Finds identities that occur more than once. An identity is a list of key values, such as account and
 * domain. Returns the index of each repetition and the index of the first occurrence. Ignores identities that
 * are empty or have an unreadable part.
 */
function duplicates(
  identities: readonly (readonly (string | undefined)[])[],
): readonly { readonly index: number; readonly first: number }[] {
  const firsts = new Map<string, number>();
  return identities.flatMap((identity, index) => {
    if (identity.length === 0 || identity.includes(undefined)) return [];
    const key = JSON.stringify(identity);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, index);
    return first === undefined ? [] : [{ index, first }];
  });
}

function tooManyStreams(raw: unknown, { limits }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const count = listAt(raw, ['streams']).length;
  const max = limits?.max_streams;
  if (max === undefined || count <= max) return [];
  return [
    {
      path: ['streams'],
      text: `${count} streams are more than limits.max_streams (${max}); remove streams or raise the limit`,
    },
  ];
}

/**
 * Maximum number of different label names in the config. Each name becomes a label of livestream_stream_info,
 * so the number must be limited.
 */
const maxLabelNames = 20;

/**
 * Label names that belong to a type of metric: readers of the exposition would misread a gauge with such a
 * label.
 */
const labelsOfTypes: ReadonlyMap<string, string> = new Map([
  ['le', 'histogram'],
  ['quantile', 'summary'],
]);

/**
 * Words, in any case, that PromQL does not accept as labels in a grouping (Prometheus 2.42). One of them as a label would
 * make Prometheus reject the whole rule file.
 */
const promqlWords: ReadonlySet<string> = new Set(['inf', 'nan', 'without']);

/**
 * Label names that are not allowed in the config, because livestream_stream_info, Prometheus or the rules of
 * this project already use them.
 */
const reservedLabels: ReadonlySet<string> = new Set(
  'account provider domain app_name stream client_ip job instance'.split(' '),
);

function invalidLabelNames(raw: unknown): readonly UnlocatedDiagnostic[] {
  const names = new Set<string>();
  const entries = (['streams', 'domains'] as const).flatMap((list) =>
    listAt(raw, [list]).map((entry, index) => ({ path: [list, index, 'labels'], entry })),
  );
  return entries.flatMap(({ path, entry }) => {
    const labels = valueAt(entry, ['labels']);
    return Object.keys(isMapping(labels) ? labels : {}).flatMap((name) => {
      const exceedsMax = !names.has(name) && names.size === maxLabelNames;
      names.add(name);
      const text = exceedsMax
        ? `all streams and domains together have more than ${maxLabelNames} different label names; use fewer`
        : labelProblem(name);
      return text === undefined ? [] : [{ path: [...path, name], atKey: true, text }];
    });
  });
}

function labelProblem(name: string): string | undefined {
  if (name.startsWith('__'))
    return 'label names that start with __ are reserved for Prometheus; choose another name';
  if (reservedLabels.has(name)) return 'reserved label name; choose another name';
  const type = labelsOfTypes.get(name);
  if (type !== undefined)
    return `reserved label name: Prometheus would take the series for a part of a ${type}; choose another name`;
  if (promqlWords.has(name.toLowerCase())) return 'reserved word of PromQL; choose another name';
  const isLabelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
  return isLabelName
    ? undefined
    : 'invalid label name; use only letters, digits and _, and start with a letter or _';
}
