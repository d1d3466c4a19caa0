import { conditions, hasCondition } from '../model/expectation.ts';
import { isDue } from '../model/live-schedule.ts';
import { isKnown } from '../model/push-view.ts';
import type { EpochMs } from '../model/time.ts';
import type { StreamInput } from './inputs.ts';

/**
 * State of a stream. `up`: the last answer contains a fresh sample. `silent`: the last answer contains no
 * fresh sample. `unknown`: there is no answer yet, or the last answer is too old.
 */
type PushState = 'up' | 'silent' | 'unknown';

/** The most urgent reason why an operator should look at a stream. */
type Attention = 'silent_though_due' | 'degraded' | 'unknown';

export type StreamStatus = ReturnType<typeof toStreamStatus>;

/**
 * Compares the last answer for a stream with the stream's expectation (from the config) at the time `now`.
 */
export function toStreamStatus({ target: { expectation }, view }: StreamInput, now: EpochMs) {
  const known = view !== undefined && isKnown(view, now) ? view : undefined;
  const sample = known?.live?.followed;
  const state: PushState = known === undefined ? 'unknown' : sample === undefined ? 'silent' : 'up';
  const due = expectation.live === undefined ? undefined : isDue(expectation.live, now);
  const violated = sample ? conditions.filter((each) => hasCondition(each, sample, expectation)) : [];
  return {
    state,
    /** Whether the stream is expected to be live at `now`; undefined if the config does not say. */
    isDue: due,
    /** Conditions, such as a low frame rate, in which the sample violates the expectation. */
    conditions: violated,
    attention: attentionOf(state, due === true, violated.length > 0),
    /**
     * Newest fresh sample of the followed publisher, that is, of the publisher that single-publisher series
     * show. Undefined if the state is not `up`.
     */
    sample,
  };
}

function attentionOf(state: PushState, due: boolean, degraded: boolean): Attention | undefined {
  if (state === 'unknown') return 'unknown';
  if (state === 'silent') return due ? 'silent_though_due' : undefined;
  return degraded ? 'degraded' : undefined;
}

/**
 * Sort order of the streams, most urgent first: the reason for attention of a stream, or its state if it
 * needs no attention. A silent stream that is not expected to be live comes last.
 */
const urgencies = ['silent_though_due', 'degraded', 'unknown', 'up', 'silent'] as const;

/**
 * Creates the selection of the most urgent streams. It keeps the first `max` streams of each urgency, so its cost
 * does not depend on the number of streams that are added.
 */
export function createUrgent(max: number) {
  const groups = new Map<Attention | PushState, StreamInput[]>();
  return {
    add(input: StreamInput, { attention, state }: Pick<StreamStatus, 'attention' | 'state'>): void {
      const urgency = attention ?? state;
      const group = groups.get(urgency);
      if (group === undefined) groups.set(urgency, [input]);
      else if (group.length < max) group.push(input);
    },
    /** Returns the `max` most urgent streams, sorted by urgency. Streams of equal urgency keep their order. */
    first: (): readonly StreamInput[] =>
      urgencies.flatMap((urgency) => groups.get(urgency) ?? []).slice(0, max),
  };
}
