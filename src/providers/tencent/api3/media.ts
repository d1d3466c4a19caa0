import type { PushMedia } from '../../../model/push-media.ts';
import { minuteMs } from '../../../model/time.ts';
import { readNumber, readText } from '../../kit/values.ts';
import { maxBitsPerSecond, readUpTo } from '../push-rows.ts';
import { parseTime } from '../times.ts';
import { beijingOffsetMs } from './beijing-time.ts';

/** Longest keyframe interval in ms that is believed. */
const maxKeyframeIntervalMs = 10 * minuteMs;

/** Maximum number of different texts of a field that are remembered. Real responses contain a few. */
const maxKnown = 1_000;

/** Maximum length of a text that is remembered. */
const maxKnownLength = 255;

/**
 * Creates the reader of the media values of a row of DescribeStreamPushInfoList. Equal texts are read once and are one
 * string object, because the newest sample of each stream stays in memory.
 */
export function createMediaReader() {
  const resolutionOf = remembering(readResolution);
  const codecOf = remembering((value) => readText(value)?.toLowerCase());
  const domainOf = remembering(readText);

  return (fields: Readonly<Record<string, unknown>>): PushMedia => ({
    videoBitsPerSecond: readUpTo(maxBitsPerSecond, fields.VideoRate),
    audioBitsPerSecond: readUpTo(maxBitsPerSecond, fields.AudioRate),
    audioFramesPerSecond: readNumber(fields.AudioFps),
    // The provider spells this field so; it is the frame rate in the metadata of the encoder.
    declaredFramesPerSecond: readPositive(fields.MateFps),
    keyframeIntervalMs: readPositive(fields.GopSize, maxKeyframeIntervalMs),
    resolution: resolutionOf(fields.Resolution),
    videoCodec: codecOf(fields.VCodec),
    audioCodec: codecOf(fields.ACodec),
    pushDomain: domainOf(fields.PushDomain),
    beganAt: parseTime(fields.BeginPushTime, beijingOffsetMs)?.at,
  });
}

/** Returns a variant of `read` that remembers what it has read from short texts. */
function remembering(read: (value: unknown) => string | undefined): typeof read {
  const known = new Map<unknown, string | undefined>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined || known.has(value)) return before;
    const result = read(value);
    const isShort = typeof value === 'string' && value.length <= maxKnownLength;
    if (isShort && known.size < maxKnown) known.set(value, result);
    return result;
  };
}

/** Reads a number above 0 and at most `max`. The provider sends 0 for a value that it does not know. */
function readPositive(value: unknown, max = Number.POSITIVE_INFINITY): number | undefined {
  const number = readUpTo(max, value);
  return number !== undefined && number > 0 ? number : undefined;
}

/**
 * Reads a resolution such as `1920*1080` or `1920x1080`. Returns undefined for any other text, such as `720P` in an
 * example of 2019, because the width is not known.
 */
function readResolution(value: unknown): string | undefined {
  const [, width, height] =
    /^\s*(\d{1,5})[*xX](\d{1,5})\s*$/.exec(typeof value === 'string' ? value : '') ?? [];
  return width === undefined || Number(width) === 0 ? undefined : `${width}x${height}`;
}
