import { isDeepStrictEqual } from 'node:util';
import type { AlertState } from './alert-levels.ts';
import type { EmptyRanges } from './empty-ranges.ts';
import {
  fromNone,
  type NumberList,
  none,
  numberAt,
  packNumbers,
  unpackNumbers,
  valuesFor,
} from './packed-numbers.ts';
import {
  maxNumbersPerSample,
  packSamples,
  type TextList,
  textIndex,
  unpackSamples,
} from './packed-samples.ts';
import type { LedgerTotals, PushLedger } from './push-ledger.ts';
import type { PushRecord } from './push-record.ts';
import type { Route } from './route.ts';
import type { SettledState } from './settle.ts';
import type { PollProgress } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/**
 * Push record in a compact form, which is kept in memory between two answers and never saved. It takes a
 * tenth of the memory of the normal form, because small objects cost more memory than their content. Equal
 * records have equal compact forms.
 */
export interface PackedPush {
  /**
   * Addresses and sessions of the record, each text once; undefined can be one of them. `numbers` contains
   * their indexes.
   */
  readonly texts: readonly (string | undefined)[];
  /**
   * Packed list of the polling progress and the ledger (`headLength` numbers), then the recent publishers,
   * then the samples (see `packSamples`). Times are distances from the first time, the floor.
   */
  readonly numbers: string;
  /** Empty ranges as in the record. Not packed, because most records have few. */
  readonly empty: EmptyRanges | undefined;
  /** Route as in the record. Nearly all records share one object per operation. */
  readonly route?: Route | undefined;
  /** Alerts as in the record. Most records have none. */
  readonly alerts?: AlertState | undefined;
}

/** The parts of a push record that are packed. */
export type PackablePush = Pick<PushRecord, 'target' | 'push' | 'empty' | 'route' | 'alerts'>;

/** Number of values at the start of `numbers` that belong to the polling progress and the ledger. */
const headLength = 30;
/** Number of values at the start of `numbers` that belong to the polling progress. */
const progressLength = 3;
/** Number of values up to the end of the totals. */
const totalsLength = 23;

/**
 * Packs progress and ledger of a push record. `unpackPush` restores them. Times and periods must be integers.
 */
export function packPush({ target, push, empty, route, alerts }: PackablePush): PackedPush {
  const { floor, watermark, backFrom = none, seen } = target;
  const { totals, newestAt = none, newestDelayMs = none, judged, leftZero } = push;
  const { measuredMs, mediaMs, degradedMs } = totals;
  const { since, coveredTo, missedTo, publishers, followed } = judged;
  // Start with the texts of the newest sample, so that the equal strings of older samples become garbage.
  const newest = seen.at(-1);
  const texts: TextList = { list: [newest?.clientIp, newest?.serverIp, newest?.session], indexes: undefined };
  const values = valuesFor(headLength + 2 * publishers.length + maxNumbersPerSample * seen.length);
  values[0] = floor;
  values[1] = watermark - floor;
  values[2] = backFrom - floor;
  values[3] = Number(leftZero);
  values[4] = newestAt - floor;
  values[5] = totals.samples;
  values[6] = totals.observedMs;
  values[7] = measuredMs.fps;
  values[8] = measuredMs.bitrate;
  values[9] = totals.milliframes;
  values[10] = totals.bytes;
  values[11] = mediaMs.video ?? none;
  values[12] = mediaMs.audio ?? none;
  values[13] = degradedMs.low_fps;
  values[14] = degradedMs.no_video;
  values[15] = degradedMs.low_bitrate;
  values[16] = degradedMs.video_stall;
  values[17] = totals.badMs;
  values[18] = totals.missingMs;
  values[19] = totals.backfilledMs;
  values[20] = totals.gapMs;
  values[21] = totals.sessions;
  values[22] = totals.clientChanges;
  values[23] = since - floor;
  values[24] = coveredTo - floor;
  values[25] = missedTo - floor;
  values[26] = textIndex(followed?.clientIp, texts);
  values[27] = (followed?.lastAt ?? none) - floor;
  values[28] = newestDelayMs;
  values[29] = publishers.length;
  let length = headLength;
  for (const [publisher, lastAt] of publishers) {
    values[length++] = textIndex(publisher, texts);
    values[length++] = lastAt - floor;
  }
  length = packSamples(seen, floor, { values, length }, texts);
  return { texts: texts.list, numbers: packNumbers({ values, length }), empty, route, alerts };
}

