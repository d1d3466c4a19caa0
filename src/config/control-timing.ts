import type { Path, UnlocatedDiagnostic } from '../text/diagnostics.ts';
import type { PartiallyParsed } from '../text/partial-parse.ts';
import { valueAt } from '../text/plain-value.ts';
import { toDurationText } from '../text/units.ts';
import { maxControlReachMs } from './schema/domains.ts';
import { checkTiming, lookbackCovers, type TimingRule } from './timing-rules.ts';

/** How one domain is asked about, in milliseconds. */
export interface ControlTiming {
  readonly interval: number;
  readonly lookback: number;
  readonly expected_delay: number;
}

/** What is wrong between the times of the domain at `index`, each at the key that is to blame. */
export function checkControlTiming(
  raw: unknown,
  index: number,
  timing: PartiallyParsed<ControlTiming>,
): readonly UnlocatedDiagnostic[] {
  return rules.flatMap((rule) => {
    const text = checkTiming(rule, timing);
    return text === undefined ? [] : [{ path: blamedPath(raw, index, rule.keys), text }];
  });
}

const rules: readonly TimingRule<ControlTiming>[] = [
  lookbackCovers('interval'),
  {
    keys: ['lookback', 'expected_delay'],
    objection: ({ lookback, expected_delay }) =>
      lookback + expected_delay <= maxControlReachMs
        ? undefined
        : `lookback ${toDurationText(lookback)} and the account's expected_delay ${toDurationText(expected_delay)} must be at most ${toDurationText(maxControlReachMs)} together`,
  },
];

/** Of the keys, the one that the domain says itself; what is a default is not to blame. */
function blamedPath(raw: unknown, index: number, keys: readonly string[]): Path {
  const domain = ['domains', index];
  const own = keys.map((key) => [...domain, 'control_history', key]);
  return own.find((path) => (valueAt(raw, path) ?? undefined) !== undefined) ?? domain;
}
