import { quoted, type UnlocatedDiagnostic } from '../text/diagnostics.ts';
import { didYouMean } from '../text/did-you-mean.ts';
import { type PartiallyParsed, type Readable, unreadable } from '../text/partial-parse.ts';
import { keysAt, listAt, valueAt } from '../text/plain-value.ts';
import { type ControlTiming, checkControlTiming } from './control-timing.ts';
import { checkPushTiming, type PushTiming } from './push-timing.ts';
import type { StreamInput } from './schema/config.ts';
import type { DomainInput } from './schema/domains.ts';

/** As much of a config as could be read; each list has an item for every one of the file, at the same index. */
export interface PartialConfig {
  /** The plain values as they stand in the file. */
  readonly raw: unknown;
  /** Of accounts at tencent; undefined for others. */
  readonly pushTimings: readonly (PartiallyParsed<PushTiming> | undefined)[];
  readonly streams: readonly PartiallyParsed<
    Pick<StreamInput, 'account' | 'domain' | 'app_name' | 'stream'>
  >[];
  readonly domains: readonly PartiallyParsed<Pick<DomainInput, 'account' | 'domain'>>[];
  /** Of domains at tencent, which are not supported yet: undefined. */
  readonly controlTimings: readonly (PartiallyParsed<ControlTiming> | undefined)[];
  readonly maxStreams: Readable<number>;
}

/** What is wrong between the parts of a config, as far as each of them could be read. */
export function crossCheck(draft: PartialConfig): readonly UnlocatedDiagnostic[] {
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

function doubledAccounts(raw: unknown): readonly UnlocatedDiagnostic[] {
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
function unknownAccounts(draft: PartialConfig, list: 'streams' | 'domains'): readonly UnlocatedDiagnostic[] {
  const names = new Set(accountNames(draft.raw));
  const known = [...names].filter((name) => typeof name === 'string');
  // It may be the one without a name.
  if (known.length < names.size || names.size === 0) return [];
  let suggestions = 0;
  return draft[list].flatMap(({ account }, index) => {
    if (account === unreadable || names.has(account)) return [];
    const suggestion = suggestions++ < maxSuggestions ? didYouMean(account, known) : '';
    return [{ path: [list, index, 'account'], text: `there is no account ${quoted(account)}${suggestion}` }];
  });
}

/** What is asked of which provider, so far. Also an account with a mistake in it has one. */
function unasked({ raw, streams, domains }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const providers = new Map(
    listAt(raw, ['accounts']).map((one) => [valueAt(one, ['name']), valueAt(one, ['provider'])]),
  );
  const object =
    (list: string, provider: string, text: string) =>
    ({ account }: PartiallyParsed<{ readonly account: string }>, index: number) =>
      account !== unreadable && providers.get(account) === provider
        ? [{ path: [list, index, 'account'], text }]
        : [];
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

type Identity = readonly Readable<string>[];

/** By what becomes its identity labels; the provider follows from the account. */
function doubledStreams({ streams }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const identities = streams.map(
    ({ account, domain, app_name, stream }): Identity => [account, domain, app_name, stream],
  );
  return doubles(identities).map(({ index, before }) => ({
    path: ['streams', index, 'stream'],
    text: `the same stream as streams.${before}`,
  }));
}

/** The application only narrows what is asked about a domain, so the same domain twice would count the same twice. */
function doubledDomains({ domains }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const identities = domains.map(({ account, domain }): Identity => [account, domain]);
  return doubles(identities).map(({ index, before }) => ({
    path: ['domains', index, 'domain'],
    text: `the same domain as domains.${before}; app_name only narrows what is asked: watch the whole domain in one entry instead`,
  }));
}

/** Each that was there before, and where first. What could not be read is like nothing. */
function doubles(
  identities: readonly Identity[],
): readonly { readonly index: number; readonly before: number }[] {
  const first = new Map<string, number>();
  return identities.flatMap((identity, index) => {
    if (identity.includes(unreadable)) return [];
    const key = JSON.stringify(identity);
    const before = first.get(key);
    if (before === undefined) first.set(key, index);
    return before === undefined ? [] : [{ index, before }];
  });
}

function tooManyStreams({ raw, maxStreams }: PartialConfig): readonly UnlocatedDiagnostic[] {
  const count = listAt(raw, ['streams']).length;
  if (maxStreams === unreadable || count <= maxStreams) return [];
  return [{ path: ['streams'], text: `${count} streams, but limits.max_streams is ${maxStreams}` }];
}

/** livestream_stream_info has every label of any stream, so their number is bounded. */
const maxLabelNames = 20;

/** Those that livestream_stream_info has already, or that Prometheus or our rules give a meaning. */
const takenLabels: ReadonlySet<string> = new Set(
  'account provider domain app_name stream client_ip job instance'.split(' '),
);

function labelNames(raw: unknown): readonly UnlocatedDiagnostic[] {
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
function timings({ raw, pushTimings, controlTimings }: PartialConfig): readonly UnlocatedDiagnostic[] {
  return [
    ...pushTimings.flatMap((timing, index) =>
      timing === undefined ? [] : checkPushTiming(raw, index, timing),
    ),
    ...controlTimings.flatMap((timing, index) =>
      timing === undefined ? [] : checkControlTiming(raw, index, timing),
    ),
  ];
}
