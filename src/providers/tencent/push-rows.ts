import type { Answer } from '../../model/answer.ts';
import type { PushSample } from '../../model/push-sample.ts';
import type { EpochMs, Window } from '../../model/time.ts';
import { createAddressReader, type readAddress } from '../kit/address.ts';
import { isMisplaced, oldResponseAdvice, outsideWindow, zoneShiftMs } from '../kit/requested-window.ts';
import type { readRows } from '../kit/rows.ts';

/** State that the conversion of all rows of one response shares. */
export interface Reading {
  /** Number of samples so far whose time had no zone, so that it depends on the assumed UTC offset. */
  naiveRows: number;
  readonly warnings: Set<string>;
  readonly readClientIp: typeof readAddress;
  readonly readServerIp: typeof readAddress;
  /**
   * Time of the newest row that could not be read; -Infinity if there is none. Infinity if the time of a row
   * could not be read either.
   */
  malformedUpTo: EpochMs;
}

/** Creates the state for the rows of one response. */
export function createReading(): Reading {
  return {
    naiveRows: 0,
    warnings: new Set(),
    readClientIp: createAddressReader(),
    readServerIp: createAddressReader(),
    malformedUpTo: Number.NEGATIVE_INFINITY,
  };
}

/** Records the time of an unreadable row, and returns undefined in place of its sample. */
export function malformedAt(at: EpochMs, reading: Reading): undefined {
  reading.malformedUpTo = Math.max(reading.malformedUpTo, at);
}

/** How the times of the rows of one response were read. */
interface TimesRead {
  /** UTC offset in ms that was assumed for times without a time zone; positive east of Greenwich. */
  readonly offsetMs: number;
  /** Warning if times without a time zone are in UTC. */
  readonly utcWarning: string;
  /** What the operator can do if the times do not fit. */
  readonly advice: string;
}

/**
 * Returns the answer with the samples of a response if their times belong to the requested window. If the
 * times have no zone and only fit as UTC, the answer has these times and a warning. Decides for all samples
 * together: with a long window and a small UTC offset, the time of a single sample can fit both ways.
 * Otherwise throws `malformed`.
 */
export function answerInWindow(
  { items, malformed }: ReturnType<typeof readRows<PushSample>>,
  window: Window,
  { naiveRows, warnings, malformedUpTo }: Reading,
  { offsetMs, utcWarning, advice }: TimesRead,
  context: string,
): Answer<PushSample> {
  const toAnswer = (samples: readonly PushSample[], correctionMs: number) => ({
    items: samples,
    malformed,
    malformedUpTo: Number.isFinite(malformedUpTo) ? malformedUpTo + correctionMs : undefined,
    warnings: [...warnings],
  });
  if (!isMisplaced(items, measuredAtOf, window)) return toAnswer(items, 0);
  if (naiveRows === 0) throw outsideWindow(context, oldResponseAdvice);
  const asUtc = items.map((sample) => ({ ...sample, measuredAt: sample.measuredAt + offsetMs }));
  if (naiveRows < items.length || isMisplaced(asUtc, measuredAtOf, window)) {
    throw outsideWindow(context, advice, zoneShiftMs(items, measuredAtOf, window));
  }
  warnings.add(utcWarning);
  // Assume the same of the unreadable rows.
  return toAnswer(asUtc, offsetMs);
}

const measuredAtOf = ({ measuredAt }: PushSample) => measuredAt;