/** Restores the polling progress and the ledger from the compact form of a push record. */
export function unpackPush({ texts, numbers: packed, empty, route, alerts }: PackedPush): PackablePush {
  const numbers = unpackNumbers(packed);
  const { floor, watermark, backFrom } = toProgress(numbers);
  const publishersEnd = headLength + 2 * numberAt(numbers, headLength - 1);
  const publishers: (readonly [string, EpochMs])[] = [];
  for (let at = headLength; at < publishersEnd; at += 2) {
    publishers.push([texts[numberAt(numbers, at)] ?? '', floor + numberAt(numbers, at + 1)]);
  }
  const push: PushLedger = {
    ...toTotals(numbers),
    newestDelayMs: fromNone(numberAt(numbers, 28)),
    judged: {
      since: floor + numberAt(numbers, 23),
      coveredTo: floor + numberAt(numbers, 24),
      missedTo: floor + numberAt(numbers, 25),
      publishers,
      followed: unpackFollowed(texts[numberAt(numbers, 26)], floor + numberAt(numbers, 27)),
    },
  };
  const seen = unpackSamples(texts, numbers, publishersEnd, floor);
  return { target: { watermark, floor, backFrom, seen }, push, empty, route, alerts };
}

/** Restores only the totals from the compact form, which is faster than `unpackPush`. */
export function unpackTotals({ numbers }: PackedPush): LedgerTotals {
  return toTotals(unpackNumbers(numbers, totalsLength));
}

function toTotals(numbers: NumberList): LedgerTotals {
  return {
    totals: {
      samples: numberAt(numbers, 5),
      observedMs: numberAt(numbers, 6),
      measuredMs: { fps: numberAt(numbers, 7), bitrate: numberAt(numbers, 8) },
      milliframes: numberAt(numbers, 9),
      bytes: numberAt(numbers, 10),
      mediaMs: { video: fromNone(numberAt(numbers, 11)), audio: fromNone(numberAt(numbers, 12)) },
      degradedMs: {
        low_fps: numberAt(numbers, 13),
        no_video: numberAt(numbers, 14),
        low_bitrate: numberAt(numbers, 15),
        video_stall: numberAt(numbers, 16),
      },
      badMs: numberAt(numbers, 17),
      missingMs: numberAt(numbers, 18),
      backfilledMs: numberAt(numbers, 19),
      gapMs: numberAt(numbers, 20),
      sessions: numberAt(numbers, 21),
      clientChanges: numberAt(numbers, 22),
    },
    newestAt: fromNone(numberAt(numbers, 0) + numberAt(numbers, 4)),
    leftZero: numberAt(numbers, 3) === 1,
  };
}

/** Restores only the polling progress from the compact form, which is much faster than `unpackPush`. */
export function unpackProgress({ numbers }: PackedPush): PollProgress {
  return toProgress(unpackNumbers(numbers, progressLength));
}

function toProgress(numbers: NumberList): PollProgress {
  const floor = numberAt(numbers, 0);
  return {
    floor,
    watermark: floor + numberAt(numbers, 1),
    backFrom: fromNone(floor + numberAt(numbers, 2)),
  };
}

function unpackFollowed(clientIp: string | undefined, lastAt: EpochMs): SettledState['followed'] {
  return clientIp === undefined ? undefined : { clientIp, lastAt };
}

/** Reports whether two packed push records have equal content. */
export function isSamePush(a: PackedPush, b: PackedPush): boolean {
  return (
    a.numbers === b.numbers &&
    a.texts.length === b.texts.length &&
    a.texts.every((text, i) => text === b.texts[i]) &&
    isDeepStrictEqual(a.empty, b.empty) &&
    isDeepStrictEqual(a.route, b.route) &&
    (a.alerts === b.alerts || isDeepStrictEqual(a.alerts, b.alerts))
  );
}
