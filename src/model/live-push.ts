import type { PushSample } from './push-sample.ts';
import { futureToleranceMs } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** Live publishers (encoders) of a stream in its last answer, each with its newest fresh sample. */
export interface LivePush {
  /**
   * Newest fresh sample of the followed publisher, which is the one publisher that series with a single
   * publisher show.
   */
  readonly followed: PushSample;
  /** Samples of the other live publishers, newest first. */
  readonly others: readonly PushSample[];
}

/** Empty list of other publishers. All answers share this object, because most streams have one publisher. */
const noOthers: LivePush['others'] = [];

/**
 * Returns the live publishers of an answer that was requested at `now` (wall clock). A sample is fresh if it
 * is at most `freshMs` old. Returns undefined if the answer contains no fresh sample, which means that nobody
 * pushes the stream. The publisher that was followed in `previous` stays followed while it has a fresh
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
    // Search linearly, because nearly all streams have one publisher.
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
