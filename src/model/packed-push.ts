import { isDeepStrictEqual } from 'node:util';
import type { EmptyRanges } from './empty-ranges.ts';
import {
  fromNone,
  none,
  numberAt,
  packSamples,
  type TextList,
  textIndex,
  unpackSamples,
} from './packed-samples.ts';
import type { PushLedger } from './push-ledger.ts';
import type { PushRecord } from './push-record.ts';
import type { Route } from './route.ts';
import type { SettledState } from './settle.ts';
import type { PollProgress } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/**
 * Push record in a compact form, which is kept in memory between two answers and never saved. It takes a
 * fifth of the memory of the normal form, because small objects cost more memory than their content. Equal
 * records have equal compact forms.
 */
export interface PackedPush {
  /**
   * Addresses and sessions of the record, each text once; undefined can be one of them. `numbers` contains
   * their indexes.
   */
  readonly texts: readonly (string | undefined)[];
  /**
   * The polling progress and the ledger (`headLength` numbers), then the recent publishers, then the samples
   * in sequences (see `packSamples`).
   */
  readonly numbers: readonly number[];
  /** Empty ranges as in the record. Not packed, because most records have few. */
  readonly empty: EmptyRanges | undefined;
  /** Route as in the record. Nearly all records share one object per operation. */
  readonly route?: Route | undefined;
}

/** The parts of a push record that are packed. */
export type PackablePush = Pick<PushRecord, 'target' | 'push' | 'empty' | 'route'>;

/** Number of values at the start of `numbers` that belong to the polling progress and the ledger. */
const headLength = 26;

/** Packs progress and ledger of a push record. `unpackPush` restores them. */
export function packPush({ target, push, empty, route }: PackablePush): PackedPush {
  const { floor, watermark, backFrom, seen } = target;
  const { totals, newestAt = none, judged, leftZero } = push;
  const { samples, observedMs, measuredMs, milliframes, bytes } = totals;
  const { degradedMs, badMs, missingMs, backfilledMs, gapMs } = totals;
  const { since, coveredTo, missedTo, publishers, followed } = judged;
  // Start with the texts of the newest sample, so that the equal strings of older samples become garbage.
  const newest = seen.at(-1);
  const texts: TextList = { list: [newest?.clientIp, newest?.serverIp, newest?.session], indexes: undefined };
  const numbers = [
    // Put a time first: a time is not a small integer, so V8 creates an array of doubles from the start.
    floor,
    watermark,
    Number(leftZero),
    newestAt,
    samples,
    observedMs,
    milliframes,
    bytes,
    degradedMs.low_fps,
    degradedMs.no_video,
    degradedMs.low_bitrate,
    badMs,
    missingMs,
    backfilledMs,
    gapMs,
    totals.sessions,
    totals.clientChanges,
    since,
    coveredTo,
    missedTo,
    textIndex(followed?.clientIp, texts),
    followed?.lastAt ?? none,
    measuredMs.fps,
    measuredMs.bitrate,
    backFrom ?? none,
    publishers.length,
  ];
  for (const [publisher, lastAt] of publishers) numbers.push(textIndex(publisher, texts), lastAt);
  packSamples(seen, numbers, texts);
  // Copy the array to drop the spare capacity that it has after growing.
  return { texts: texts.list, numbers: numbers.slice(), empty, route };
}

/** Restores the polling progress and the ledger from the compact form of a push record. */
export function unpackPush(packed: PackedPush): PackablePush {
  const { texts, numbers } = packed;
  const publishersEnd = headLength + 2 * numberAt(numbers, headLength - 1);
  const publishers: (readonly [string, EpochMs])[] = [];
  for (let at = headLength; at < publishersEnd; at += 2) {
    publishers.push([texts[numberAt(numbers, at)] ?? '', numberAt(numbers, at + 1)]);
  }
  const push: PushLedger = {
    totals: {
      samples: numberAt(numbers, 4),
      observedMs: numberAt(numbers, 5),
      measuredMs: { fps: numberAt(numbers, 22), bitrate: numberAt(numbers, 23) },
      milliframes: numberAt(numbers, 6),
      bytes: numberAt(numbers, 7),
      degradedMs: {
        low_fps: numberAt(numbers, 8),
        no_video: numberAt(numbers, 9),
        low_bitrate: numberAt(numbers, 10),
      },
      badMs: numberAt(numbers, 11),
      missingMs: numberAt(numbers, 12),
      backfilledMs: numberAt(numbers, 13),
      gapMs: numberAt(numbers, 14),
      sessions: numberAt(numbers, 15),
      clientChanges: numberAt(numbers, 16),
    },
    newestAt: fromNone(numberAt(numbers, 3)),
    judged: {
      since: numberAt(numbers, 17),
      coveredTo: numberAt(numbers, 18),
      missedTo: numberAt(numbers, 19),
      publishers,
      followed: unpackFollowed(texts[numberAt(numbers, 20)], numberAt(numbers, 21)),
    },
    leftZero: numberAt(numbers, 2) === 1,
  };
  const { floor, watermark, backFrom } = unpackProgress(packed);
  const seen = unpackSamples(texts, numbers, publishersEnd);
  return { target: { watermark, floor, backFrom, seen }, push, empty: packed.empty, route: packed.route };
}

/** Restores only the polling progress from the compact form, which is much faster than `unpackPush`. */
export function unpackProgress({ numbers }: PackedPush): PollProgress {
  const backFrom = fromNone(numberAt(numbers, headLength - 2));
  return { floor: numberAt(numbers, 0), watermark: numberAt(numbers, 1), backFrom };
}

function unpackFollowed(clientIp: string | undefined, lastAt: EpochMs): SettledState['followed'] {
  return clientIp === undefined ? undefined : { clientIp, lastAt };
}

/** Reports whether two packed push records have equal content. */
export function isSamePush(a: PackedPush, b: PackedPush): boolean {
  return (
    a.numbers.length === b.numbers.length &&
    a.texts.length === b.texts.length &&
    a.numbers.every((number, i) => Object.is(number, b.numbers[i])) &&
    a.texts.every((text, i) => text === b.texts[i]) &&
    isDeepStrictEqual(a.empty, b.empty) &&
    isDeepStrictEqual(a.route, b.route)
  );
}
