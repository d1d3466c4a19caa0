import { effectiveIntervalMs as effectiveIntervalOf, tokenSpacingMs } from '../model/effective-interval.ts';
import type { InSlices } from '../model/slices.ts';
import { type Clock, type EpochMs, minuteMs, secondMs } from '../model/time.ts';
import { createAlarm } from './alarm.ts';
import { createRequestLoad } from './request-load.ts';
import { createFailureReport, type RunFailure, toRunFailure } from './run-failure.ts';
import { createRunSlots, type RunSlots } from './run-slots.ts';
import { createTargetQueue, type PollTarget, type ScheduledTarget } from './target-queue.ts';

/** Result of a run (one poll of one target) that did not fail. */
export interface RunResult {
  /**
   * Whether the watermark (end of the last request window) is still far from the present. The target is then
   * due again at once, to catch up.
   */
  readonly isBehind: boolean;
  /** Set to true if the run sent no request. Such a run counts neither as a success nor as a failure. */
  readonly wasSkipped?: true;
}

export type Poller<T extends PollTarget> = ReturnType<typeof createPoller<T>>;

/** Dependencies and settings of `createPoller`. */
export interface PollerParts<T extends PollTarget> {
  /** Polls one target once. `now` is the wall clock time. Rejects if the poll fails. */
  readonly run: (target: T, now: EpochMs, signal: AbortSignal) => Promise<RunResult>;
  /**
   * Reports whether the target has priority if the rate limit is too small for all targets, because its
   * stream is expected to be live at `now` (wall clock).
   */
  readonly hasPriority: (target: T, now: EpochMs) => boolean;
  /**
   * Receives errors outside a run, such as one of `hasPriority`, which are bugs: polling continues. By default, they are
   * thrown again.
   */
  readonly onBug?: ((error: unknown) => void) | undefined;
  /** Called after each successful run, unless the target was removed during the run. */
  readonly onSuccess: (target: T) => void;
  /** Called after each failed run, unless the target was removed during the run. */
  readonly onFailure: (target: T, failure: RunFailure) => void;
  /** Returns the current rate of the operation's rate limiter, in requests per second. */
  readonly perSecond: () => number;
  /** Returns the configured rate of the operation's rate limiter, in requests per second. */
  readonly configuredPerSecond: () => number;
  /**
   * Returns the number of requests that wait for a token of the rate limiter. A run that starts now would
   * have to wait until they have got their tokens.
   */
  readonly waiting: () => number;
  /** Returns the number of tokens that the requests of all runs have taken so far. By default, one per run. */
  readonly taken?: () => number;
  /** Slots (for concurrent runs) that all pollers share. By default, the poller has slots of its own. */
  readonly runSlots?: RunSlots | undefined;
  /**
   * Maximum duration of one run in ms, not including the time for which its requests wait for rate-limit
   * tokens.
   */
  readonly runDeadlineMs: number;
  readonly clock: Clock;
  /** Aborted when the loop and all runs must end. */
  readonly signal: AbortSignal;
}

/**
 * Pause between two starts of due runs. Each request needs a token; tokens become available at the request
 * rate. The pause is the time in which `tokens` tokens become available, but at least `minMs` (the resolution
 * of timers) and at most `maxMs`. Without the pause, thousands of runs would wait for a token at the same
 * time. Their objects would move to V8's old generation, and marking them would block the event loop for
 * about 0.1 s.
 */
const pause = { tokens: 4, minMs: 5, maxMs: 50 } as const;

/**
 * Maximum number of tokens that a run must wait for: two for its own requests, and one for a request of
 * another target that is ahead in the queue.
 */
const tokensOfRun = 3;

/**
 * Creates the poller of all targets of one collector. It polls each target once per interval, if the rate
 * limit allows.
 */
