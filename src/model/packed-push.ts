import { isDeepStrictEqual } from 'node:util';
import type { EmptyRanges } from './empty-ranges.ts';
import type { PushLedger } from './push-ledger.ts';
import type { PushRecord } from './push-record.ts';
import type { PushSample } from './push-sample.ts';
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
}

/** The parts of a push record that are packed. */
export type PackablePush = Pick<PushRecord, 'target' | 'push' | 'empty'>;

/** Stands for undefined in `numbers`. No measured value is NaN. */
const none = Number.NaN;

/** Number of values at the start of `numbers` that belong to the polling progress and the ledger. */
const headLength = 26;

/** Packs progress and ledger of a push record. `unpackPush` restores them. */
export function packPush({ target, push, empty }: PackablePush): PackedPush {
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
  return { texts: texts.list, numbers: numbers.slice(), empty };
}

/**
 * Packs the samples in sequences of consecutive samples. The samples of a sequence belong to one push, and
 * each is one period after the previous one. Nearly all samples follow each other in this way. A packed
 * sequence consists of its length, the fields that all its samples share, and then the values of each sample.
 */
function packSamples(seen: readonly PushSample[], numbers: number[], texts: TextList): void {
  let lengthAt = 0;
  let before: PushSample | undefined;
  for (const sample of seen) {
    if (before === undefined || !continuesSequence(before, sample)) {
      const { measuredAt, periodMs, clientIp, serverIp, session } = sample;
      lengthAt = numbers.length;
      numbers.push(0, measuredAt, periodMs);
      numbers.push(textIndex(clientIp, texts), textIndex(serverIp, texts), textIndex(session, texts));
    }
    numbers[lengthAt] = (numbers[lengthAt] ?? 0) + 1;
    const { framesPerSecond, bitsPerSecond } = sample;
    const pair = toPair(framesPerSecond, bitsPerSecond);
    numbers.push(pair);
    if (Number.isNaN(pair)) numbers.push(framesPerSecond ?? none, bitsPerSecond ?? none);
    before = sample;
  }
}

// Nearly all bit rates are integers, and nearly all frame rates have at most three decimals. A bit rate and a
// frame rate together then fit into the 53 bits that a number represents exactly.
const bitsLimit = 2 ** 33;
const framesLimit = 2 ** 20;
/** Stands for an undefined bit rate. It is the largest value that fits. */
const noBits = bitsLimit - 1;
/** Stands for an undefined frame rate. It is the largest value that fits. */
const noFrames = framesLimit - 1;

/**
 * Packs a frame rate and a bit rate into one number. Returns NaN if the number cannot represent both exactly.
 */
function toPair(framesPerSecond: number | undefined, bitsPerSecond: number | undefined): number {
  const frames = framesPerSecond === undefined ? noFrames : Math.round(framesPerSecond * 1000);
  const bits = bitsPerSecond ?? noBits;
  if (!(frames >= 0 && frames < framesLimit && bits >= 0 && bits < bitsLimit)) return Number.NaN;
  const pair = frames * bitsLimit + bits;
  return framesOf(pair) === framesPerSecond && bitsOf(pair) === bitsPerSecond ? pair : Number.NaN;
}

/** Returns the frame rate of a packed pair, in frames per second; undefined if it is unknown. */
function framesOf(pair: number): number | undefined {
  const frames = Math.floor(pair / bitsLimit);
  return frames === noFrames ? undefined : frames / 1000;
}

/** Returns the bit rate of a packed pair, in bits per second; undefined if it is unknown. */
function bitsOf(pair: number): number | undefined {
  const bits = pair % bitsLimit;
  return bits === noBits ? undefined : bits;
}

/** Reports whether `sample` continues the sequence of `before`: the same push, one period later. */
function continuesSequence(before: PushSample, sample: PushSample): boolean {
  return (
    sample.measuredAt === before.measuredAt + before.periodMs &&
    sample.periodMs === before.periodMs &&
    sample.clientIp === before.clientIp &&
    sample.serverIp === before.serverIp &&
    sample.session === before.session
  );
}

/** Texts of a packed record while it is built. */
interface TextList {
  readonly list: (string | undefined)[];
  /** Index of each text. undefined while the list is short. */
  indexes: Map<string | undefined, number> | undefined;
}

/** Length up to which a search in the list is faster than a map. Nearly all records have two or three texts. */
const maxSearched = 32;

/** Returns the index of `text` in `texts`. Appends the text if it is not in the list. */
function textIndex(text: string | undefined, texts: TextList): number {
  const { list, indexes } = texts;
  const index = indexes === undefined ? list.indexOf(text) : (indexes.get(text) ?? -1);
  if (index !== -1) return index;
  const added = list.push(text) - 1;
  if (indexes !== undefined) indexes.set(text, added);
  else if (added === maxSearched) texts.indexes = new Map(list.map((each, i) => [each, i]));
  return added;
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
  const seen = unpackSamples(packed, publishersEnd);
  return { target: { watermark, floor, backFrom, seen }, push, empty: packed.empty };
}

/** Restores only the polling progress from the compact form, which is much faster than `unpackPush`. */
export function unpackProgress({ numbers }: PackedPush): PollProgress {
  const backFrom = fromNone(numberAt(numbers, headLength - 2));
  return { floor: numberAt(numbers, 0), watermark: numberAt(numbers, 1), backFrom };
}

function unpackFollowed(clientIp: string | undefined, lastAt: EpochMs): SettledState['followed'] {
  return clientIp === undefined ? undefined : { clientIp, lastAt };
}

/** Returns the samples of all packed sequences in `numbers`, starting at the index `from`. */
function unpackSamples({ texts, numbers }: PackedPush, from: number): readonly PushSample[] {
  const seen: PushSample[] = [];
  for (let at = from; at < numbers.length; ) {
    let remaining = numberAt(numbers, at);
    let measuredAt = numberAt(numbers, at + 1);
    const periodMs = numberAt(numbers, at + 2);
    const clientIp = texts[numberAt(numbers, at + 3)];
    const serverIp = texts[numberAt(numbers, at + 4)];
    const session = texts[numberAt(numbers, at + 5)];
    for (at += 6; remaining > 0; remaining--) {
      const pair = numberAt(numbers, at++);
      const isPair = !Number.isNaN(pair);
      const framesPerSecond = isPair ? framesOf(pair) : fromNone(numberAt(numbers, at++));
      const bitsPerSecond = isPair ? bitsOf(pair) : fromNone(numberAt(numbers, at++));
      seen.push({ measuredAt, periodMs, clientIp, serverIp, session, framesPerSecond, bitsPerSecond });
      measuredAt += periodMs;
    }
  }
  return seen;
}

/**
 * Returns the number at `index`, which must be within bounds. Does not check for undefined, because this
 * function is on a hot path.
 */
function numberAt(numbers: readonly number[], index: number): number {
  return numbers[index] as number;
}

function fromNone(number: number): number | undefined {
  return Number.isNaN(number) ? undefined : number;
}

/** Reports whether two packed push records have equal content. */
export function isSamePush(a: PackedPush, b: PackedPush): boolean {
  return (
    a.numbers.length === b.numbers.length &&
    a.texts.length === b.texts.length &&
    a.numbers.every((number, i) => Object.is(number, b.numbers[i])) &&
    a.texts.every((text, i) => text === b.texts[i]) &&
    isDeepStrictEqual(a.empty, b.empty)
  );
}
