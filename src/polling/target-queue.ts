import type { FailureKind } from '../model/answer.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import { afterFailure, type Backoff, nextDueAt, resetBackoff } from './backoff.ts';
import { createDueQueue } from './due-queue.ts';

/** A target of a poller, under the key of its record. */
export interface PollTarget {
  readonly key: string;
  readonly intervalMs: number;
}

/** Scheduling state of one target. Callers of the queue treat it as a handle. */
export interface ScheduledTarget<T> {
  target: T;
  isRemoved: boolean;
  isRunning: boolean;
  /**
   * Current entry in the due queue; undefined while it runs. Other entries of the target are outdated and
   * skipped.
   */
  entry: QueueEntry<T> | undefined;
  dueAt: number;
  /** Start of its last run; -Infinity before the first. */
  startedAt: number;
  /** undefined after a success. */
  backoff: Backoff | undefined;
}

interface QueueEntry<T> {
  readonly scheduled: ScheduledTarget<T>;
}

export interface TargetQueueParts<T> {
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly hasPriority: (target: T, now: EpochMs) => boolean;
  /**
   * Head start of targets with priority. One effective interval: so the others are polled at least every second
   * interval, and no stream becomes unknown, which takes three.
   */
  readonly headStartMs: () => number;
  /** Receives each new due time. */
  readonly onDueAt: (dueAt: number) => void;
}

export type TargetQueue<T extends PollTarget> = ReturnType<typeof createTargetQueue<T>>;

/**
 * Creates the schedule of one poller: when each target is due next, with backoff after failures. Times are monotonic
 * milliseconds, because a wall clock that is set back would delay every target until it catches up. Adding, updating and
 * removing a target costs O(log n).
 */
export function createTargetQueue<T extends PollTarget>(parts: TargetQueueParts<T>) {
  const { clock, hasPriority } = parts;
  const waiting = createWaitingTargets(parts);
  const { enqueue, expedite } = waiting;
  /** All targets. A target that is removed during its run stays until the run ends. */
  const byKey = new Map<string, ScheduledTarget<T>>();
  const failing = new Set<ScheduledTarget<T>>();
  const intervals = createIntervalCounts();

  /**
   * Returns the state of a new target; undefined if its last run is in progress, after which it is scheduled.
   */
  function addOne(target: T): ScheduledTarget<T> | undefined {
    intervals.count(target.intervalMs, 1);
    const running = byKey.get(target.key);
    if (running !== undefined) {
      // The target was removed and added again while its run was in progress. Keep that run and only replace
      // the target, because runs of one target must not overlap.
      running.target = target;
      running.isRemoved = false;
      return undefined;
    }
    const scheduled = newScheduled(target);
    byKey.set(target.key, scheduled);
    return scheduled;
  }

  /** Schedules the target after its run, or forgets it if it was removed. */
  function settle(scheduled: ScheduledTarget<T>, earliestAt: number): void {
    scheduled.isRunning = false;
    if (scheduled.isRemoved) byKey.delete(scheduled.target.key);
    else enqueue(scheduled, Math.max(clock.elapsed(), earliestAt));
  }

  return {
    /**
     * Spreads the first runs over the interval, targets with priority first, so that they do not come as one
     * burst.
     */
    add(targets: readonly T[]): void {
      const now = clock.now();
      const startedAt = clock.elapsed();
      const added = targets.flatMap((target) => addOne(target) ?? []);
      const { first = [], others = [] } = Object.groupBy(added, ({ target }) =>
        hasPriority(target, now) ? 'first' : 'others',
      );
      for (const [i, scheduled] of [...first, ...others].entries()) {
        enqueue(scheduled, startedAt + Math.floor((i * scheduled.target.intervalMs) / added.length));
      }
    },
    /**
     * Replaces the target with the same key. A shorter interval applies from its last run on. No-op if the
     * key is unknown.
     */
    update(target: T): void {
      const scheduled = byKey.get(target.key);
      if (scheduled === undefined || scheduled.isRemoved) return;
      const { intervalMs } = scheduled.target;
      intervals.count(intervalMs, -1);
      intervals.count(target.intervalMs, 1);
      scheduled.target = target;
      if (target.intervalMs < intervalMs) {
        expedite(scheduled, Math.max(clock.elapsed(), dueAfter(scheduled)));
      }
    },
    /** A run in progress continues, but its target is not scheduled again. No-op if the key is unknown. */
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
    /** Makes failing targets due now, without backoff, because new settings can end their failures. */
    resetBackoff(): void {
      for (const scheduled of failing) {
        scheduled.backoff = resetBackoff;
        expedite(scheduled, clock.elapsed());
      }
    },
    /**
     * Takes the first due target out of the schedule until `completed` or `failed`; undefined if no target is
     * due.
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
    /** Earliest due time; Infinity if no target waits. A removed target can make it too early. */
    nextDueAt: waiting.nextDueAt,
    size: intervals.size,
    failing: () => failing.size,
    /** Longest interval of all targets; 0 if there are none. */
    maxIntervalMs: intervals.max,
  };
}

function dueAfter({ startedAt, target, backoff }: ScheduledTarget<PollTarget>): number {
  return nextDueAt(startedAt, target.intervalMs, backoff);
}

function newScheduled<T>(target: T): ScheduledTarget<T> {
  return {
    target,
    isRemoved: false,
    isRunning: false,
    entry: undefined,
    dueAt: 0,
    startedAt: -Infinity,
    backoff: undefined,
  };
}

/** Counts targets by interval, of which a config has few. */
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
    /** Longest interval in ms; 0 without targets. */
    max: () => Math.max(0, ...counts.keys()),
  };
}

/** Targets that wait for their next run, each with one valid entry in a due queue. */
function createWaitingTargets<T extends PollTarget>(parts: TargetQueueParts<T>) {
  const { clock, hasPriority, headStartMs, onDueAt } = parts;
  const queue = createDueQueue<QueueEntry<T>>();

  function enqueue(scheduled: ScheduledTarget<T>, dueAt: number): void {
    scheduled.entry = { scheduled };
    scheduled.dueAt = dueAt;
    queue.add(scheduled.entry, dueAt, hasPriority(scheduled.target, clock.now()));
    onDueAt(dueAt);
  }

  /** Moves a waiting target to an earlier due time. */
  function expedite(scheduled: ScheduledTarget<T>, dueAt: number): void {
    if (scheduled.entry !== undefined && scheduled.dueAt > dueAt) enqueue(scheduled, dueAt);
  }

  return {
    enqueue,
    expedite,
    nextDueAt: queue.nextDueAt,
    take(): ScheduledTarget<T> | undefined {
      for (;;) {
        const entry = queue.takeDue(clock.elapsed(), headStartMs());
        if (entry === undefined) return undefined;
        const { scheduled } = entry;
        if (scheduled.entry !== entry) continue;
        scheduled.entry = undefined;
        scheduled.isRunning = true;
        scheduled.startedAt = clock.elapsed();
        return scheduled;
      }
    },
  };
}
