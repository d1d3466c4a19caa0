import { conditions, type Expectation, hasCondition } from './expectation.ts';
import { newestOf } from './live-push.ts';
import { isKnown, type PushView } from './push-view.ts';

/** State of a stream in one answer, apart from its schedule, which changes without an answer. */
type AnsweredState = 'up' | 'degraded' | 'silent' | 'unknown';

/**
 * Returns since when a stream has been in the state of the view `after`. `before` is the view of the previous
 * answer; undefined before the first answer, when nobody knows the begin of the state. A state that begins
 * with a sample begins at the time of the sample, and a stream is silent since its last sample. A state that was
 * unknown in between begins anew.
 */
export function beginOfState(
  before: PushView | undefined,
  after: Pick<PushView, 'live' | 'isUnknown' | 'answeredAt'>,
  expectation: Expectation,
): Pick<PushView, 'since' | 'isSinceFirst'> {
  const { live, answeredAt } = after;
  const state = stateOf(after, expectation);
  if (before === undefined) return { since: live?.followed.measuredAt ?? answeredAt, isSinceFirst: true };
  if (isKnown(before, answeredAt) || before.isUnknown) {
    if (stateOf(before, expectation) === state) return before;
  } else if (state === 'unknown') {
    return { since: before.expiresAt, isSinceFirst: false };
  }
  const lastSampleAt = before.live && newestOf(before.live);
  const silentSince = lastSampleAt ?? answeredAt;
  return {
    since: state === 'silent' ? silentSince : (live?.followed.measuredAt ?? answeredAt),
    isSinceFirst: false,
  };
}

function stateOf(view: Pick<PushView, 'live' | 'isUnknown'>, expectation: Expectation): AnsweredState {
  if (view.isUnknown) return 'unknown';
  if (view.live === undefined) return 'silent';
  const { followed } = view.live;
  return conditions.some((each) => hasCondition(each, followed, expectation)) ? 'degraded' : 'up';
}
