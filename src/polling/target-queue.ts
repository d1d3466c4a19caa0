import { isRetryable } from '../model/answer.ts';
import { type Clock, type EpochMs, minuteMs } from '../model/time.ts';
import { createDueQueue } from './due-queue.ts';
import type { PollTarget, RunFailure } from './poll-target.ts';

/**
 * Schedule of one poller: when each target is due next, with backoff after failures. Times are monotonic milliseconds,
 * because a wall clock that is set back would delay every target until it catches up. Adding, updating and removing a
 * target costs O(log n).
 */
export interface TargetQueue<T extends PollTarget> {
  /** Spreads the first runs over the interval, targets with priority first, so that they do not come as one burst. */
  add(targets: readonly T[]): void;
  /** Replaces the target with the same key. A shorter interval applies from its last run on. No-op if the key is unknown. */
  update(target: T): void;
  /** A run in progress continues, but its target is not scheduled again. No-op if the key is unknown. */
  remove(key: string): void;
  /** Makes failing targets due now, without backoff, because the cause of their failures can be gone. */
  resetBackoff(): void;
  /** Removes the first due target from the schedule until `completed` or `failed`; undefined if no target is due. */
  takeDue(): ScheduledTarget<T> | undefined;
  completed(
    scheduled: ScheduledTarget<T>,
    options: { readonly isSuccess: boolean; readonly isBehind: boolean },
  ): void;
  failed(scheduled: ScheduledTarget<T>, failure: RunFailure): void;
  /** Earliest due time; undefined if no target waits. A removed target can make it too early. */
  nextDueAt(): number | undefined;
  readonly size: number;
  readonly failing: number;
  /** Longest interval of all targets; 0 if there are none. */
  readonly maxIntervalMs: number;
}

/** Scheduling state of one target. Readers treat it as a handle. */
export interface ScheduledTarget<T> {
  target: T;
  isRemoved: boolean;
  /** Current entry in the due queue; undefined while it runs. Other entries of the target are outdated and skipped. */
  entry: QueueEntry<T> | undefined;
  dueAt: number;
  /** Start of its last run; -Infinity before the first. */
  startedAt: number;
  /** undefined after a success. */
  backoff: BackoffState | undefined;
}

interface QueueEntry<T> {
  readonly scheduled: ScheduledTarget<T>;
}

interface BackoffState {
  /** Consecutive failures. */
  readonly failures: number;
  /** Whether the failure is not retryable, so that the interval grows exponentially. */
  readonly isBackedOff: boolean;
  /** The provider's `Retry-After`. */
  readonly heldUntil: number;
}

export interface TargetQueueParts<T> {
  readonly clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly hasPriority: (target: T, now: EpochMs) => boolean;
  /**
   * Head start of targets with priority. One effective interval: so the others are polled at least every second
   * interval, and no stream becomes unknown, which takes three.
   */
  readonly headStartMs: () => number;
  /** Called if a target is due earlier than before. */
  readonly onDueAt: (dueAt: number) => void;
}

/**
 * Upper limit of backoff and of `Retry-After` for one target. A wrong key or a missing permission is not mended by more
 * requests, but an operator who corrects it expects data within a minute.
 */
const maxBackoffMs = minuteMs;

