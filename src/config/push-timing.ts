import type { Path, UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { valueAt } from '../text/plain-value.ts';
import { toDurationText } from '../text/units.ts';
import type { TencentInput } from './schema/account.ts';
import { maxPushReachMs, type PushStatsInput } from './schema/push-stats.ts';
import { checkTiming, lookbackCovers, type TimingRule } from './timing-rules.ts';

/** How the streams of one account are asked about, in milliseconds: what the account says, and for the rest what holds for all. */
export interface PushTiming extends PushStatsInput {
  readonly expected_delay: number;
}

export function pushTiming(
  shared: PushStatsInput,
  { push_stats: own = {}, expected_delay }: Pick<TencentInput, 'push_stats' | 'expected_delay'>,
): PushTiming {
  return {
    interval: own.interval ?? shared.interval,
    lookback: own.lookback ?? shared.lookback,
    stale_after: own.stale_after ?? shared.stale_after,
    expected_delay: expected_delay.push_stats,
  };
}

/** What is wrong between the times of the account at `index`, each at the key that is to blame. */
export function checkPushTiming(
  raw: unknown,
  index: number,
  timing: PartiallyParsed<PushTiming>,
): readonly UnlocatedDiagnostic[] {
  return rules.flatMap((rule) => {
    const text = checkTiming(rule, timing);
    return text === undefined ? [] : [{ path: blamedPath(raw, index, rule.keys), text }];
  });
}

type TimingKey = keyof PushTiming;

const rules: readonly TimingRule<PushTiming>[] = [
  lookbackCovers('stale_after'),
  lookbackCovers('interval'),
  {
    keys: ['lookback', 'expected_delay'],
    objection: ({ lookback, expected_delay }) =>
      lookback + expected_delay <= maxPushReachMs
        ? undefined
        : `lookback ${toDurationText(lookback)} and expected_delay ${toDurationText(expected_delay)} must be at most ${toDurationText(maxPushReachMs)} together`,
  },
];

/** Of the keys that say it, the one that says it most narrowly; what is a default is not to blame. */
function blamedPath(raw: unknown, index: number, keys: readonly TimingKey[]): Path {
  const own = keys.map((key) => ownPath(index, key));
  const shared = keys.map((key) => ['push_stats', key]);
  const given = [...own, ...shared].find((path) => (valueAt(raw, path) ?? undefined) !== undefined);
  return given ?? ['push_stats'];
}

function ownPath(index: number, key: TimingKey): Path {
  const account = ['accounts', index];
  return key === 'expected_delay' ? [...account, key, 'push_stats'] : [...account, 'push_stats', key];
}
