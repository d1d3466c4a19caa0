import { conditions, hasCondition } from '../model/expectation.ts';
import { isDue } from '../model/live-schedule.ts';
import { isKnown } from '../model/push-view.ts';
import type { EpochMs } from '../model/time.ts';
import type { StreamInput } from './inputs.ts';

/** `up`: the last answer has a fresh sample; `silent`: it has none; `unknown`: the last answer is too old. */
type PushState = 'up' | 'silent' | 'unknown';

/** The most urgent reason to look at a stream. */
type Attention = 'silent_though_due' | 'degraded' | 'unknown';

/** Evaluates the last answer of a stream at `now` against its expectation. */
export function toStreamStatus({ target: { expectation }, view }: StreamInput, now: EpochMs) {
  const known = view !== undefined && isKnown(view, now) ? view : undefined;
  const sample = known?.live?.followed;
  const state: PushState = known === undefined ? 'unknown' : sample === undefined ? 'silent' : 'up';
  const due = expectation.live === undefined ? undefined : isDue(expectation.live, now);
  const violated = sample ? conditions.filter((each) => hasCondition(each, sample, expectation)) : [];
  return {
    state,
    /** Whether the stream is expected to be live now; undefined if the config does not say. */
    isDue: due,
    /** Expectations that the sample violates. */
    conditions: violated,
    attention: attentionOf(state, due === true, violated.length > 0),
    /** Fresh sample of the followed publisher; undefined unless `up`. */
    sample,
  };
}

function attentionOf(state: PushState, due: boolean, degraded: boolean): Attention | undefined {
  if (state === 'unknown') return 'unknown';
  if (state === 'silent') return due ? 'silent_though_due' : undefined;
  return degraded ? 'degraded' : undefined;
}

/** Attention, or else the state, of the streams: most urgent first. A silent stream that is not due comes last. */
const urgencies = ['silent_though_due', 'degraded', 'unknown', 'up', 'silent'] as const;

/** Sorts by urgency; streams of the same urgency stay in their order. */
export function byUrgency(inputs: readonly StreamInput[], now: EpochMs): readonly StreamInput[] {
  const groups = Map.groupBy(inputs, (input) => {
    const { attention, state } = toStreamStatus(input, now);
    return attention ?? state;
  });
  return urgencies.flatMap((urgency) => groups.get(urgency) ?? []);
}
