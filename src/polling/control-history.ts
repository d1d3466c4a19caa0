import type { ControlAction } from '../model/control-action.ts';
import {
  type ControlBounds,
  countActions,
  nextControlStep,
  restartControl,
  resumeControl,
  wasControlNeverPolled,
  withAppName,
} from '../model/control-record.ts';
import type { ControlHistorySource } from '../model/questions.ts';
import type { SavedControl } from '../model/saved-record.ts';
import { type ControlTarget, controlTargetKey } from '../model/target.ts';
import { expiredGap, type SkippedRows } from '../model/target-ledger.ts';
import { type EpochMs, secondMs, type Window } from '../model/time.ts';
import type { PollTarget, RunResult } from './poller.ts';
import type { RecordCache } from './record-cache.ts';

/** A control target under the key of its ledger. */
export interface ControlPollTarget extends PollTarget {
  readonly target: ControlTarget;
}

export function toControlPollTarget(target: ControlTarget): ControlPollTarget {
  return { key: controlTargetKey(target), target, intervalMs: target.intervalMs };
}

/** What came of a history answer, besides the record that the keeper has. */
export interface CountedControl {
  readonly added: readonly ControlAction[];
  /** Keys of streams for which there was no room. */
  readonly dropped: readonly string[];
  readonly skipped: SkippedRows;
  readonly malformed: number;
  readonly warnings: readonly string[];
  /** Time that could not be asked about any more; it is counted as a gap. */
  readonly gap: Window | undefined;
  readonly watermark: EpochMs;
}

export interface ControlRunParts {
  /** Asked anew for each run: a reload may replace it. */
  readonly source: () => ControlHistorySource;
  readonly cache: RecordCache;
  readonly bounds: () => ControlBounds;
  readonly onCounted: (target: ControlPollTarget, counted: CountedControl) => void;
  /** The clock was set back behind all that can be counted: until then nothing is asked. */
  readonly onWaiting: (target: ControlPollTarget, until: EpochMs, now: EpochMs) => void;
}

export type ControlRun = (target: ControlPollTarget, now: EpochMs, signal: AbortSignal) => Promise<RunResult>;

/** One run for one control target: the window, the question, the count. A failure leaves the record as it was. */
export function createControlRun(parts: ControlRunParts): ControlRun {
  const { source, cache, bounds, onCounted, onWaiting } = parts;
  const recordOf = (key: string): SavedControl => {
    const record = cache.record(key);
    if (record?.question !== 'control_history') throw new Error(`no control record is held for ${key}`);
    return record;
  };

  return async (pollTarget, now, signal) => {
    const { key, target } = pollTarget;
    const { limits, listControlActions } = source();
    // Here, and not when the config changes: a run about the old application may be under way then, and has to count.
    const known = recordOf(key);
    const held = { ...known, ...withAppName(known, target) };
    if (held.appName !== known.appName) cache.put(held);
    const step = nextControlStep(held, target, limits, now);
    const { window, gap } = step;
    if (window.from >= window.to) {
      // Where no answer came since it began, or came back, only that has to be moved: nothing can be counted twice.
      if (gap !== undefined) cache.put({ ...held, ...resumeControl(held, target, now) });
      else if (wasControlNeverPolled(held)) cache.put({ ...held, ...restartControl(held, target, now) });
      else onWaiting(pollTarget, window.from, now);
      return { isBehind: false, wasSkipped: true };
    }
    const { items, malformed, warnings } = await listControlActions(target, window, signal);
    // The record as it is now: its counters may have left 0 meanwhile.
    const record = recordOf(key);
    const counted = countActions(record, step, target, { now, ...bounds() }, items);
    cache.put({ ...record, ...counted.record });
    const { added, dropped, skipped } = counted;
    const { watermark } = counted.record.target;
    const gone = expiredGap(gap, held.target);
    onCounted(pollTarget, { added, dropped, skipped, malformed, warnings, gap: gone, watermark });
    return { isBehind: window.to <= now - secondMs };
  };
}
