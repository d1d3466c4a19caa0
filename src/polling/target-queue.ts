import type { FailureKind } from '../model/answer.ts';
import type { InSlices } from '../model/slices.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import { afterFailure, type Backoff, nextDueAt, resetBackoff } from './backoff.ts';
import { createDueQueue, type DueEntry } from './due-queue.ts';

/** Target in the form that the poller schedules. */
export interface PollTarget {
  /** Key of the target's record (polling progress and totals). */
  readonly key: string;
  /** Configured polling interval, in ms. */
  readonly intervalMs: number;
}

/**
 * Scheduling state of one target. The callers of the queue only pass it on. All times are monotonic
 * milliseconds.
 */
export interface ScheduledTarget<T> {
  target: T;
  isRemoved: boolean;
  isRunning: boolean;
  /**
   * Valid entry of the target in the due queue; undefined while a run of the target is in progress. Any other
   * entry of the target is outdated and is skipped.
   */
  entry: DueEntry<ScheduledTarget<T>> | undefined;
  /** Start of the last run of the target (monotonic ms); -Infinity before the first run. */
  startedAt: number;
  /** Backoff after failed runs; undefined if the last run did not fail. */
  backoff: Backoff | undefined;
}

/** Dependencies of `createTargetQueue`. */
export interface TargetQueueParts<T> {
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
  /** Reports whether the target has priority if the rate limit is too small for all targets. */
  readonly hasPriority: (target: T, now: EpochMs) => boolean;
  /**
   * Returns the head start in ms of targets with priority: one effective interval. So targets without
   * priority are polled at least every second interval, and the state of their streams, which becomes unknown
   * after three intervals, stays known.
   */
  readonly headStartMs: () => number;
  /** Receives the due time (monotonic ms) of each target that is scheduled. */
  readonly onDueAt: (dueAt: number) => void;
}

export type TargetQueue<T extends PollTarget> = ReturnType<typeof createTargetQueue<T>>;

/**
 * Creates the schedule of one poller: the time at which each target is due next, with backoff after failures.
 * Times are monotonic, because after a wall clock was set back, every target would wait until it catches up.
 * Adding, updating and removing a target costs O(log n).
 */
export function createTargetQueue<T extends PollTarget>(parts: TargetQueueParts<T>) {
  const { clock, hasPriority } = parts;
  const waiting = createWaitingTargets(parts);
  const { enqueue, bringForward } = waiting;
  /** All targets by key. If a target is removed during its run, it stays in the map until the run ends. */
  const byKey = new Map<string, ScheduledTarget<T>>();
  const failing = new Set<ScheduledTarget<T>>();
  const intervals = createIntervalCounts();

  /**
   * Adds a target and returns its scheduling state. Returns undefined if an older run of the target is still
   * in progress, because the target is scheduled when that run ends.
   */
  function addOne(target: T): ScheduledTarget<T> | undefined {
    intervals.count(target.intervalMs, 1);
    const running = byKey.get(target.key);
    if (running !== undefined) {
      // The target was removed and added again during its run. Keep the run and replace only the target,
      // because the runs of one target must not overlap.
      running.target = target;
      running.isRemoved = false;
      return undefined;
    }
    const scheduled = newScheduled(target);
    byKey.set(target.key, scheduled);
    return scheduled;
  }

  /**
   * Schedules a target after its run, for `earliestAt` (monotonic ms) or now, whichever is later. If the
   * target was removed during the run, deletes its scheduling state.
   */
  function settle(scheduled: ScheduledTarget<T>, earliestAt: number): void {
    scheduled.isRunning = false;
    if (scheduled.isRemoved) byKey.delete(scheduled.target.key);
    else enqueue(scheduled, Math.max(clock.elapsed(), earliestAt));
  }

  /**
   * Adds targets and spreads their first runs over the interval, so that the runs do not start in one burst.
   * Targets with priority come first. Yields after each step.
   */
  function* adding(targets: readonly T[]): Generator<undefined> {
    const now = clock.now();
    const startedAt = clock.elapsed();
    const first: ScheduledTarget<T>[] = [];
    const others: ScheduledTarget<T>[] = [];
    for (const target of targets) {
      const scheduled = addOne(target);
      if (scheduled !== undefined) (hasPriority(target, now) ? first : others).push(scheduled);
      yield;
    }
    const added = [...first, ...others];
    for (const [i, scheduled] of added.entries()) {
      enqueue(scheduled, startedAt + Math.floor((i * scheduled.target.intervalMs) / added.length));
      yield;
    }
  }

  return {
    /** Adds targets and spreads their first runs over the interval. Targets with priority come first. */
    add(targets: readonly T[]): void {
      for (const _ of adding(targets));
    },
    /** Like `add`, but in slices. Add, update and remove no target before it has ended. */
    addInSlices: (targets: readonly T[], inSlices: InSlices): Promise<void> =>
      inSlices(adding(targets), () => undefined),
    /**
     * Replaces the target with the same key. If the new interval is shorter, the target becomes due one new
     * interval after the start of its last run. No-op if the key is unknown.
     */
    update(target: T): void {
      const scheduled = byKey.get(target.key);
      if (scheduled === undefined || scheduled.isRemoved) return;
      const { intervalMs } = scheduled.target;
      intervals.count(intervalMs, -1);
      intervals.count(target.intervalMs, 1);
      scheduled.target = target;
      if (target.intervalMs < intervalMs) {
        bringForward(scheduled, Math.max(clock.elapsed(), dueAfter(scheduled)));
      }
    },
    /**
     * Removes a target. If a run of the target is in progress, the run continues, but no other run follows.
     * No-op if the key is unknown.
     */
    remove(key: string): void {
      const scheduled = byKey.get(key);
      if (scheduled === undefined || scheduled.isRemoved) return;
      intervals.count(scheduled.target.intervalMs, -1);
      failing.delete(scheduled);
      scheduled.isRemoved = true;
      scheduled.entry = undefined;
      scheduled.backoff = undefined;
      if (!scheduled.isRunning) byKey.delete(key);
    },
    /**
     * Makes a target due now and evaluates its priority again. No-op if a run of the target is in progress,
     * if it waits after failures, or if the key is unknown.
     */
    expedite(key: string): void {
      const scheduled = byKey.get(key);
      if (scheduled?.entry === undefined || scheduled.backoff !== undefined) return;
      enqueue(scheduled, Math.min(scheduled.entry.dueAt, clock.elapsed()));
    },
    /**
     * Makes all failing targets due now and resets their backoff, because new settings may have fixed the
     * cause of their failures. Works in slices.
     */
    resetBackoff: (inSlices: InSlices): Promise<void> =>
      inSlices([...failing], (scheduled) => {
        // Its run can have succeeded in the meantime.
        if (!failing.has(scheduled)) return;
        scheduled.backoff = resetBackoff;
        bringForward(scheduled, clock.elapsed());
      }),
    /**
     * Takes the first due target out of the schedule; undefined if no target is due. The target is scheduled
     * again when `completed` or `failed` is called for it.
     */
    takeDue: waiting.take,
    completed(
      scheduled: ScheduledTarget<T>,
      { isSuccess, isBehind }: { isSuccess: boolean; isBehind: boolean },
    ): void {
      if (isSuccess) {
        failing.delete(scheduled);
        scheduled.backoff = undefined;
      }
      settle(scheduled, isBehind ? -Infinity : dueAfter(scheduled));
    },
    /** Schedules a target after a failed run, with backoff. */
    failed(
      scheduled: ScheduledTarget<T>,
      failure: { readonly kind: FailureKind; readonly retryAfterMs?: number | undefined },
    ): void {
      if (!scheduled.isRemoved) {
        failing.add(scheduled);
        scheduled.backoff = afterFailure(scheduled.backoff, failure, clock.elapsed());
      }
      settle(scheduled, dueAfter(scheduled));
    },
    /**
     * Returns the earliest due time of all waiting targets (monotonic ms); Infinity if no target waits. The
     * returned time can be too early, because outdated entries stay in the queue.
     */
    nextDueAt: waiting.nextDueAt,
    /**
     * Returns the time in ms until the target is due; not positive if it is due and waits for its run. Returns
     * undefined if a run of the target is in progress, or if the key is unknown.
     */
    dueInMs(key: string): number | undefined {
      const entry = byKey.get(key)?.entry;
      return entry === undefined ? undefined : entry.dueAt - clock.elapsed();
    },
    size: intervals.size,
    failing: () => failing.size,
    /** Returns the longest configured interval of all targets in ms; 0 if there are no targets. */
    maxIntervalMs: intervals.max,
  };
}

