import { type Question, questionsOf } from '../model/capabilities.ts';
import type { Path, UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { valueAt } from '../text/plain-value.ts';
import { toDurationText } from '../text/units.ts';
import { accountKindOf } from './schema/accounts.ts';
import type { ConfigInput } from './schema/config.ts';
import { maxControlReachMs } from './schema/domains.ts';
import { type AccountPushStatsInput, maxPushReachMs, type PushStatsInput } from './schema/push-stats.ts';

/**
 * Durations of the push targets of one account in milliseconds: its own settings, else those of all accounts.
 */
export interface PushTiming extends PushStatsInput {
  readonly expected_delay: number;
}

/** The settings of an account that determine its push timing. */
export interface PushAccount {
  readonly push_stats?: AccountPushStatsInput | undefined;
  readonly expected_delay: { readonly push_stats: number };
}

/** Merges the push settings of an account into those of all accounts. */
export function pushTiming(
  shared: PushStatsInput,
  { push_stats: own = {}, expected_delay }: PushAccount,
): PushTiming {
  return {
    interval: own.interval ?? shared.interval,
    lookback: own.lookback ?? shared.lookback,
    stale_after: own.stale_after ?? shared.stale_after,
    expected_delay: expected_delay.push_stats,
  };
}

/**
 * Checks the rules between durations for each account and domain. A diagnostic points at the key that causes
 * it.
 */
export function checkTimings(
  raw: unknown,
  config: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  return [...checkPushTimings(raw, config), ...checkControlTimings(raw, config)];
}

const pushKeys = ['interval', 'lookback', 'stale_after'] as const;

function checkPushTimings(
  raw: unknown,
  { accounts = [], push_stats: shared }: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  return accounts.flatMap((account, index) => {
    const path = ['accounts', index];
    if (!supports(valueAt(raw, [...path, 'provider']), 'push_stats')) return [];
    // If the account sets a duration that cannot be parsed, the value is undefined here. It still overrides
    // the shared value, so no rule is checked against the wrong number.
    const own = 'push_stats' in account ? (account.push_stats ?? unreadable) : {};
    // A duration beside its section has its own diagnostic, and makes the duration in the section uncertain.
    const isMisplaced = (key: string) => isGiven(raw, [...path, key]) || isGiven(raw, [key]);
    const misplaced = pushKeys.filter(isMisplaced).map((key) => [key, undefined]);
    const durations = {
      ...shared,
      ...own,
      ...Object.fromEntries(misplaced),
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

const unreadable = { interval: undefined, lookback: undefined, stale_after: undefined };

function checkControlTimings(
  raw: unknown,
  { accounts = [], domains = [] }: PartiallyParsed<ConfigInput>,
): readonly UnlocatedDiagnostic[] {
  const indexes = new Map(accounts.map((_, index) => [valueAt(raw, ['accounts', index, 'name']), index]));
  return domains.flatMap(({ account: name, control_history }, index) => {
    const account = indexes.get(name);
    const provider = account === undefined ? undefined : valueAt(raw, ['accounts', account, 'provider']);
    if (accountKindOf(provider) !== undefined && !supports(provider, 'control_history')) return [];
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

function supports(provider: unknown, question: Question): boolean {
  const kind = accountKindOf(provider);
  return kind !== undefined && questionsOf(kind.provider).includes(question);
}

function delayOf(account: unknown, question: Question): number | undefined {
  const delay = valueAt(account, ['expected_delay', question]);
  return typeof delay === 'number' ? delay : undefined;
}

/** Durations in milliseconds; undefined if unreadable or unused. */
interface Durations {
  readonly interval?: number | undefined;
  readonly lookback?: number | undefined;
  readonly stale_after?: number | undefined;
  readonly expected_delay?: number | undefined;
}

interface BrokenRule {
  /** Keys that can break the rule, most likely first. */
  readonly keys: readonly (keyof Durations)[];
  readonly text: string;
}

/**
 * Returns the rules that readable durations break. A lookback below the interval would lose rows between
 * requests.
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

function isGiven(raw: unknown, path: Path): boolean {
  return (valueAt(raw, path) ?? undefined) !== undefined;
}
