import { type FailureKind, ProviderError } from '../model/answer.ts';
import { effectiveIntervalMs as effectiveIntervalOf, tokenSpacingMs } from '../model/effective-interval.ts';
import { type Clock, type EpochMs, minuteMs, secondMs } from '../model/time.ts';
import { createAlarm } from './alarm.ts';
import { createTargetQueue, type PollTarget, type ScheduledTarget } from './target-queue.ts';

/** Result of a run (one poll of one target) that did not fail. */
export interface RunResult {
  /**
   * Whether the target must catch up: the watermark (end of the last window) is still far from now, so the
   * target is due again at once.
   */
  readonly isBehind: boolean;
  /** true if the run sent no request. Such a run is neither a success nor a failure. Absent otherwise. */
  readonly wasSkipped?: true;
}

/** Reason why a run has no answer. */
export interface RunFailure {
  readonly kind: FailureKind;
  readonly message: string;
  /**
   * Wait in ms that the provider requested with `Retry-After`. undefined if the provider requested no wait.
   */
  readonly retryAfterMs: number | undefined;
  /** Stack trace of an internal error. undefined for failures of other kinds. */
  readonly stack: string | undefined;
}

export type Poller<T extends PollTarget> = ReturnType<typeof createPoller<T>>;

/** Dependencies and settings of `createPoller`. */
export interface PollerParts<T extends PollTarget> {
  /** Polls one target once. `now` is the wall time. Rejects if the run has no answer. */
  readonly run: (target: T, now: EpochMs, signal: AbortSignal) => Promise<RunResult>;
  /**
   * Reports whether the target comes first if the rate limit is too small for all targets: its stream is
   * expected live at `now` (wall clock).
   */
  readonly hasPriority: (target: T, now: EpochMs) => boolean;
  /** Called after each successful run of a target that was not removed. */
  readonly onSuccess: (target: T) => void;
  /** Called after each failed run of a target that was not removed. */
  readonly onFailure: (target: T, failure: RunFailure) => void;
  /** Returns the current rate of the operation's rate limiter, in requests per second. */
  readonly perSecond: () => number;
  /** Returns the configured rate of the operation's rate limiter, in requests per second. */
  readonly configuredPerSecond: () => number;
  /**
   * Returns the number of requests that wait for a token of the rate limiter. A run that starts now would
   * only wait behind these requests.
   */
  readonly waiting: () => number;
  /** Maximum duration of one run, in ms. */
  readonly runDeadlineMs: number;
  readonly clock: Clock;
  /** Ends the loop and all runs. */
  readonly signal: AbortSignal;
}

/**
 * Bounds of the pause in ms between two starts of due runs. The pause covers at most `tokens` token spacings,
 * so that few runs start long before they get their token (permission for a request). A waiting run survives
 * V8's young generation. Thousands of waiting runs were half of all garbage, and marking this garbage blocked
 * the event loop for 0.1 s. `minMs` is the resolution of timers.
 */
const pause = { tokens: 4, minMs: 5, maxMs: 50 } as const;

/**
 * Maximum number of rate-limit intervals that a run waits for tokens: two for its own requests, and one for a
 * request of another target that is ahead of it.
 */
const tokensOfRun = 3;

/**
 * Creates the poller of all targets of one collector. The poller polls each target once per
 * interval if the rate limit allows.
 */
