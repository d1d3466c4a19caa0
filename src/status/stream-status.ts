import { type Condition, conditions, hasCondition } from '../model/expectation.ts';
import { isDue } from '../model/live-schedule.ts';
import type { PushSample } from '../model/push-sample.ts';
import { isKnown } from '../model/push-view.ts';
import type { EpochMs } from '../model/time.ts';
import type { StreamInput } from './inputs.ts';

/** `up`: the last answer has a fresh sample; `silent`: it has none; `unknown`: the last answer is too old. */
export type PushState = 'up' | 'silent' | 'unknown';

/** The most urgent reason to look at a stream. */
export type Attention = 'silent_though_due' | 'degraded' | 'unknown';

export interface StreamStatus {
  readonly state: PushState;
  /** Whether the stream is expected to be live now; undefined if the config does not say. */
  readonly isDue: boolean | undefined;
  /** Expectations that the sample violates. */
  readonly conditions: readonly Condition[];
  readonly attention: Attention | undefined;
  /** Fresh sample of the followed publisher; undefined unless `up`. */
  readonly sample: PushSample | undefined;
}

/** Evaluates the last answer of a stream at `now` against its expectation. */
export function toStreamStatus({ target, view }: StreamInput, now: EpochMs): StreamStatus {
  const { expectation } = target;
  const known = view !== undefined && isKnown(view, now) ? view : undefined;
  const sample = known?.live?.followed;
  const state = known === undefined ? 'unknown' : sample === undefined ? 'silent' : 'up';
  const due = expectation.live === undefined ? undefined : isDue(expectation.live, now);
  const violated =
    sample === undefined ? [] : conditions.filter((each) => hasCondition(each, sample, expectation));
  return {
    state,
    isDue: due,
    conditions: violated,
    attention: attentionOf(state, due === true, violated.length > 0),
    sample,
  };
}

function attentionOf(state: PushState, due: boolean, degraded: boolean): Attention | undefined {
  if (state === 'unknown') return 'unknown';
  if (state === 'silent') return due ? 'silent_though_due' : undefined;
  return degraded ? 'degraded' : undefined;
}

/** Returns the sort key of a stream, most urgent first. A silent stream that is not due comes last. */
export function urgency({ attention, state }: StreamStatus): 0 | 1 | 2 | 3 | 4 {
  switch (attention) {
    case 'silent_though_due':
      return 0;
    case 'degraded':
      return 1;
    case 'unknown':
      return 2;
    case undefined:
      return state === 'up' ? 3 : 4;
    default:
      return attention satisfies never;
  }
}
