import type { PushLedger, SettledState } from './push-ledger.ts';
import type { PushRecord } from './push-record.ts';
import type { PushSample } from './push-sample.ts';
import type { PollProgress } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/**
 * Push record in compact form, for the time between two answers: a fifth of the memory, because small objects
 * cost more than their content. Equal records have equal packed forms. Only for memory, never for the state
 * file.
 */
export interface PackedPush {
  /** Interned addresses and sessions, including undefined. */
  readonly texts: readonly (string | undefined)[];
  /** Progress and ledger (`headLength` numbers), recent publishers, then runs of samples. */
  readonly numbers: readonly number[];
}

/** Part of a push record that is packed. */
export type PackablePush = Pick<PushRecord, 'target' | 'push'>;

/** Represents undefined; no measured value is NaN. */
const none = Number.NaN;

const headLength = 24;

/** Packs a push record. */
export function packPush({ target: { floor, watermark, backFrom, seen }, push }: PackablePush): PackedPush {
  const { totals, newestAt = none, judged, leftZero } = push;
  const { samples, observedMs, milliframes, bytes, degradedMs, badMs, missingMs, backfilledMs, gapMs } =
    totals;
  const { since, coveredTo, missedTo, publishers, followed } = judged;
  // Starts with the texts of the newest sample, so that equal older strings become garbage.
  const newest = seen.at(-1);
  const texts = [newest?.clientIp, newest?.serverIp, newest?.session];
  const numbers = [
    // First a time, which is no small integer, so that V8 creates an array of doubles from the start.
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
    backFrom ?? none,
    publishers.length,
  ];
  for (const [publisher, lastAt] of publishers) numbers.push(textIndex(publisher, texts), lastAt);
  packSamples(seen, numbers, texts);
  // The copy drops the spare capacity of the growing array.
  return { texts, numbers: numbers.slice() };
}

/**
 * Packs the samples as runs: samples of one push, one per period, as nearly all are. A run has its length,
 * the shared fields, then the values.
 */
function packSamples(seen: readonly PushSample[], numbers: number[], texts: (string | undefined)[]): void {
  let lengthAt = 0;
  let before: PushSample | undefined;
  for (const sample of seen) {
    if (before === undefined || !continuesRun(before, sample)) {
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

// Nearly all bit rates are integers, and frame rates have at most three decimals. Both fit the 53 exact bits
// of a number.
const bitsLimit = 2 ** 33;
const framesLimit = 2 ** 20;
/** The maximum of each range represents undefined. */
const noBits = bitsLimit - 1;
const noFrames = framesLimit - 1;

/** Packs both values into one number; NaN if they do not fit. */
function toPair(framesPerSecond: number | undefined, bitsPerSecond: number | undefined): number {
  const frames = framesPerSecond === undefined ? noFrames : Math.round(framesPerSecond * 1000);
  const bits = bitsPerSecond ?? noBits;
  if (!(frames >= 0 && frames < framesLimit && bits >= 0 && bits < bitsLimit)) return Number.NaN;
  const pair = frames * bitsLimit + bits;
  return framesOf(pair) === framesPerSecond && bitsOf(pair) === bitsPerSecond ? pair : Number.NaN;
}

function framesOf(pair: number): number | undefined {
  const frames = Math.floor(pair / bitsLimit);
  return frames === noFrames ? undefined : frames / 1000;
}

function bitsOf(pair: number): number | undefined {
  const bits = pair % bitsLimit;
  return bits === noBits ? undefined : bits;
}

/** Reports whether `sample` belongs to the run of `before`. */
function continuesRun(before: PushSample, sample: PushSample): boolean {
  return (
    sample.measuredAt === before.measuredAt + before.periodMs &&
    sample.periodMs === before.periodMs &&
    sample.clientIp === before.clientIp &&
    sample.serverIp === before.serverIp &&
    sample.session === before.session
  );
}

/** Returns the index of a text in the list, and adds a missing one. */
function textIndex(text: string | undefined, texts: (string | undefined)[]): number {
  const index = texts.indexOf(text);
  return index === -1 ? texts.push(text) - 1 : index;
}

/** Restores the packed record. */
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
  return { target: { watermark, floor, backFrom, seen: unpackSamples(packed, publishersEnd) }, push };
}

/** Restores the progress only, which is much faster. */
export function unpackProgress({ numbers }: PackedPush): PollProgress {
  const backFrom = fromNone(numberAt(numbers, headLength - 2));
  return { floor: numberAt(numbers, 0), watermark: numberAt(numbers, 1), backFrom };
}

function unpackFollowed(clientIp: string | undefined, lastAt: EpochMs): SettledState['followed'] {
  return clientIp === undefined ? undefined : { clientIp, lastAt };
}

/** Restores the samples of the runs from index `from` on. */
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

/** Reads an index that is within bounds: no check for undefined in the hot path. */
function numberAt(numbers: readonly number[], index: number): number {
  return numbers[index] as number;
}

function fromNone(number: number): number | undefined {
  return Number.isNaN(number) ? undefined : number;
}

/** Reports whether both records are equal. */
export function isSamePush(a: PackedPush, b: PackedPush): boolean {
  return (
    a.numbers.length === b.numbers.length &&
    a.texts.length === b.texts.length &&
    a.numbers.every((number, i) => Object.is(number, b.numbers[i])) &&
    a.texts.every((text, i) => text === b.texts[i])
  );
}
