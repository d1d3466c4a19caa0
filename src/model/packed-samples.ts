import { fromNone, type NumberList, none, numberAt } from './packed-numbers.ts';
import type { PushSample } from './push-sample.ts';
import type { EpochMs } from './time.ts';

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

/**
 * Parts of a packed sample besides its frame rate and bit rate. The sum of those that are present comes
 * first.
 */
const parts = {
  /** Client address, server address and session, if they differ from those of the sample before. */
  push: 1,
  /**
   * Start and period, if the sample is not exactly one period after the sample before: the distance from its
   * end to the start, and the difference of the periods. Both are small if the times of the provider only
   * jitter.
   */
  time: 2,
  /** Media times, as differences from the period. */
  media: 4,
} as const;

/** Time and push of the sample before, from which the next sample is packed. */
type Before = Pick<PushSample, 'measuredAt' | 'periodMs' | 'clientIp' | 'serverIp' | 'session'>;

/** What the first sample is compared with: no push, and a time that the caller knows. */
function beforeFirst(measuredAt: EpochMs): Before {
  return { measuredAt, periodMs: 0, clientIp: undefined, serverIp: undefined, session: undefined };
}

/** Maximum number of numbers per sample. */
export const maxNumbersPerSample = 10;

/**
 * Adds the samples to the end of `numbers`, whose memory must be sufficient. Returns the new length. Times
 * and periods must be integers. `from` is a time near the first sample (epoch ms).
 */
export function packSamples(
  samples: readonly PushSample[],
  from: EpochMs,
  { values, length: start }: NumberList,
  texts: TextList,
): number {
  let length = start;
  let before = beforeFirst(from);
  for (const sample of samples) {
    const { measuredAt, periodMs, clientIp, serverIp, session, bitsPerSecond, videoMs, audioMs } = sample;
    const isSamePush =
      clientIp === before.clientIp && serverIp === before.serverIp && session === before.session;
    const stepMs = measuredAt - periodMs - before.measuredAt;
    const isRegular = stepMs === 0 && periodMs === before.periodMs;
    const hasMedia = videoMs !== undefined || audioMs !== undefined;
    values[length++] =
      (isSamePush ? 0 : parts.push) + (isRegular ? 0 : parts.time) + (hasMedia ? parts.media : 0);
    values[length++] = toPackedRate(sample.framesPerSecond);
    values[length++] = bitsPerSecond ?? none;
    if (!isSamePush) {
      values[length++] = textIndex(clientIp, texts);
      values[length++] = textIndex(serverIp, texts);
      values[length++] = textIndex(session, texts);
    }
    if (!isRegular) {
      values[length++] = stepMs;
      values[length++] = periodMs - before.periodMs;
    }
    if (hasMedia) {
      values[length++] = (videoMs ?? none) - periodMs;
      values[length++] = (audioMs ?? none) - periodMs;
    }
    before = sample;
  }
  return length;
}

/** Returns the samples that `numbers` contains from the index `start` on. `from` is that of `packSamples`. */
export function unpackSamples(
  texts: readonly (string | undefined)[],
  numbers: NumberList,
  start: number,
  from: EpochMs,
): readonly PushSample[] {
  const samples: PushSample[] = [];
  let { measuredAt, periodMs, clientIp, serverIp, session } = beforeFirst(from);
  for (let at = start; at < numbers.length; ) {
    const present = numberAt(numbers, at);
    const framesPerSecond = fromPackedRate(numberAt(numbers, at + 1));
    const bitsPerSecond = fromNone(numberAt(numbers, at + 2));
    at += 3;
    if (present & parts.push) {
      clientIp = texts[numberAt(numbers, at)];
      serverIp = texts[numberAt(numbers, at + 1)];
      session = texts[numberAt(numbers, at + 2)];
      at += 3;
    }
    if (present & parts.time) {
      measuredAt += numberAt(numbers, at);
      periodMs += numberAt(numbers, at + 1);
      at += 2;
    }
    measuredAt += periodMs;
    if (!(present & parts.media)) {
      samples.push({ measuredAt, periodMs, clientIp, serverIp, session, framesPerSecond, bitsPerSecond });
      continue;
    }
    // List the fields: a spread would take most of the time.
    samples.push({
      measuredAt,
      periodMs,
      clientIp,
      serverIp,
      session,
      framesPerSecond,
      bitsPerSecond,
      videoMs: fromNone(periodMs + numberAt(numbers, at)),
      audioMs: fromNone(periodMs + numberAt(numbers, at + 1)),
    });
    at += 2;
  }
  return samples;
}

/**
 * Returns a short form of a frame rate, which cannot be negative. Most frame rates are integers or have at
 * most three decimals: -1 - n stands for n thousandths. Any other number stands for itself.
 */
function toPackedRate(rate = none): number {
  if (Number.isInteger(rate)) return rate;
  const thousandths = Math.round(rate * 1000);
  // A larger number would not be exact.
  const isExact = Number.isSafeInteger(-1 - thousandths) && thousandths / 1000 === rate;
  return isExact ? -1 - thousandths : rate;
}

function fromPackedRate(packed: number): number | undefined {
  return packed < 0 ? (-1 - packed) / 1000 : fromNone(packed);
}
