import type { ControlAction } from '../model/control-action.ts';
import type { ControlRecord } from '../model/control-record.ts';
import type { ControlHistorySource } from '../model/questions.ts';
import type { RecordKind } from '../model/record-kind.ts';
import { type ControlTarget, controlTargetKey } from '../model/target.ts';
import { secondMs } from '../model/time.ts';
import { createHistoryRun, type HistoryRun, type HistoryTarget } from './history.ts';
import type { RecordCache } from './record-cache.ts';

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
}

/**
 * Creates the function that polls one control target once. Each poll sends one history request and counts the
 * actions in the answer.
 */
export function createControlRun({
  records,
  cache,
  source,
}: ControlRunParts): HistoryRun<ControlPollTarget, ControlAction> {
  const pollHistory = createHistoryRun({
    records,
    cache,
    limits: () => source().limits,
    list: (target, window, signal) => source().listControlActions(target, window, signal),
  });

  return async (pollTarget, now, signal, context) => {
    const counted = await pollHistory(pollTarget, now, signal, context);
    if (counted === undefined) return { isBehind: false, wasSkipped: true };
    return { isBehind: counted.window.to <= now - secondMs };
  };
}
