import type { Question } from '../model/capabilities.ts';
import type { Path, UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { isGiven, valueAt } from '../text/plain-value.ts';
import { toDurationText } from '../text/units.ts';
import { accountKindOf } from './schema/accounts.ts';
import type { ConfigInput } from './schema/config.ts';
import { maxControlReachMs } from './schema/domains.ts';
import { type AccountPushStatsInput, maxPushReachMs, type PushStatsInput } from './schema/push-stats.ts';

/**
 * Durations for the push targets (streams to poll) of one account, in ms. A duration in the account takes
 * precedence over the one in the section `push_stats`, which applies to all accounts. `expected_delay` always
 * comes from the account.
 */
export interface PushTiming extends PushStatsInput {
  readonly expected_delay: number;
}

/** Returns the durations for the push targets of one account: values in `own` override values in `shared`. */
export function pushTiming(
  shared: PushStatsInput,
  own: AccountPushStatsInput,
  expected_delay: number,
): PushTiming {
  return {
    interval: own.interval ?? shared.interval,
    lookback: own.lookback ?? shared.lookback,
    stale_after: own.stale_after ?? shared.stale_after,
    expected_delay,
  };
}

/**
 * Checks that the durations of each account and domain fit together. Each diagnostic has the path of the key
 * that most likely causes the contradiction.
 */
export function checkTimings(
  raw: unknown,
  config: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  return [
    ...checkPushTimings(raw, config),
    ...checkDiscoveryTimings(raw, config),
    ...checkControlTimings(raw, config),
  ];
}

const pushKeys = ['interval', 'lookback', 'stale_after'] as const;

function checkPushTimings(
  raw: unknown,
  { accounts = [], push_stats: shared }: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  return accounts.flatMap((account, index) => {
    const path = ['accounts', index];
    if (accountKindOf(valueAt(raw, [...path, 'provider'])) === undefined) return [];
    const own = 'push_stats' in account ? account.push_stats : {};
    // If a key is one level too high, that is, beside the section `push_stats` and not in it, it already has
    // a diagnostic. Do not check the duration in the section, because it is uncertain.
    const isMisplaced = (key: string) => isGiven(raw, [...path, key]) || isGiven(raw, [key]);
    // If a duration of the account cannot be parsed, `own` contains its key with the value undefined. This
    // value still takes precedence over the shared duration, so that no rule is checked against the wrong
    // number.
    const unreadable = pushKeys.filter((key) => own === undefined || isMisplaced(key));
    const durations = {
      ...shared,
      ...own,
      ...Object.fromEntries(unreadable.map((key) => [key, undefined])),
      expected_delay: delayOf(account, 'push_stats'),
    };
    return brokenRules(durations, maxPushReachMs).map(({ keys, text }) => {
      const accountPaths = keys.map((key) =>
        key === 'expected_delay' ? [...path, key, 'push_stats'] : [...path, 'push_stats', key],
      );
      const sharedPaths = keys.map((key) => ['push_stats', key]);
      return { path: firstGiven(raw, [...accountPaths, ...sharedPaths]) ?? ['push_stats'], text };
    });
  });
}

/** Checks the durations of domains that override those of their account. */
function checkDiscoveryTimings(
  raw: unknown,
  { accounts = [], domains = [], push_stats: shared }: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  const byName = new Map(accounts.map((account, i) => [valueAt(raw, ['accounts', i, 'name']), account]));
  return domains.flatMap(({ account: name, discover, push_stats: own }, index) => {
    const path = ['domains', index, 'push_stats'];
    const account = byName.get(name);
    // Without durations of its own, the domain has those of the account, which are checked there.
    if (!discover || own === undefined || account === undefined || !isGiven(raw, path)) return [];
    const ofAccount = 'push_stats' in account ? account.push_stats : {};
    if (ofAccount === undefined) return [];
    // An unreadable duration is a key with the value undefined, which takes precedence as above.
    const durations = {
      ...shared,
      ...ofAccount,
      ...own,
      expected_delay: delayOf(account, 'push_stats'),
    };
    return brokenRules(durations, maxPushReachMs).map(({ keys, text }) => {
      const paths = keys.map((key) => [...path, key]);
      return { path: firstGiven(raw, paths) ?? path, text };
    });
  });
}

function checkControlTimings(
  raw: unknown,
  { accounts = [], domains = [] }: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  const indexes = new Map(accounts.map((_, index) => [valueAt(raw, ['accounts', index, 'name']), index]));
  return domains.flatMap(({ account: name, control_history }, index) => {
    const account = indexes.get(name);
    const delay = account === undefined ? undefined : delayOf(accounts[account], 'control_history');
    const path = ['domains', index];
    return brokenRules({ ...control_history, expected_delay: delay }, maxControlReachMs).map(
      ({ keys, text }) => {
        const paths = keys.map((key) => [...path, 'control_history', key]);
        return { path: firstGiven(raw, paths) ?? path, text };
      },
    );
  });
}

function delayOf(account: unknown, question: Question): number | undefined {
  const delay = valueAt(account, ['expected_delay', question]);
  return typeof delay === 'number' ? delay : undefined;
}

/** Durations in ms. A duration is undefined if it is unreadable or does not exist for this kind of data. */
type Durations = Readonly<Partial<Record<keyof PushTiming, number | undefined>>>;

interface BrokenRule {
  /** Keys of the contradicting durations. The key that most likely causes the contradiction comes first. */
  readonly keys: readonly (keyof Durations)[];
  readonly text: string;
}

/**
 * Returns the rules that `durations` break. An unreadable duration breaks no rule. The lookback must be at
 * least the interval: otherwise, rows between two requests would be lost. The lookback must also be at least
 * `stale_after`. Lookback plus expected delay must be at most `maxReachMs`.
 */
function brokenRules(durations: Durations, maxReachMs: number): readonly BrokenRule[] {
  const { lookback, expected_delay } = durations;
  if (lookback === undefined) return [];
  const broken: BrokenRule[] = [];
  for (const key of ['stale_after', 'interval'] as const) {
    const minimum = durations[key] ?? 0;
    if (lookback >= minimum) continue;
    const text = `lookback ${toDurationText(lookback)} must be at least ${key} ${toDurationText(minimum)}`;
    broken.push({ keys: ['lookback', key], text });
  }
  if (expected_delay !== undefined && lookback + expected_delay > maxReachMs) {
    const text = `lookback ${toDurationText(lookback)} plus the account's expected_delay ${toDurationText(expected_delay)} must be at most ${toDurationText(maxReachMs)}`;
    broken.push({ keys: ['lookback', 'expected_delay'], text });
  }
  return broken;
}

function firstGiven(raw: unknown, paths: readonly Path[]): Path | undefined {
  return paths.find((path) => isGiven(raw, path));
}
