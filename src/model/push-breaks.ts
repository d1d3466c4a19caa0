import { isOwnSample, type PushSample } from './push-sample.ts';
import type { EpochMs } from './time.ts';

/**
 * Reports whether the push of the target's own stream had a break of more than `minMs` that ended at `from` or later
 * (epoch ms): a time without samples between two of `samples`, which are in order of time. The time after the last
 * sample is no break, because nothing shows that the push comes back.
 */
export function hadBreak(samples: readonly PushSample[], from: EpochMs, minMs: number): boolean {
  let next: EpochMs | undefined;
  for (let i = samples.length - 1; i >= 0; i--) {
    const sample = samples[i];
    if (sample === undefined || !isOwnSample(sample)) continue;
    if (next !== undefined && next - sample.measuredAt > minMs) return true;
    next = sample.measuredAt;
    if (next < from) return false;
  }
  return false;
}