/** Returns the time at which a target is due next after its last run (monotonic ms). */
function dueAfter({ startedAt, target, backoff }: ScheduledTarget<PollTarget>): number {
  return nextDueAt(startedAt, target.intervalMs, backoff);
}

function newScheduled<T>(target: T): ScheduledTarget<T> {
  return {
    target,
    isRemoved: false,
    isRunning: false,
    entry: undefined,
    startedAt: -Infinity,
    backoff: undefined,
  };
}

/** Creates the counts of targets by interval. A config contains few different intervals. */
function createIntervalCounts() {
  const counts = new Map<number, number>();
  let size = 0;
  return {
    count(intervalMs: number, change: 1 | -1): void {
      const count = (counts.get(intervalMs) ?? 0) + change;
      if (count === 0) counts.delete(intervalMs);
      else counts.set(intervalMs, count);
      size += change;
    },
    /** Number of targets. */
    size: () => size,
    /** Longest interval in ms; 0 if there are no targets. */
    max: () => Math.max(0, ...counts.keys()),
  };
}

/**
 * Creates the set of targets that wait for their next run. Each of them has one valid entry in the due queue.
 */
function createWaitingTargets<T extends PollTarget>(parts: TargetQueueParts<T>) {
  const { clock, hasPriority, headStartMs, onDueAt } = parts;
  const queue = createDueQueue<ScheduledTarget<T>>();

  function enqueue(scheduled: ScheduledTarget<T>, dueAt: number): void {
    scheduled.entry = queue.add(scheduled, dueAt, hasPriority(scheduled.target, clock.now()));
    onDueAt(dueAt);
  }

  /** Moves a waiting target to the due time `dueAt`, if that is earlier than its present due time. */
  function bringForward(scheduled: ScheduledTarget<T>, dueAt: number): void {
    if (scheduled.entry !== undefined && scheduled.entry.dueAt > dueAt) enqueue(scheduled, dueAt);
  }

  return {
    enqueue,
    bringForward,
    nextDueAt: queue.nextDueAt,
    take(): ScheduledTarget<T> | undefined {
      for (;;) {
        const entry = queue.takeDue(clock.elapsed(), headStartMs());
        if (entry === undefined) return undefined;
        const { item: scheduled } = entry;
        if (scheduled.entry !== entry) continue;
        scheduled.entry = undefined;
        scheduled.isRunning = true;
        scheduled.startedAt = clock.elapsed();
        return scheduled;
      }
    },
  };
}