export function createPoller<T extends PollTarget>(parts: PollerParts<T>) {
  const { run, hasPriority, onSuccess, perSecond, configuredPerSecond, waiting, runDeadlineMs } = parts;
  const { clock, signal } = parts;
  const reportFailure = createFailureReport(parts.onFailure);
  const alarm = createAlarm(clock, signal);
  const queue = createTargetQueue<T>({
    clock,
    hasPriority,
    headStartMs: () => effectiveIntervalMs(),
    onDueAt: alarm.bringForward,
  });
  const running = new Set<Promise<void>>();
  let lastRunEndedAt = clock.elapsed();
  let lastSuccessAt: EpochMs | undefined;
  let lastRunMs: number | undefined;

  /**
   * Returns the actual interval between two polls of a target, in ms: the longest configured interval, or the
   * time that all targets need at the current rate, if that time is longer.
   */
  const effectiveIntervalMs = (): number =>
    effectiveIntervalOf(queue.size(), queue.maxIntervalMs(), perSecond());
  /** Like `effectiveIntervalMs`, but at the configured rate instead of the current rate. */
  const configuredIntervalMs = (): number =>
    effectiveIntervalOf(queue.size(), queue.maxIntervalMs(), configuredPerSecond());
  /**
   * Returns the maximum number of concurrent runs (slots): as many runs as the current rate allows to start
   * within the deadline of one run, but at least 4 and at most 256.
   */
  const slots = () => Math.min(256, Math.max(4, Math.ceil((perSecond() * runDeadlineMs) / secondMs)));
  /** Returns the pause between two starts of due runs, in ms. */
  const pauseMs = () => Math.max(pause.minMs, Math.min(pause.maxMs, (pause.tokens * secondMs) / perSecond()));
  /** Returns the number of waiting requests from which on no further run starts. */
  const maxWaiting = () => Math.max(1, (perSecond() * 2 * pauseMs()) / secondMs);

  /**
   * Returns the longest normal time in ms between the ends of two runs. If no run ends for longer, the loop
   * must be stuck.
   */
  const maxRunGapMs = () => {
    const waitMs = tokensOfRun * tokenSpacingMs(perSecond());
    return Math.max(5 * queue.maxIntervalMs(), 2 * runDeadlineMs, minuteMs, waitMs);
  };

  async function runOne(scheduled: ScheduledTarget<T>, now: EpochMs): Promise<void> {
    const { target } = scheduled;
    const startedAt = clock.elapsed();
    const ended = () => {
      lastRunEndedAt = clock.elapsed();
      lastRunMs = lastRunEndedAt - startedAt;
    };
    try {
      const { isBehind, wasSkipped = false } = await run(target, now, signal);
      if (!wasSkipped) lastSuccessAt = clock.now();
      ended();
      queue.completed(scheduled, { isSuccess: !wasSkipped, isBehind });
      if (!wasSkipped && !scheduled.isRemoved) onSuccess(target);
    } catch (error) {
      // If the signal is aborted, the program ends, and the error is no failure of the target.
      if (signal.aborted) return;
      const failure = toFailure(error);
      if (!scheduled.isRemoved) reportFailure(target, failure);
      ended();
      queue.failed(scheduled, failure);
    }
  }

  /**
   * Starts runs of due targets at `now` (wall clock) in the order of their due times, while slots (for
   * concurrent runs) and tokens (for requests) are available. Resolves when the started runs have ended. The
   * loop does not wait for the end of the runs, but tests do.
   */
  function start(now: EpochMs): Promise<void> {
    const started: Promise<void>[] = [];
    while (running.size < slots() && waiting() < maxWaiting()) {
      const scheduled = queue.takeDue();
      if (scheduled === undefined) break;
      const ended = runOne(scheduled, now).finally(() => running.delete(ended));
      running.add(ended);
      started.push(ended);
    }
    return Promise.all(started).then(() => undefined);
  }

  return {
    /** Adds targets whose keys are new. The first runs of these targets are spread over the interval. */
    add(targets: readonly T[]): void {
      if (queue.size() === 0) lastRunEndedAt = clock.elapsed();
      queue.add(targets);
    },
    update: queue.update,
    remove: queue.remove,
    resetBackoff: queue.resetBackoff,
    start,
    /** Polls until the signal is aborted. Resolves when all runs in progress have ended. */
    async loop(): Promise<void> {
      try {
        while (!signal.aborted) {
          void start(clock.now());
          await alarm.sleepUntil(Math.max(queue.nextDueAt(), clock.elapsed() + pauseMs()));
        }
      } finally {
        await Promise.all(running);
      }
    },
    effectiveIntervalMs,
    /** Returns the current state of the poller. */
    configuredIntervalMs,
    state: () => ({
      targets: queue.size(),
      failing: queue.failing(),
      /** Wall time of the end of the last successful run. undefined before the first success. */
      lastSuccessAt,
      effectiveIntervalMs: effectiveIntervalMs(),
      /** Duration in ms of the last run, successful or failed. undefined before the end of the first run. */
      lastRunMs,
      /** false if no run, successful or failed, has completed for so long that the loop must be stuck. */
      isMakingProgress: queue.size() === 0 || clock.elapsed() - lastRunEndedAt <= maxRunGapMs(),
    }),
  };
}

/**
 * Returns a function that reports a failed run. If the report throws, the function reports the error of the
 * report instead: no other code would catch the error, the program would end, and the target would never be
 * scheduled again. If the second report also throws, the target still counts as failing.
 */
function createFailureReport<T>(onFailure: (target: T, failure: RunFailure) => void) {
  return (target: T, failure: RunFailure): void => {
    try {
      onFailure(target, failure);
    } catch (bug) {
      try {
        onFailure(target, toFailure(bug));
      } catch {
        // The failure report itself is broken, so the error cannot be reported anywhere.
      }
    }
  };
}

/**
 * Returns the failure of a run from its error. A ProviderError keeps its kind. Any other error becomes an
 * internal failure with its stack trace.
 */
function toFailure(error: unknown): RunFailure {
  if (error instanceof ProviderError) {
    const { kind, message, retryAfterMs } = error;
    return { kind, message, retryAfterMs, stack: undefined };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'internal', message, retryAfterMs: undefined, stack };
}
