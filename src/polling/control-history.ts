import type { ControlAction } from '../model/control-action.ts';
import {
  askedAbout,
  beginControlAnew,
  type ControlBounds,
  controlComesBack,
  countActions,
  isControlUnasked,
  nextControlStep,
} from '../model/control-record.ts';
import type { ControlHistorySource } from '../model/questions.ts';
import type { SavedControl } from '../model/saved-record.ts';
import { type ControlTarget, controlTargetKey } from '../model/target.ts';
import { outOfReach, type SkippedRows } from '../model/target-ledger.ts';
import { type EpochMs, secondMs, type Window } from '../model/time.ts';
import type { Collected, RunEnd } from './poller.ts';
import type { Keeper } from './record-cache.ts';

/** A control target under the key of its ledger. */
export interface CollectedControl extends Collected {
  readonly target: ControlTarget;
}

export function toCollectedControl(target: ControlTarget): CollectedControl {
  return { key: controlTargetKey(target), target, intervalMs: target.intervalMs };
}

/** What came of a history answer, besides the record that the keeper has. */
export interface CountedControl {
  readonly fresh: readonly ControlAction[];
  /** Keys of streams for which there was no room. */
  readonly dropped: readonly string[];
  readonly skipped: SkippedRows;
  readonly malformed: number;
  readonly notes: readonly string[];
  /** Time that could not be asked about any more; it is counted as a gap. */
  readonly lost: Window | undefined;
  readonly watermark: EpochMs;
}

export interface ControlRunParts {
  /** Asked anew for each run: a reload may replace it. */
  readonly source: () => ControlHistorySource;
  readonly keeper: Keeper;
  readonly bounds: () => ControlBounds;
  readonly onCounted: (target: CollectedControl, counted: CountedControl) => void;
  /** The clock was set back behind all that can be counted: until then nothing is asked. */
  readonly onWaiting: (target: CollectedControl, until: EpochMs, now: EpochMs) => void;
}

export type ControlRun = (target: CollectedControl, now: EpochMs, signal: AbortSignal) => Promise<RunEnd>;

/** One run for one control target: the window, the question, the count. A failure leaves the record as it was. */
export function createControlRun(parts: ControlRunParts): ControlRun {
  const { source, keeper, bounds, onCounted, onWaiting } = parts;
  const recordOf = (key: string): SavedControl => {
    const record = keeper.record(key);
    if (record?.question !== 'control_history') throw new Error(`no control record is held for ${key}`);
    return record;
  };

  return async (collected, now, signal) => {
    const { key, target } = collected;
    const { limits, listControlActions } = source();
    // Here, and not when the config changes: a run about the old application may be under way then, and has to count.
    const known = recordOf(key);
    const held = { ...known, ...askedAbout(known, target) };
    if (held.appName !== known.appName) keeper.take(held);
    const step = nextControlStep(held, target, limits, now);
    const { window, lost } = step;
    if (window.from >= window.to) {
      // Where no answer came since it began, or came back, only that has to be moved: nothing can be counted twice.
      if (lost !== undefined) keeper.take({ ...held, ...controlComesBack(held, target, now) });
      else if (isControlUnasked(held)) keeper.take({ ...held, ...beginControlAnew(held, target, now) });
      else onWaiting(collected, window.from, now);
      return { behind: false, isUnasked: true };
    }
    const { items, malformed, notes } = await listControlActions(target, window, signal);
    // The record as it is now: its counters may have left 0 meanwhile.
    const record = recordOf(key);
    const counted = countActions(record, step, target, { now, ...bounds() }, items);
    keeper.take({ ...record, ...counted.record });
    const { fresh, dropped, skipped } = counted;
    const { watermark } = counted.record.target;
    const gone = outOfReach(lost, held.target);
    onCounted(collected, { fresh, dropped, skipped, malformed, notes, lost: gone, watermark });
    return { behind: window.to <= now - secondMs };
  };
}
