import { type ControlAction, controlActions } from '../model/control-action.ts';
import type { ControlRecord } from '../model/control-record.ts';
import type { PushEnd } from '../model/push-end.ts';
import type { ControlHistorySource } from '../model/questions.ts';
import type { RecordKind } from '../model/record-kind.ts';
import { type ControlTarget, controlTargetKey } from '../model/target.ts';
import { dayMs } from '../model/time.ts';
import {
  createHistoryRun,
  type HistoryPolling,
  type HistoryRun,
  type HistoryTarget,
  type PollingClock,
  reachesNow,
} from './history.ts';
import type { RecordCache } from './record-cache.ts';
import { createWindowSpans, isWindowFailure } from './window-spans.ts';

/** Control target (a domain) in the form that the poller polls, with the key of its record. */
export type ControlPollTarget = HistoryTarget<ControlTarget>;

export function toControlPollTarget(target: ControlTarget): ControlPollTarget {
  return { key: controlTargetKey(target), target, intervalMs: target.intervalMs };
}

/** Dependencies of `createControlRun`. */
export interface ControlRunParts {
  readonly records: RecordKind<ControlTarget, ControlAction, ControlRecord, ControlHistorySource['limits']>;
  readonly cache: RecordCache;
  /** Returns the current source. It is called for each request, because a reload can replace the source. */
  readonly source: () => ControlHistorySource;
  /** Receives the ends of pushes in an answer, if the provider reports ends. */
  readonly onEnds?: (target: ControlTarget, ends: readonly PushEnd[]) => void;
  readonly clock: PollingClock;
}

/** Shortest span of a request, in ms. Longer than the 24 h of a rescan, which one request must cover. */
const minSpanMs = 2 * dayMs;
/** Length of a window in ms from which its failure reduces the span. */
const normalSpanMs = 2 * minSpanMs;

/**
 * Creates the function that polls one control target once. Each poll sends one history request and counts the
 * actions in the answer.
 */
export function createControlRun({
  records,
  cache,
  source,
  onEnds,
  clock,
}: ControlRunParts): HistoryPolling<ControlPollTarget, ControlAction> {
  const spans = createWindowSpans(clock.elapsed);
  const history = createHistoryRun({
    records,
    cache,
    spans,
    minSpanMs: () => minSpanMs,
    normalSpanMs: () => normalSpanMs,
    clock,
    times: { at: controlActions.at, periodMs: () => 0 },
    limits: () => source().limits,
    async list(target, window, signal) {
      const answer = await source().listControlActions(target, window, signal);
      if (answer.ends !== undefined) onEnds?.(target, answer.ends);
      return answer;
    },
  });

  const run: HistoryRun<ControlPollTarget, ControlAction> = async (pollTarget, now, signal, context) => {
    const counted = await history.poll(pollTarget, now, signal, context);
    if (counted === undefined) return { isBehind: false, wasSkipped: true };
    const { window, failure } = counted;
    if (failure !== undefined) {
      const lengthMs = window.to - window.from;
      if (isWindowFailure(failure) && lengthMs >= normalSpanMs) {
        spans.shrink(pollTarget.key, lengthMs, minSpanMs);
      }
      throw failure;
    }
    return { isBehind: !reachesNow(window, now) };
  };

  return {
    run,
    forget(key) {
      spans.remove(key);
      history.forget(key);
    },
  };
}
