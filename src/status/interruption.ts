import { type EpochMs, minuteMs, secondMs } from '../model/time.ts';
import type { StreamInput } from './inputs.ts';
import { beginOf, type StreamStatus } from './stream-status.ts';

/** Time without samples within a push that is interrupted again and again, or was interrupted for long. */
export interface Interruption {
  /** Begin of the first break, as long as no five minutes without much interruption were in between. */
  readonly since: EpochMs;
  /** Time in ms without samples between the samples of the last five minutes. */
  readonly ms: number;
}

/** Time in ms within five minutes from which on a push is interrupted: 30 %, as for the alert LivestreamPushFlapping. */
export const minInterruptedMs = 1.5 * minuteMs;

/** Length in ms of a break from which on a stream is only missing: nothing shows that it comes back. */
const maxBreakMs = 5 * minuteMs;

/** Distance of samples in seconds that is no break, however short the time is that a sample covers. */
export const maxDistanceSeconds = 15;

/**
 * Returns the breaks in a list of times (epoch seconds, in any order) of samples that each cover `periodSeconds`: the
 * time in ms that no sample covers, and the begin of the first break. Returns undefined if there are none.
 *
 * The distances of the samples do not tell the period: with one sample a minute, a push of 5 s a minute would look
 * steady.
 */
export function breaksOf(seconds: readonly number[], periodSeconds: number): Interruption | undefined {
  const maxDistance = Math.max(maxDistanceSeconds, 2.5 * periodSeconds);
  let since: number | undefined;
  let lost = 0;
  let before = Number.POSITIVE_INFINITY;
  for (const second of seconds.toSorted((a, b) => a - b)) {
    if (second - before > maxDistance) {
      since ??= before;
      lost += second - before - periodSeconds;
    }
    before = second;
  }
  return since === undefined ? undefined : { since: since * secondMs, ms: lost * secondMs };
}

/**
 * Returns the interruption of a stream that is expected to be live; undefined if its push is not interrupted.
 * `interruption` returns that of its samples. A stream in a break is missing for a moment, so this state says less.
 */
export function interruptionOf(
  input: StreamInput,
  status: StreamStatus,
  interruption: (streamKey: string) => Interruption | undefined,
  now: EpochMs,
): Interruption | undefined {
  const { state, isDue } = status;
  if (isDue !== true || (state !== 'up' && state !== 'degraded' && state !== 'missing')) return undefined;
  const found = interruption(input.key);
  if (found === undefined || state !== 'missing') return found;
  const begin = beginOf(input, status, now);
  return begin !== undefined && now - begin.at <= maxBreakMs ? found : undefined;
}
