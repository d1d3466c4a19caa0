import { type PartiallyParsed, unreadable } from '../text/partial-parse.ts';
import { toDurationText } from '../text/units.ts';

/** What has to hold between the times of one target, in milliseconds by the keys of the config. */
export interface TimingRule<Timing> {
  /** Of these one is wrong; it looks at no others. */
  readonly keys: readonly (keyof Timing & string)[];
  /** undefined where the rule holds. */
  objection(timing: Timing): string | undefined;
}

/** What a rule objects to. Nothing where a time that it looks at could not be read. */
export function checkTiming<Timing extends object>(
  { keys, objection }: TimingRule<Timing>,
  timing: PartiallyParsed<Timing>,
): string | undefined {
  if (keys.some((key) => timing[key] === unreadable)) return undefined;
  // The cast: all that it looks at could be read.
  return objection(timing as Timing);
}

/** Else what comes between two calls would be asked about by neither. */
export function lookbackCovers<Key extends string>(
  key: Key,
): TimingRule<Readonly<Record<Key | 'lookback', number>>> {
  return {
    keys: ['lookback', key],
    objection: ({ lookback, [key]: covered }) =>
      lookback >= covered
        ? undefined
        : `lookback is ${toDurationText(lookback)}: it must be at least ${key}, which is ${toDurationText(covered)}`,
  };
}