export function createTargetQueue<T extends PollTarget>(parts: TargetQueueParts<T>): TargetQueue<T> {
  const { clock, hasPriority, headStartMs, onDueAt } = parts;
  const queue = createDueQueue<QueueEntry<T>>();
  const byKey = new Map<string, ScheduledTarget<T>>();
  /** Includes targets that were removed during their run. */
  const running = new Map<string, ScheduledTarget<T>>();
  const failing = new Set<ScheduledTarget<T>>();
  const intervals = createIntervalCounts();

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

  function addOne(target: T): ScheduledTarget<T> | undefined {
    intervals.add(target.intervalMs);
    // A target that was removed and added again during its run is scheduled after that run: runs never overlap.
    const known = running.get(target.key);
    if (known !== undefined) {
      known.isRemoved = false;
      known.target = target;
      byKey.set(target.key, known);
      return undefined;
    }
    const scheduled: ScheduledTarget<T> = {
      target,
      isRemoved: false,
      entry: undefined,
      dueAt: 0,
      startedAt: -Infinity,
      backoff: undefined,
    };
    byKey.set(target.key, scheduled);
    return scheduled;
  }

  function settle(scheduled: ScheduledTarget<T>, earliestAt: number): void {
    if (running.get(scheduled.target.key) === scheduled) running.delete(scheduled.target.key);
    if (!scheduled.isRemoved) enqueue(scheduled, Math.max(clock.elapsed(), earliestAt));
  }

  return {
    add(targets) {
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
    update(target) {
      const scheduled = byKey.get(target.key);
      if (scheduled === undefined) return;
      const { intervalMs } = scheduled.target;
      scheduled.target = target;
      if (target.intervalMs === intervalMs) return;
      intervals.remove(intervalMs);
      intervals.add(target.intervalMs);
      if (target.intervalMs < intervalMs) {
        expedite(scheduled, Math.max(clock.elapsed(), nextDueAt(scheduled)));
      }
    },
    remove(key) {
      const scheduled = byKey.get(key);
      if (scheduled === undefined) return;
      byKey.delete(key);
      intervals.remove(scheduled.target.intervalMs);
      failing.delete(scheduled);
      scheduled.isRemoved = true;
      scheduled.entry = undefined;
      scheduled.backoff = undefined;
    },
    resetBackoff() {
      for (const scheduled of failing) {
        scheduled.backoff = { failures: 0, isBackedOff: false, heldUntil: -Infinity };
        expedite(scheduled, clock.elapsed());
      }
    },
    takeDue() {
      for (;;) {
        const entry = queue.takeDue(clock.elapsed(), headStartMs());
        if (entry === undefined) return undefined;
        const { scheduled } = entry;
        if (scheduled.entry !== entry) continue;
        scheduled.entry = undefined;
        scheduled.startedAt = clock.elapsed();
        running.set(scheduled.target.key, scheduled);
        return scheduled;
      }
    },
    completed(scheduled, { isSuccess, isBehind }) {
      if (isSuccess && !scheduled.isRemoved) {
        failing.delete(scheduled);
        scheduled.backoff = undefined;
      }
      settle(scheduled, isBehind ? -Infinity : nextDueAt(scheduled));
    },
    failed(scheduled, { kind, retryAfterMs = 0 }) {
      if (!scheduled.isRemoved) {
        failing.add(scheduled);
        scheduled.backoff = {
          failures: (scheduled.backoff?.failures ?? 0) + 1,
          isBackedOff: !isRetryable(kind),
          heldUntil: clock.elapsed() + Math.min(retryAfterMs, maxBackoffMs),
        };
      }
      settle(scheduled, nextDueAt(scheduled));
    },
    nextDueAt: queue.nextDueAt,
    get size() {
      return byKey.size;
    },
    get failing() {
      return failing.size;
    },
    get maxIntervalMs() {
      return intervals.max();
    },
  };
}

/** Next due time by the start of the last run, so that the interval does not depend on how long a run takes. */
function nextDueAt<T extends PollTarget>({
  target: { intervalMs },
  startedAt,
  backoff,
}: ScheduledTarget<T>): number {
  if (backoff === undefined) return startedAt + intervalMs;
  const { failures, isBackedOff, heldUntil } = backoff;
  return Math.max(startedAt + (isBackedOff ? backoffMs(intervalMs, failures) : intervalMs), heldUntil);
}

/** Exponential backoff without jitter: the targets of one account are spread already. */
function backoffMs(intervalMs: number, failures: number): number {
  return Math.max(intervalMs, Math.min(maxBackoffMs, intervalMs * 2 ** (failures - 1)));
}

/** Multiset of intervals, of which a config has few. */
function createIntervalCounts() {
  const counts = new Map<number, number>();
  return {
    add: (intervalMs: number) => void counts.set(intervalMs, (counts.get(intervalMs) ?? 0) + 1),
    remove(intervalMs: number) {
      const count = counts.get(intervalMs) ?? 0;
      if (count > 1) counts.set(intervalMs, count - 1);
      else counts.delete(intervalMs);
    },
    max: () => Math.max(0, ...counts.keys()),
  };
}
