import type { PushSample } from './push-sample.ts';
import { futureToleranceMs } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** A stream as its last answer showed it, when that held a fresh sample. */
export interface LivePush {
  /** The newest sample of the one publisher that is shown where there is room for one. */
  readonly followed: PushSample;
  /** The same of each other live publisher, the newest first. */
  readonly others: readonly PushSample[];
}

/** One for all, since there seldom is any. */
const noOthers: LivePush['others'] = [];

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
  const isFresh = ({ measuredAt }: PushSample) =>
    measuredAt >= now - freshMs && measuredAt <= now + futureToleranceMs;
  const first = samples.find(isFresh);
  if (first === undefined) return undefined;
  const publishers = [first];
  for (const sample of samples) {
    if (!isFresh(sample)) continue;
    // One, as a rule, and then this finds it at once.
    const place = publishers.findIndex(({ clientIp }) => clientIp === sample.clientIp);
    const known = publishers[place];
    if (known === undefined) publishers.push(sample);
    else if (sample.measuredAt >= known.measuredAt) publishers[place] = sample;
  }
  if (publishers.length === 1) return { followed: publishers[0] ?? first, others: noOthers };
  publishers.sort((a, b) => b.measuredAt - a.measuredAt);
  const before = previous?.followed;
  const followed = publishers.find(({ clientIp }) => clientIp === before?.clientIp) ?? publishers[0] ?? first;
  return { followed, others: publishers.filter((sample) => sample !== followed) };
}
