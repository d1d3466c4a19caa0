import { conditions, hasCondition } from '../model/expectation.ts';
import { dueSince, isDue } from '../model/live-schedule.ts';
import { isKnown } from '../model/push-view.ts';
import type { StreamState } from '../model/stream-state.ts';
import type { EpochMs } from '../model/time.ts';
import type { StreamInput } from './inputs.ts';

export type StreamStatus = ReturnType<typeof toStreamStatus>;

/**
 * Compares the last answer for a stream with the stream's expectation (from the config) at the time `now`.
 */
export function toStreamStatus({ target: { expectation }, view }: StreamInput, now: EpochMs) {
  const known = view !== undefined && isKnown(view, now) ? view : undefined;
  const sample = known?.live?.followed;
  const due = expectation.live === undefined ? undefined : isDue(expectation.live, now);
  const violated = sample ? conditions.filter((each) => hasCondition(each, sample, expectation)) : [];
  const state: StreamState =
    known === undefined
      ? 'unknown'
      : sample === undefined
        ? due === true
          ? 'missing'
          : 'not_pushed'
        : violated.length > 0
          ? 'degraded'
          : 'up';
  return {
    state,
    /** Whether the stream is expected to be live at `now`; undefined if the config does not say. */
    isDue: due,
    /** Conditions, such as a low frame rate, in which the sample violates the expectation. */
    conditions: violated,
    /**
     * Newest fresh sample of the followed publisher, that is, of the publisher that single-publisher series
     * show. Undefined if the stream is neither `up` nor `degraded`.
     */
    sample,
  };
}

/** Begin of a state. */
export interface StateBegin {
  readonly at: EpochMs;
  /** Whether the state began at that time. If false, it can have begun earlier. */
  readonly isExact: boolean;
}

/**
 * Returns since when a stream has been in its state, without reading its totals; undefined if there was no answer
 * yet.
 */
export function roughBeginOf({ view }: StreamInput, { state }: StreamStatus): StateBegin | undefined {
  if (view === undefined) return undefined;
  const { since, isSinceFirst, isUnknown, expiresAt } = view;
  if (state === 'unknown' && !isUnknown) return { at: expiresAt, isExact: true };
  return { at: since, isExact: !isSinceFirst };
}

/**
 * Returns since when a stream has been in its state; undefined if there was no answer yet. Nobody has pushed a
 * stream since its last sample, even if the exporter started later. A stream is missing at the earliest since it
 * is expected.
 */
export function beginOf(input: StreamInput, status: StreamStatus, now: EpochMs): StateBegin | undefined {
  const rough = roughBeginOf(input, status);
  const { state } = status;
  if (rough === undefined || (state !== 'missing' && state !== 'not_pushed')) return rough;
  const lastSampleAt = input.ledger()?.newestAt;
  const silent = lastSampleAt === undefined ? rough : { at: lastSampleAt, isExact: true };
  const { live } = input.target.expectation;
  const due = state === 'missing' && live !== undefined ? dueSince(live, now) : undefined;
  return due !== undefined && due > silent.at ? { at: due, isExact: true } : silent;
}
