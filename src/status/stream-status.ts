import { type Condition, conditions, hasCondition } from '../model/expectation.ts';
import type { PushSample } from '../model/push-sample.ts';
import { isKnown } from '../model/push-view.ts';
import { isDue } from '../model/schedule.ts';
import type { EpochMs } from '../model/time.ts';
import type { StreamInput } from './inputs.ts';

/** `up`: the last answer held a fresh sample; `silent`: it held none; `unknown`: no answer came for too long. */
export type PushState = 'up' | 'silent' | 'unknown';

/** Why somebody should look at a stream: the most urgent of its reasons. */
export type Attention = 'silent_though_due' | 'degraded' | 'unknown';

export interface StreamStatus {
  readonly state: PushState;
  /** undefined where the operator did not say when the stream is due. */
  readonly isDue: boolean | undefined;
  /** What is wrong with the sample that is shown. */
  readonly conditions: readonly Condition[];
  readonly attention: Attention | undefined;
  /** The sample that is shown; only while `up`. */
  readonly sample: PushSample | undefined;
}

/** How a stream is doing at `now`, from its last answer and from what is expected of it. */
export function toStreamStatus({ target, view }: StreamInput, now: EpochMs): StreamStatus {
  const { expectation } = target;
  const known = view !== undefined && isKnown(view, now) ? view : undefined;
  const sample = known?.live?.followed;
  const state = known === undefined ? 'unknown' : sample === undefined ? 'silent' : 'up';
  const due = expectation.live === undefined ? undefined : isDue(expectation.live, now);
  const wrong =
    sample === undefined ? [] : conditions.filter((each) => hasCondition(each, sample, expectation));
  return {
    state,
    isDue: due,
    conditions: wrong,
    attention: attentionOf(state, due === true, wrong.length > 0),
    sample,
  };
}

function attentionOf(state: PushState, due: boolean, degraded: boolean): Attention | undefined {
  if (state === 'unknown') return 'unknown';
  if (state === 'silent') return due ? 'silent_though_due' : undefined;
  return degraded ? 'degraded' : undefined;
}

/** Where a stream stands in a list with the worst first, from 0 to 4. A silent one that is not due comes last. */
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
