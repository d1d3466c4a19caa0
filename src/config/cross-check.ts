import type { AccountInput } from './account-schema.ts';
import { controlTimingFindings } from './control-timing.ts';
import { didYouMean } from './did-you-mean.ts';
import type { DomainInput } from './domain-schema.ts';
import { keysAt, listAt, valueAt } from './plain-value.ts';
import { type Finding, quoted } from './problems.ts';
import type { PushStatsInput } from './push-stats-schema.ts';
import { pushTiming, pushTimingFindings } from './push-timing.ts';
import type { StreamInput } from './schema.ts';

/** One of a list, and which. */
export interface Item<T> {
  readonly index: number;
  readonly value: T;
}

/** As much of a config as could be read. */
export interface Draft {
  /** The plain values as they stand in the file. */
  readonly raw: unknown;
  readonly accounts: readonly Item<AccountInput>[];
  readonly streams: readonly Item<StreamInput>[];
  readonly domains: readonly Item<DomainInput>[];
  /** undefined where it could not be read. */
  readonly pushStats: PushStatsInput | undefined;
  readonly maxStreams: number | undefined;
}

/** What is wrong between the parts of a config, each of which is right by itself. */
export function crossFindings(draft: Draft): readonly Finding[] {
  return [
    ...doubledAccounts(draft.raw),
    ...unknownAccounts(draft, 'streams'),
    ...unknownAccounts(draft, 'domains'),
    ...unasked(draft),
    ...doubledStreams(draft),
    ...doubledDomains(draft),
    ...tooManyStreams(draft),
    ...labelNames(draft.raw),
    ...timings(draft),
  ];
}

function doubledAccounts(raw: unknown): readonly Finding[] {
  const first = new Map<unknown, number>();
  return accountNames(raw).flatMap((name, index) => {
    const before = first.get(name);
    if (before === undefined) first.set(name, index);
    if (before === undefined || typeof name !== 'string') return [];
    return [{ path: ['accounts', index, 'name'], text: `the same name as accounts.${before}` }];
  });
}

/** Suggestions cost a comparison with each account, and nobody reads more of them. */
const maxSuggestions = 100;

/** Also an account with a mistake in it is an account. */
function unknownAccounts(draft: Draft, list: 'streams' | 'domains'): readonly Finding[] {
  const names = new Set(accountNames(draft.raw));
  const known = [...names].filter((name) => typeof name === 'string');
  const items: readonly Item<{ readonly account: string }>[] = draft[list];
  return items
    .filter(({ value }) => !names.has(value.account))
    .map(({ index, value: { account } }, i) => ({
      path: [list, index, 'account'],
      text: `there is no account ${quoted(account)}${i < maxSuggestions ? didYouMean(account, known) : ''}`,
    }));
}

/** What is asked of which provider, so far. Also an account with a mistake in it has one. */
function unasked({ raw, streams, domains }: Draft): readonly Finding[] {
  const providers = new Map(
    listAt(raw, ['accounts']).map((one) => [valueAt(one, ['name']), valueAt(one, ['provider'])]),
  );
  const object =
    (list: string, provider: string, text: string) => (item: Item<{ readonly account: string }>) =>
      providers.get(item.value.account) === provider ? [{ path: [list, item.index, 'account'], text }] : [];
  return [
    ...streams.flatMap(
      object('streams', 'alibaba', 'push statistics of alibaba are not supported by this version yet'),
    ),
    ...domains.flatMap(
      object('domains', 'tencent', 'control history of tencent is not supported by this version yet'),
    ),
  ];
}

function accountNames(raw: unknown): readonly unknown[] {
  return listAt(raw, ['accounts']).map((account) => valueAt(account, ['name']));
}

/** By what becomes its identity labels; the provider follows from the account. */
function doubledStreams({ streams }: Draft): readonly Finding[] {
  const first = new Map<string, number>();
  return streams.flatMap(({ index, value: { account, domain, app_name, stream } }) => {
    const key = JSON.stringify([account, domain, app_name, stream]);
    const before = first.get(key);
    if (before === undefined) first.set(key, index);
    return before === undefined
      ? []
      : [{ path: ['streams', index, 'stream'], text: `the same stream as streams.${before}` }];
  });
}

/** The application only narrows what is asked about a domain, so the same domain twice would count the same twice. */
function doubledDomains({ domains }: Draft): readonly Finding[] {
  const first = new Map<string, number>();
  return domains.flatMap(({ index, value: { account, domain } }) => {
    const key = JSON.stringify([account, domain]);
    const before = first.get(key);
    if (before === undefined) first.set(key, index);
    if (before === undefined) return [];
    const text = `the same domain as domains.${before}; app_name only narrows what is asked: watch the whole domain in one entry instead`;
    return [{ path: ['domains', index, 'domain'], text }];
  });
}

function tooManyStreams({ raw, maxStreams }: Draft): readonly Finding[] {
  const count = listAt(raw, ['streams']).length;
  if (maxStreams === undefined || count <= maxStreams) return [];
  return [{ path: ['streams'], text: `${count} streams, but limits.max_streams is ${maxStreams}` }];
}

/** livestream_stream_info has every label of any stream, so their number is bounded. */
const maxLabelNames = 20;

/** Those that livestream_stream_info has already, or that Prometheus or our rules give a meaning. */
const takenLabels: ReadonlySet<string> = new Set(
  'account provider domain app_name stream client_ip job instance'.split(' '),
);

function labelNames(raw: unknown): readonly Finding[] {
  const names = new Set<string>();
  return listAt(raw, ['streams']).flatMap((stream, index) =>
    keysAt(stream, ['labels']).flatMap((name) => {
      const isOneTooMany = !names.has(name) && names.size === maxLabelNames;
      names.add(name);
      const text = isOneTooMany
        ? `more than ${maxLabelNames} label names in this config`
        : labelProblem(name);
      return text === undefined ? [] : [{ path: ['streams', index, 'labels', name], atKey: true, text }];
    }),
  );
}

function labelProblem(name: string): string | undefined {
  if (name.startsWith('__')) return 'labels that begin with __ are for Prometheus itself';
  if (takenLabels.has(name)) return 'this label is taken';
  const isLabelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
  return isLabelName ? undefined : 'no label name: letters, digits and _ make one, and no digit first';
}

/** Each for the account or the domain where it goes wrong, at the key that is to blame. */
function timings({ raw, accounts, domains, pushStats }: Draft): readonly Finding[] {
  const byName = new Map(accounts.map(({ value }) => [value.name, value]));
  return [
    ...accounts.flatMap(({ index, value }) =>
      pushStats === undefined || value.provider !== 'tencent'
        ? []
        : pushTimingFindings(raw, index, pushTiming(pushStats, value)),
    ),
    ...domains.flatMap(({ index, value }) => {
      const account = byName.get(value.account);
      return account?.provider === 'alibaba' ? controlTimingFindings(raw, index, value, account) : [];
    }),
  ];
}
