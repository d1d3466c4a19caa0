import { minuteMs, secondMs } from '../../../model/time.ts';
import { readNumber } from '../../kit/values.ts';

/*
 * Reads the three elapsed times (in ms) of a row of DescribeStreamPushInfoList. The documentation calls
 * LocalTs the local, VideoTs the video and AudioTs the audio elapsed time, and says: the larger their
 * difference, the worse the push. The examples are 5000, 5032 and 5004, in rows that are minutes after the
 * begin of the push. So they are the time that passed at the ingest node since the row before, and the time
 * by which the timestamps of video and audio advanced meanwhile.
 *
 * Not documented, therefore read so that each possible meaning gives correct totals or none:
 * - If the times counted from the begin of the push, or if VideoTs and AudioTs were timestamps of the stream,
 *   they would exceed the limits below after a minute.
 * - If the encoder sets its timestamps back, the difference is negative, or huge as an unsigned number.
 * - 0 can mean that the provider does not know the value, as in other fields of the row. It counts only if
 *   there were no frames: timestamps of several frames are not equal.
 */

/** Plausible range of `LocalTs`. The example is 5000, close to the nominal period. */
const minLocalMs = secondMs;
const maxLocalMs = minuteMs;

/** How much more media than time a publisher can send at once, after its network has paused. */
const maxBacklogMs = minuteMs;

/**
 * Reads the time in ms that a row covers. It differs a little from the nominal period. Returns undefined if
 * the value is unknown or implausible.
 */
export function readLocalMs(localTs: unknown): number | undefined {
  const ms = Math.round(readNumber(localTs) ?? 0);
  return ms >= minLocalMs && ms <= maxLocalMs ? ms : undefined;
}

/**
 * Reads a media time in ms. `frames` is the rate of the frames of this media, and `localMs` the time that the
 * row covers. Returns undefined if the value is unknown or implausible, or if the time of the row is.
 */
export function readMediaMs(
  elapsed: unknown,
  frames: number | undefined,
  localMs: number | undefined,
): number | undefined {
  const ms = Math.round(readNumber(elapsed) ?? -1);
  if (localMs === undefined || ms < 0 || ms > localMs + maxBacklogMs) return undefined;
  return ms > 0 || frames === 0 ? ms : undefined;
}
