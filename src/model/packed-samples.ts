import type { PushSample } from './push-sample.ts';

/** Stands for undefined in the numbers of a packed record. No measured value is NaN. */
export const none = Number.NaN;

// The step from one sample to the next, and the period of the next one, fit together into the 53 bits that a number
// represents exactly.
const stepLimit = 2 ** 31;
const periodLimit = 2 ** 21;

/**
 * Packs the samples in sequences of consecutive samples of one push. A packed sequence consists of its length, the
 * time and the period of its first sample, the fields that all its samples share, and then the values of each sample.
 * In a regular sequence, each sample is one period after the previous one, as nearly all samples are. If the times or
 * periods of the provider jitter, the sequence is irregular: its length is negative, and before the values of each
 * sample except the first is a number with its step and its period (see `toStep`).
 */
export function packSamples(seen: readonly PushSample[], numbers: number[], texts: TextList): void {
  let lengthAt = 0;
  let before: PushSample | undefined;
  for (const sample of seen) {
    const length = before !== undefined && isSamePush(before, sample) ? (numbers[lengthAt] ?? 0) : 0;
    const isNext = before !== undefined && isOnePeriodLater(before, sample);
    const step = before === undefined || (length > 0 && isNext) ? none : toStep(before, sample);
    if (length > 0 && isNext) numbers[lengthAt] = length + 1;
    // A sequence of one sample can become irregular. A longer regular sequence ends.
    else if ((length === 1 || length < 0) && !Number.isNaN(step)) {
      numbers[lengthAt] = -(Math.abs(length) + 1);
      numbers.push(step);
    } else {
      const { measuredAt, periodMs, clientIp, serverIp, session } = sample;
      lengthAt = numbers.length;
      numbers.push(1, measuredAt, periodMs);
      numbers.push(textIndex(clientIp, texts), textIndex(serverIp, texts), textIndex(session, texts));
    }
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

/** Reports whether two samples belong to the same push. */
function isSamePush(before: PushSample, sample: PushSample): boolean {
  return (
    sample.clientIp === before.clientIp &&
    sample.serverIp === before.serverIp &&
    sample.session === before.session
  );
}

function isOnePeriodLater(before: PushSample, sample: PushSample): boolean {
  return sample.measuredAt === before.measuredAt + before.periodMs && sample.periodMs === before.periodMs;
}

/**
 * Packs the time from a sample to the next one, and the period of the next one, into one number. Returns NaN if the
 * number cannot represent both exactly.
 */
function toStep(before: PushSample, { measuredAt, periodMs }: PushSample): number {
  const stepMs = measuredAt - before.measuredAt;
  const isWhole = Number.isInteger(stepMs) && Number.isInteger(periodMs);
  const fits = stepMs >= 0 && stepMs < stepLimit && periodMs >= 0 && periodMs < periodLimit;
  return isWhole && fits ? stepMs * periodLimit + periodMs : none;
}

/** Texts of a packed record while it is built. */
export interface TextList {
  readonly list: (string | undefined)[];
  /** Index of each text. undefined while the list is short. */
  indexes: Map<string | undefined, number> | undefined;
}

/** Length up to which a search in the list is faster than a map. Nearly all records have two or three texts. */
const maxSearched = 32;

/** Returns the index of `text` in `texts`. Appends the text if it is not in the list. */
export function textIndex(text: string | undefined, texts: TextList): number {
  const { list, indexes } = texts;
  const index = indexes === undefined ? list.indexOf(text) : (indexes.get(text) ?? -1);
  if (index !== -1) return index;
  const added = list.push(text) - 1;
  if (indexes !== undefined) indexes.set(text, added);
  else if (added === maxSearched) texts.indexes = new Map(list.map((each, i) => [each, i]));
  return added;
}

/** Returns the samples of all packed sequences in `numbers`, starting at the index `from`. */
export function unpackSamples(
  texts: readonly (string | undefined)[],
  numbers: readonly number[],
  from: number,
): readonly PushSample[] {
  const seen: PushSample[] = [];
  for (let at = from; at < numbers.length; ) {
    const length = numberAt(numbers, at);
    let measuredAt = numberAt(numbers, at + 1);
    let periodMs = numberAt(numbers, at + 2);
    const clientIp = texts[numberAt(numbers, at + 3)];
    const serverIp = texts[numberAt(numbers, at + 4)];
    const session = texts[numberAt(numbers, at + 5)];
    at += 6;
    for (let n = 0; n < Math.abs(length); n++) {
      if (n > 0 && length > 0) measuredAt += periodMs;
      else if (n > 0) {
        const step = numberAt(numbers, at++);
        measuredAt += Math.floor(step / periodLimit);
        periodMs = step % periodLimit;
      }
      const pair = numberAt(numbers, at++);
      const isPair = !Number.isNaN(pair);
      const framesPerSecond = isPair ? framesOf(pair) : fromNone(numberAt(numbers, at++));
      const bitsPerSecond = isPair ? bitsOf(pair) : fromNone(numberAt(numbers, at++));
      seen.push({ measuredAt, periodMs, clientIp, serverIp, session, framesPerSecond, bitsPerSecond });
    }
  }
  return seen;
}

/**
 * Returns the number at `index`, which must be within bounds. Does not check for undefined, because this
 * function is on a hot path.
 */
export function numberAt(numbers: readonly number[], index: number): number {
  return numbers[index] as number;
}

export function fromNone(number: number): number | undefined {
  return Number.isNaN(number) ? undefined : number;
}
