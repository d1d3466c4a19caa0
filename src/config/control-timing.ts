import type { AlibabaInput } from './account-schema.ts';
import { type DomainInput, maxControlReachMs } from './domain-schema.ts';
import { valueAt } from './plain-value.ts';
import type { Finding, Path } from './problems.ts';
import { lookbackCovers, type TimingRule } from './timing-rules.ts';
import { toDurationText } from './units.ts';

/** How one domain is asked about, in milliseconds. */
interface ControlTiming {
  readonly interval: number;
  readonly lookback: number;
  readonly expected_delay: number;
}

/** What is wrong between the times of the domain at `index`, each at the key that is to blame. */
export function controlTimingFindings(
  raw: unknown,
  index: number,
  { control_history }: DomainInput,
  { expected_delay }: AlibabaInput,
): readonly Finding[] {
  const timing = { ...control_history, expected_delay: expected_delay.control_history };
  return rules.flatMap(({ keys, objection }) => {
    const text = objection(timing);
    return text === undefined ? [] : [{ path: blamedPath(raw, index, keys), text }];
  });
}

const rules: readonly TimingRule<ControlTiming>[] = [
  lookbackCovers('interval'),
  {
    keys: ['lookback'],
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
