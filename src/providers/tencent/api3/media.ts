import type { PushMedia } from '../../../model/push-media.ts';
import { minuteMs } from '../../../model/time.ts';
import { maxBitsPerSecond, readUpTo } from '../../kit/push-values.ts';
import { createRememberingReader, readNumber, readText } from '../../kit/values.ts';
import { parseTime } from '../times.ts';
import { beijingOffsetMs } from './beijing-time.ts';

/** Maximum plausible keyframe interval in ms. */
const maxKeyframeIntervalMs = 10 * minuteMs;

/**
 * Creates the reader of the media values of a row of DescribeStreamPushInfoList. Equal texts are read once
 * and are one string object, because the newest sample of each stream stays in memory.
 */
export function createMediaReader() {
  const resolutionOf = createRememberingReader(readResolution);
  const codecOf = createRememberingReader((value) => readText(value)?.toLowerCase());
  const domainOf = createRememberingReader(readText);

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

/** Reads a number above 0 and at most `max`. The provider sends 0 for a value that it does not know. */
function readPositive(value: unknown, max = Number.POSITIVE_INFINITY): number | undefined {
  const number = readUpTo(max, value);
  return number !== undefined && number > 0 ? number : undefined;
}

/**
 * Reads a resolution such as `1920*1080` or `1920x1080`. Returns undefined for any other text, such as `720P`
 * in an example of 2019, because the width is not known.
 */
function readResolution(value: unknown): string | undefined {
  const [, width, height] =
    /^\s*(\d{1,5})[*xX](\d{1,5})\s*$/.exec(typeof value === 'string' ? value : '') ?? [];
  return width === undefined || Number(width) === 0 ? undefined : `${width}x${height}`;
}
