import { type FailureKind, ProviderError } from '../model/answer.ts';
import { effectiveIntervalMs as effectiveIntervalOf, tokenSpacingMs } from '../model/effective-interval.ts';
import { type Clock, type EpochMs, minuteMs, secondMs } from '../model/time.ts';
import { createAlarm } from './alarm.ts';
import { createTargetQueue, type PollTarget, type ScheduledTarget } from './target-queue.ts';

/** Result of a run that did not fail. */
export interface RunResult {
  /** The watermark is still far from now (catch-up), so the target is due again at once. */
  readonly isBehind: boolean;
  /** No request was sent, so the run is neither a success nor a failure. */
  readonly wasSkipped?: true;
}

/** Why a run has no answer. */
export interface RunFailure {
  readonly kind: FailureKind;
  readonly message: string;
  /** The provider's `Retry-After`; undefined if it sent none. */
  readonly retryAfterMs: number | undefined;
  /** Stack trace of an internal error; undefined for other kinds. */
  readonly stack: string | undefined;
}

export type Poller<T extends PollTarget> = ReturnType<typeof createPoller<T>>;

export interface PollerParts<T extends PollTarget> {
  /** Polls one target once. Rejects if there is no answer. */
  readonly run: (target: T, now: EpochMs, signal: AbortSignal) => Promise<RunResult>;
  /**
   * Whether the target comes first if the rate limit is too small for all: streams expected live at `now`.
   */
  readonly hasPriority: (target: T, now: EpochMs) => boolean;
  readonly onSuccess: (target: T) => void;
  readonly onFailure: (target: T, failure: RunFailure) => void;
  /** Current rate of the operation's rate limiter. */
  readonly perSecond: () => number;
  readonly configuredPerSecond: () => number;
  /** Number of requests that wait for a token. A run started now would only wait behind them. */
  readonly waiting: () => number;
  readonly runDeadlineMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Bounds of the pause between two starts of due runs. It covers at most `tokens` token spacings, so that few runs start
 * long before their token: a waiting run survives V8's young generation, and thousands of them were half of all garbage,
 * whose marking blocked the event loop for 0.1 s. `minMs` is the resolution of timers.
 */
const pause = { tokens: 4, minMs: 5, maxMs: 50 } as const;

/** A run needs two tokens at most, and can wait for the token of another target. */
const tokensOfRun = 3;

/** Creates the poller of all targets of one question at one account. Polls each once per interval if the rate limit allows. */
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

  /** Returns the longest interval, or the time that the current rate needs for all targets if that is longer. */
  const effectiveIntervalMs = (): number =>
    effectiveIntervalOf(queue.size(), queue.maxIntervalMs(), perSecond());
  /** Like `effectiveIntervalMs`, but at the configured rate instead of the current one. */
  const configuredIntervalMs = (): number =>
    effectiveIntervalOf(queue.size(), queue.maxIntervalMs(), configuredPerSecond());
  /**
   * Maximum number of concurrent runs: as many as the current rate starts within the deadline of a run, from
   * 4 to 256.
   */
  const slots = () => Math.min(256, Math.max(4, Math.ceil((perSecond() * runDeadlineMs) / secondMs)));
  const pauseMs = () => Math.max(pause.minMs, Math.min(pause.maxMs, (pause.tokens * secondMs) / perSecond()));
  const maxWaiting = () => Math.max(1, (perSecond() * 2 * pauseMs()) / secondMs);

  /** Longest time without a completed run while the loop makes progress. */
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
      // An abort is the end of the program, not a failure.
      if (signal.aborted) return;
      const failure = toFailure(error);
      if (!scheduled.isRemoved) reportFailure(target, failure);
      ended();
      queue.failed(scheduled, failure);
    }
  }

  /**
   * Starts runs of the longest due targets at `now` while slots and tokens are available. Resolves when these runs have
   * ended: the loop ignores this, tests await it.
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
    /** Adds targets with new keys. Their first runs are spread over the interval. */
    add(targets: readonly T[]): void {
      if (queue.size() === 0) lastRunEndedAt = clock.elapsed();
      queue.add(targets);
    },
    update: queue.update,
    remove: queue.remove,
    resetBackoff: queue.resetBackoff,
    start,
    /** Polls until the signal is aborted. Resolves when all runs have ended. */
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
    configuredIntervalMs,
    state: () => ({
      targets: queue.size(),
      failing: queue.failing(),
      /** undefined before the first success. */
      lastSuccessAt,
      effectiveIntervalMs: effectiveIntervalMs(),
      /** Duration of the last run, successful or failed; undefined before the first. */
      lastRunMs,
      /** false if no run has completed, successful or failed, for so long that the loop must be stuck. */
      isMakingProgress: queue.size() === 0 || clock.elapsed() - lastRunEndedAt <= maxRunGapMs(),
    }),
  };
}

/**
 * Reports a failure. An error of the report is reported instead: nothing would catch it, the program would end, and the
 * target would never be scheduled again. If that fails too, the target still counts as failing.
 */
function createFailureReport<T>(onFailure: (target: T, failure: RunFailure) => void) {
  return (target: T, failure: RunFailure): void => {
    try {
      onFailure(target, failure);
    } catch (bug) {
      try {
        onFailure(target, toFailure(bug));
      } catch {
        // The failure report is broken, so there is nowhere to report this error.
      }
    }
  };
}

/** Maps a ProviderError to its kind, and any other error to an internal one with its stack. */
function toFailure(error: unknown): RunFailure {
  if (error instanceof ProviderError) {
    const { kind, message, retryAfterMs } = error;
    return { kind, message, retryAfterMs, stack: undefined };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'internal', message, retryAfterMs: undefined, stack };
}
