import { conditions, type Expectation, hasCondition } from './expectation.ts';
import { newestOf } from './live-push.ts';
import { dueSince, dueTimes } from './live-schedule.ts';
import { isKnown, type PushView } from './push-view.ts';
import type { Window } from './time.ts';

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
  const since = state === 'silent' ? lastSampleAt : live?.followed.measuredAt;
  // If all answers so far left the state open, nobody knows the begin either.
  return { since: since ?? answeredAt, isSinceFirst: before.isSinceFirst && before.isUnknown };
}

/** Time in which a stream was missing. */
export interface MissingTime extends Window {
  /** Part of it in ms in which the stream was expected to be live. */
  readonly ms: number;
}

/**
 * Returns the times in which a stream was missing, and which ended since the answer before: either `after` shows the
 * stream as live again, or it is no longer expected. Returns none if the answer before does not show that nobody pushed
 * the stream, or if the stream was not expected.
 */
export function missingBefore(
  before: PushView | undefined,
  { live, isUnknown, answeredAt }: Pick<PushView, 'live' | 'isUnknown' | 'answeredAt'>,
  { live: schedule }: Expectation,
): readonly MissingTime[] {
  if (schedule === undefined || isUnknown) return [];
  if (before === undefined || before.live !== undefined || before.isUnknown) return [];
  // Nobody knows whether the stream was missing after the answer before had expired.
  if (live === undefined && !isKnown(before, answeredAt)) return [];
  const liveAt = live && live.followed.measuredAt - live.followed.periodMs;
  // Times that had ended at the answer before are known since then.
  return dueTimes(schedule, { from: before.answeredAt, to: answeredAt + 1 }).flatMap((due) => {
    if (liveAt === undefined && due.to > answeredAt) return [];
    const begin = due.from === before.answeredAt ? (dueSince(schedule, due.from) ?? due.from) : due.from;
    const from = Math.max(before.since, begin);
    const to = Math.min(liveAt ?? due.to, due.to);
    return from < to ? [{ from, to, ms: to - from }] : [];
  });
}

function stateOf(view: Pick<PushView, 'live' | 'isUnknown'>, expectation: Expectation): AnsweredState {
  if (view.isUnknown) return 'unknown';
  if (view.live === undefined) return 'silent';
  const { followed } = view.live;
  return conditions.some((each) => hasCondition(each, followed, expectation)) ? 'degraded' : 'up';
}
