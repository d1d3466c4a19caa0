import type { PushSample } from '../../model/push-sample.ts';
import type { Window } from '../../model/time.ts';
import { isMisplaced, oldResponseAdvice, outsideWindow } from '../kit/requested-window.ts';

/** How the times of the samples of one response were read. */
export interface TimesRead {
  /** UTC offset in ms that was assumed for times without a time zone; positive east of Greenwich. */
  readonly timeZoneOffsetMs: number;
  /** Number of samples whose time had no zone, so that it depends on the assumed UTC offset. */
  readonly naiveRows: number;
  /** What the operator can do if the times do not fit. */
  readonly advice: string;
}

/**
 * Returns the samples if their times belong to the requested window. If the times have no zone and only fit
 * as UTC, returns the samples with these times. Decides for all samples together: with a long window and a
 * small UTC offset, the time of a single sample can fit both ways. Otherwise throws `malformed`.
 */
export function inWindow(
  samples: readonly PushSample[],
  window: Window,
  { timeZoneOffsetMs, naiveRows, advice }: TimesRead,
  context: string,
): readonly PushSample[] {
  if (!isMisplaced(samples, measuredAtOf, window)) return samples;
  if (naiveRows === 0) throw outsideWindow(context, oldResponseAdvice);
  const asUtc = samples.map((sample) => ({
    ...sample,
    measuredAt: sample.measuredAt + timeZoneOffsetMs,
  }));
  if (naiveRows < samples.length || isMisplaced(asUtc, measuredAtOf, window)) {
    throw outsideWindow(context, advice);
  }
  return asUtc;
}

const measuredAtOf = ({ measuredAt }: PushSample) => measuredAt;
