import type { PushSample } from './push-sample.ts';
import { futureToleranceMs } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** A stream as its last answer showed it, when that held a fresh sample. */
export interface LivePush {
  /** The newest sample of each live publisher, the newest first. */
  readonly publishers: readonly PushSample[];
  /** The newest sample of the one publisher that is shown where there is room for one. */
  readonly followed: PushSample;
}

/**
 * The push as an answer asked at `now` shows it, or undefined when it holds no sample that is young enough: the answer
 * came, and nobody pushes. The publisher followed before is kept until it has no fresh sample.
 */
export function livePush(
  previous: LivePush | undefined,
  samples: readonly PushSample[],
  now: EpochMs,
  freshMs: number,
): LivePush | undefined {
  const newest = new Map<string, PushSample>();
  for (const sample of samples) {
    if (sample.measuredAt < now - freshMs || sample.measuredAt > now + futureToleranceMs) continue;
    const publisher = sample.clientIp ?? '';
    const known = newest.get(publisher);
    if (known === undefined || sample.measuredAt >= known.measuredAt) newest.set(publisher, sample);
  }
  const publishers = [...newest.values()].sort((a, b) => b.measuredAt - a.measuredAt);
  const followed = newest.get(previous?.followed.clientIp ?? '') ?? publishers[0];
  return followed && { publishers, followed };
}
