import type { PushSample } from './push-sample.ts';
import { futureToleranceMs } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** Live publishers of a stream in its last answer, each with its newest fresh sample. */
export interface LivePush {
  /** Sample of the followed publisher, for series that show only one publisher. */
  readonly followed: PushSample;
  /** Samples of the other live publishers, newest first. */
  readonly others: readonly PushSample[];
}

/** Shared by all views, because most streams have one publisher. */
const noOthers: LivePush['others'] = [];

/**
 * Returns the live publishers of an answer requested at `now`; undefined if it contains no fresh sample,
 * which means that nobody pushes. The publisher that was followed before stays followed while it has a fresh
 * sample.
 */
export function livePush(
  previous: LivePush | undefined,
  samples: readonly PushSample[],
  now: EpochMs,
  freshMs: number,
): LivePush | undefined {
  const isFresh = ({ measuredAt }: PushSample) =>
    measuredAt >= now - freshMs && measuredAt <= now + futureToleranceMs;
  const first = samples.find(isFresh);
  if (first === undefined) return undefined;
  const publishers = [first];
  for (const sample of samples) {
    if (!isFresh(sample)) continue;
    // Linear search: nearly all streams have one publisher.
    const index = publishers.findIndex(({ clientIp }) => clientIp === sample.clientIp);
    const known = publishers[index];
    if (known === undefined) publishers.push(sample);
    else if (sample.measuredAt >= known.measuredAt) publishers[index] = sample;
  }
  if (publishers.length === 1) return { followed: publishers[0] ?? first, others: noOthers };
  publishers.sort((a, b) => b.measuredAt - a.measuredAt);
  const before = previous?.followed;
  const followed = publishers.find(({ clientIp }) => clientIp === before?.clientIp) ?? publishers[0] ?? first;
  return { followed, others: publishers.filter((sample) => sample !== followed) };
}
