import type { PushLedger } from './push-ledger.ts';
import type { PushRecord } from './push-record.ts';
import type { PushSample } from './push-sample.ts';
import type { PollProgress } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/**
 * A push record in a fifth of its memory, for between two answers: its objects weigh more than what they say. Equal
 * records are packed equally. For the memory only, never for a disk.
 */
export interface PackedPush {
  /** Addresses and sessions, each once; undefined is one of them. */
  readonly texts: readonly (string | undefined)[];
  /** How far it was asked, the ledger, who pushed lately, and then runs of samples. */
  readonly numbers: readonly number[];
}

/** Stands for undefined: nothing that was measured is it. */
const none = Number.NaN;

const headLength = 24;

export function packPush({ target: { floor, watermark, backFrom, seen }, push }: PushRecord): PackedPush {
  const { totals, newestAt = none, judged, leftZero } = push;
  const { samples, observedMs, milliframes, bytes, degradedMs, badMs, missingMs, backfilledMs, gapMs } =
    totals;
  const { since, coveredTo, missedTo, publishers, followed } = judged;
  // Those of the newest sample first: then older texts that are equal are not held beside them.
  const newest = seen.at(-1);
  const texts = [newest?.clientIp, newest?.serverIp, newest?.session];
  const numbers = [
    // A moment first, since no moment is a small whole number: so the list is one of doubles from the start.
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
    placeOf(followed?.clientIp, texts),
    followed?.lastAt ?? none,
    backFrom ?? none,
    publishers.length,
  ];
  for (const [publisher, lastAt] of publishers) numbers.push(placeOf(publisher, texts), lastAt);
  packSamples(seen, numbers, texts);
  // Without the room that it has to grow.
  return { texts, numbers: numbers.slice() };
}

/** A run is of one push, with a sample each period, as nearly all are: its length, what they share, and what they do not. */
function packSamples(seen: readonly PushSample[], numbers: number[], texts: (string | undefined)[]): void {
  let lengthAt = 0;
  let before: PushSample | undefined;
  for (const sample of seen) {
    if (before === undefined || !isNextOf(before, sample)) {
      const { measuredAt, periodMs, clientIp, serverIp, session } = sample;
      lengthAt = numbers.length;
      numbers.push(0, measuredAt, periodMs);
      numbers.push(placeOf(clientIp, texts), placeOf(serverIp, texts), placeOf(session, texts));
    }
    numbers[lengthAt] = (numbers[lengthAt] ?? 0) + 1;
    const { framesPerSecond, bitsPerSecond } = sample;
    const pair = toPair(framesPerSecond, bitsPerSecond);
    numbers.push(pair);
    if (Number.isNaN(pair)) numbers.push(framesPerSecond ?? none, bitsPerSecond ?? none);
    before = sample;
  }
}

// Nearly all values are whole bits, and frames to a thousandth: both fit the 53 bits that a number keeps exactly.
const bitsLimit = 2 ** 33;
const framesLimit = 2 ** 20;
/** The largest of each stands for undefined. */
const noBits = bitsLimit - 1;
const noFrames = framesLimit - 1;

/** Both values in one number, or NaN where they do not fit. */
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

function isNextOf(before: PushSample, sample: PushSample): boolean {
  return (
    sample.measuredAt === before.measuredAt + before.periodMs &&
    sample.periodMs === before.periodMs &&
    sample.clientIp === before.clientIp &&
    sample.serverIp === before.serverIp &&
    sample.session === before.session
  );
}

/** Of a text in the list; it is added where it is not there. */
function placeOf(text: string | undefined, texts: (string | undefined)[]): number {
  const place = texts.indexOf(text);
  return place === -1 ? texts.push(text) - 1 : place;
}

/** The record that was packed. */
export function unpackPush(packed: PackedPush): PushRecord {
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
    newestAt: unlessNone(numberAt(numbers, 3)),
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

/** Only how far the target was asked. */
export function unpackProgress({ numbers }: PackedPush): PollProgress {
  const backFrom = unlessNone(numberAt(numbers, headLength - 2));
  return { floor: numberAt(numbers, 0), watermark: numberAt(numbers, 1), backFrom };
}

function unpackFollowed(clientIp: string | undefined, lastAt: EpochMs): PushLedger['judged']['followed'] {
  return clientIp === undefined ? undefined : { clientIp, lastAt };
}

/** The runs from `from` on. */
function unpackSamples({ texts, numbers }: PackedPush, from: number): readonly PushSample[] {
  const seen: PushSample[] = [];
  for (let at = from; at < numbers.length; ) {
    let left = numberAt(numbers, at);
    let measuredAt = numberAt(numbers, at + 1);
    const periodMs = numberAt(numbers, at + 2);
    const clientIp = texts[numberAt(numbers, at + 3)];
    const serverIp = texts[numberAt(numbers, at + 4)];
    const session = texts[numberAt(numbers, at + 5)];
    for (at += 6; left > 0; left--) {
      const pair = numberAt(numbers, at++);
      const isPair = !Number.isNaN(pair);
      const framesPerSecond = isPair ? framesOf(pair) : unlessNone(numberAt(numbers, at++));
      const bitsPerSecond = isPair ? bitsOf(pair) : unlessNone(numberAt(numbers, at++));
      seen.push({ measuredAt, periodMs, clientIp, serverIp, session, framesPerSecond, bitsPerSecond });
      measuredAt += periodMs;
    }
  }
  return seen;
}

/** Of an index that is one of the list's. */
function numberAt(numbers: readonly number[], index: number): number {
  return numbers[index] as number;
}

function unlessNone(number: number): number | undefined {
  return Number.isNaN(number) ? undefined : number;
}

export function isPackedAlike(a: PackedPush, b: PackedPush): boolean {
  return (
    a.numbers.length === b.numbers.length &&
    a.texts.length === b.texts.length &&
    a.numbers.every((number, place) => Object.is(number, b.numbers[place])) &&
    a.texts.every((text, place) => text === b.texts[place])
  );
}
