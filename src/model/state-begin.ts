import { conditions, type Expectation, hasCondition } from './expectation.ts';
import { newestOf } from './live-push.ts';
import { dueSince, dueTimes } from './live-schedule.ts';
import type { PushSample } from './push-sample.ts';
import { isKnown, type PushView } from './push-view.ts';
import { type EpochMs, secondMs, type Window } from './time.ts';

/** State of a stream in one answer, apart from its schedule, which changes without an answer. */
type AnsweredState = 'up' | 'degraded' | 'silent' | 'unknown';

/** What an answer says about a stream. */
interface AnsweredStream extends Pick<PushView, 'live' | 'isUnknown' | 'answeredAt'> {
  /** Samples of the stream in the answer; absent if it is a list, which has no earlier samples. */
  readonly samples?: readonly PushSample[];
}

/** Time in ms between two samples up to which nothing is missing between them, unless they cover a long time. */
const maxDistanceMs = 15 * secondMs;

/**
 * Returns since when a stream has been in the state of the view `after`. `before` is the view of the previous
 * answer; undefined before the first answer, when nobody knows the begin of the state. A state that begins
 * with a sample begins at the time of the sample, and a stream is silent since its last sample. After an unknown
 * state, a state begins again. A state that a list showed first begins at the first sample of the history.
 */
export function beginOfState(
  before: PushView | undefined,
  after: AnsweredStream,
  expectation: Expectation,
): Pick<PushView, 'since' | 'isSinceFirst'> {
  const { live, answeredAt } = after;
  const state = stateOf(after, expectation);
  if (before === undefined) return { since: live?.followed.measuredAt ?? answeredAt, isSinceFirst: true };
  const lasted = isKnown(before, answeredAt) || before.isUnknown;
  if (lasted) {
    if (stateOf(before, expectation) === state) {
      if (before.isListed !== true || live === undefined) return before;
      const since = firstOfState(after, expectation, Number.NEGATIVE_INFINITY);
      return since === undefined || since >= before.since
        ? before
        : { since, isSinceFirst: before.isSinceFirst };
    }
  } else if (state === 'unknown') {
    return { since: before.expiresAt, isSinceFirst: false };
  }
  const lastSampleAt = before.live && newestOf(before.live);
  const since =
    state === 'silent'
      ? lastSampleAt
      : firstOfState(after, expectation, lasted ? before.since : before.expiresAt);
  // If all answers so far left the state open, nobody knows the begin either.
  return { since: since ?? answeredAt, isSinceFirst: before.isSinceFirst && before.isUnknown };
}

/**
 * Returns the time of the first sample after `from` with which the followed publisher came into its state: with a long
 * interval, an answer contains many samples since the answer before. Returns undefined if there is no publisher.
 */
function firstOfState(
  { live, samples = [] }: AnsweredStream,
  expectation: Expectation,
  from: EpochMs,
): EpochMs | undefined {
  if (live === undefined) return undefined;
  const { followed } = live;
  const isBad = isDegraded(followed, expectation);
  let since = followed.measuredAt;
  const earlier = samples.filter(
    ({ measuredAt, clientIp = followed.clientIp }) =>
      measuredAt > from && measuredAt < since && clientIp === followed.clientIp,
  );
  for (const sample of earlier.toSorted((a, b) => b.measuredAt - a.measuredAt)) {
    const distanceMs = since - sample.measuredAt;
    if (distanceMs > maxDistanceOf(sample)) break;
    if (isDegraded(sample, expectation) !== isBad) break;
    since = sample.measuredAt;
  }
  return since;
}

/**
 * Returns the time from which on the samples of an answer show a stream as pushed again (epoch ms); undefined if
 * `before`, the view of the answer before, does not show that nobody pushed it. `freshMs` is the maximum age of a
 * fresh sample. The condition and the publisher of the samples do not matter, and neither do breaks between them. But
 * a late sample from the silence, with more silence after it, is no return.
 */
export function pushedAgainFrom(
  before: PushView | undefined,
  { live, samples = [] }: Pick<AnsweredStream, 'live' | 'samples'>,
  freshMs: number,
): EpochMs | undefined {
  if (live === undefined || before === undefined || before.live !== undefined || before.isUnknown) {
    return undefined;
  }
  let first = live.followed;
  const newestFirst = samples.toSorted((a, b) => b.measuredAt - a.measuredAt);
  for (const sample of newestFirst) {
    if (sample.measuredAt <= before.since) break;
    // The answer before had no fresh sample, so a sample that was fresh then is new.
    const isNew = sample.measuredAt >= before.answeredAt - freshMs;
    if (!isNew && first.measuredAt - sample.measuredAt > maxDistanceOf(sample)) break;
    if (sample.measuredAt < first.measuredAt) first = sample;
  }
  return first.measuredAt - first.periodMs;
}

/** Returns the time in ms between two samples up to which nothing is missing between them. */
function maxDistanceOf({ periodMs }: PushSample): number {
  return Math.max(maxDistanceMs, 2.5 * periodMs);
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
  {
    live,
    isUnknown,
    answeredAt,
    pushedFrom,
  }: Pick<PushView, 'live' | 'isUnknown' | 'answeredAt' | 'pushedFrom'>,
  { live: schedule }: Expectation,
): readonly MissingTime[] {
  if (schedule === undefined || isUnknown) return [];
  if (before === undefined || before.live !== undefined || before.isUnknown) return [];
  // Nobody knows whether the stream was missing after the answer before had expired.
  if (live === undefined && !isKnown(before, answeredAt)) return [];
  const liveAt = live && (pushedFrom ?? live.followed.measuredAt - live.followed.periodMs);
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
  return isDegraded(view.live.followed, expectation) ? 'degraded' : 'up';
}

function isDegraded(sample: PushSample, expectation: Expectation): boolean {
  return conditions.some((each) => hasCondition(each, sample, expectation));
}