export function createPoller<T extends PollTarget>(parts: PollerParts<T>) {
  const { run, onSuccess, onBug = rethrow, perSecond, configuredPerSecond, waiting, runDeadlineMs } = parts;
  const { clock, signal, runSlots = createRunSlots() } = parts;
  const sharedSlots = runSlots.join();
  signal.addEventListener('abort', sharedSlots.leave, { once: true });
  const reportFailure = createFailureReport(parts.onFailure);
  const alarm = createAlarm(clock, signal);
  const queue = createTargetQueue<T>({
    clock,
    hasPriority(target, now) {
      try {
        return parts.hasPriority(target, now);
      } catch (error) {
        // Otherwise the target would have no place in the queue any more.
        onBug(error);
        return false;
      }
    },
    headStartMs: () => effectiveIntervalMs(),
    onDueAt: alarm.bringForward,
  });
  const load = createRequestLoad(parts.taken);
  const running = new Set<Promise<void>>();
  let lastRunEndedAt = clock.elapsed();
  let lastSuccessAt: EpochMs | undefined;
  let lastRunMs: number | undefined;
  /** Number of events so far that can have changed the state. */
  let changes = 0;

  /**
   * Returns the actual time in ms between two polls of a target: the longest configured interval, or the time
   * that polling all targets takes at the current rate, whichever is longer.
   */
  const effectiveIntervalMs = (): number =>
    effectiveIntervalOf(queue.size() * load.perRun(), queue.maxIntervalMs(), perSecond());
  /** Like `effectiveIntervalMs`, but at the configured rate instead of the current rate. */
  const configuredIntervalMs = (): number =>
    effectiveIntervalOf(queue.size() * load.perRun(), queue.maxIntervalMs(), configuredPerSecond());
  /**
   * Returns the maximum number of concurrent runs (slots) of this poller. This is the number of runs that can
   * start at the current rate within the deadline of one run, but at least 4 and at most 256. The slots that
   * all pollers share can allow fewer.
   */
  const slots = () => Math.min(256, Math.max(4, Math.ceil((perSecond() * runDeadlineMs) / secondMs)));
  /** Returns the pause between two starts of due runs, in ms. */
  const pauseMs = () => Math.max(pause.minMs, Math.min(pause.maxMs, (pause.tokens * secondMs) / perSecond()));
  /** Returns the number of waiting requests at which no further run starts. */
  const maxWaiting = () => Math.max(1, (perSecond() * 2 * pauseMs()) / secondMs);

  /**
   * Returns the longest time in ms that normally passes between the ends of two runs. If more time passes,
   * the loop must be stuck.
   */
  const maxRunGapMs = () => {
    const waitMs = tokensOfRun * tokenSpacingMs(perSecond());
    return Math.max(5 * queue.maxIntervalMs(), 2 * runDeadlineMs, minuteMs, waitMs);
  };

  async function runOne(scheduled: ScheduledTarget<T>, now: EpochMs): Promise<void> {
    const { target } = scheduled;
    const startedAt = clock.elapsed();
    load.started(queue.size());
    const ended = () => {
      changes++;
      lastRunEndedAt = clock.elapsed();
      lastRunMs = lastRunEndedAt - startedAt;
    };
    try {
      const { isBehind, wasSkipped = false } = await run(target, now, signal);
      if (!wasSkipped && queue.size() > 0) lastSuccessAt = clock.now();
      ended();
      queue.completed(scheduled, { isSuccess: !wasSkipped, isBehind });
      if (!wasSkipped && !scheduled.isRemoved) onSuccess(target);
    } catch (error) {
      // The signal is aborted only when the program ends or the account is removed, so the error is not a
      // failure of the target.
      if (signal.aborted) return;
      const failure = toRunFailure(error);
      if (!scheduled.isRemoved) reportFailure(target, failure);
      ended();
      queue.failed(scheduled, failure);
    }
  }

  /**
   * Starts due runs at `now` (wall clock), in the order of their due times, while slots for runs are free and
   * few requests wait for tokens. Resolves when these runs have ended. Tests wait for that, but the loop does
   * not.
   */
  function start(now: EpochMs): Promise<void> {
    const started: Promise<void>[] = [];
    while (running.size < slots() && waiting() < maxWaiting() && sharedSlots.acquire()) {
      const scheduled = queue.takeDue();
      if (scheduled === undefined) {
        sharedSlots.release();
        break;
      }
      const ended = runOne(scheduled, now).finally(() => {
        running.delete(ended);
        sharedSlots.release();
      });
      running.add(ended);
      started.push(ended);
    }
    return Promise.all(started).then(() => undefined);
  }

  /** Like `start`, but never rejects. */
  async function startSafely(): Promise<void> {
    try {
      await start(clock.now());
    } catch (error) {
      onBug(error);
    }
  }

  return {
    /** Adds targets whose keys are new. Their first runs are spread over the polling interval. */
    add(targets: readonly T[]): void {
      changes++;
      if (queue.size() === 0) lastRunEndedAt = clock.elapsed();
      queue.add(targets);
    },
    /** Like `add`, but in slices. Add, update and remove no target before it has ended. */
    async addInSlices(targets: readonly T[], inSlices: InSlices): Promise<void> {
      changes++;
      if (queue.size() === 0) lastRunEndedAt = clock.elapsed();
      await queue.addInSlices(targets, inSlices);
      changes++;
    },
    update(target: T): void {
      changes++;
      queue.update(target);
    },
    remove(key: string): void {
      changes++;
      queue.remove(key);
      // A target that is added later has had no success yet.
      if (queue.size() === 0) lastSuccessAt = undefined;
    },
    resetBackoff: queue.resetBackoff,
    expedite: queue.expedite,
    dueInMs: queue.dueInMs,
    start,
    /** Polls until the signal is aborted. Resolves when all runs in progress have ended. */
    async loop(): Promise<void> {
      try {
        while (!signal.aborted) {
          void startSafely();
          await alarm.sleepUntil(Math.max(queue.nextDueAt(), clock.elapsed() + pauseMs()));
        }
      } finally {
        await Promise.all(running);
      }
    },
    effectiveIntervalMs,
    configuredIntervalMs,
    /**
     * Returns a number that changes whenever `state` changes, except for its parts that depend on the current time
     * or rate.
     */
    changes: () => changes,
    /** Returns the current state of the poller. */
    state: () => ({
      targets: queue.size(),
      failing: queue.failing(),
      /** Wall clock time at which the last successful run ended; undefined before the first success. */
      lastSuccessAt,
      effectiveIntervalMs: effectiveIntervalMs(),
      /**
       * Duration of the last run in ms, whether it succeeded or failed; undefined before the end of the first
       * run.
       */
      lastRunMs,
      /**
       * Whether runs still end, successfully or not. If false, no run has ended for so long that the loop
       * must be stuck.
       */
      isMakingProgress: queue.size() === 0 || clock.elapsed() - lastRunEndedAt <= maxRunGapMs(),
    }),
  };
}

function rethrow(error: unknown): never {
  throw error;
}
