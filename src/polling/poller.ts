import { type FailureKind, isRetryable, ProviderError } from '../model/answer.ts';
import { effectiveIntervalMs as roundOf, tokenSpacingMs } from '../model/effective-interval.ts';
import { type Clock, type EpochMs, minuteMs, secondMs } from '../model/time.ts';
import { createDueQueue } from './due-queue.ts';

/** What a collector asks about, and how often. */
export interface PollTarget {
  readonly key: string;
  readonly intervalMs: number;
}

/** How a run ended that did not fail. */
export interface RunResult {
  /** The watermark is still far from now: the target's next turn comes at once. */
  readonly isBehind: boolean;
  /** There was nothing to ask, so nobody answered: neither a success nor a failure. */
  readonly wasSkipped?: true;
}

/** Why a run brought no answer. */
export interface RunFailure {
  readonly kind: FailureKind;
  readonly message: string;
  /** How long the provider asked us to wait, where it did. */
  readonly retryAfterMs: number | undefined;
  /** Only of a bug of ours. */
  readonly stack: string | undefined;
}

/** One question put to one account, for all its targets, again and again. */
export interface Poller<T extends PollTarget> {
  /**
   * From now on these are the targets. Of one that was there before the turn is kept, one that is gone gets no more, and
   * the new ones are spread over their interval.
   */
  setTargets(targets: readonly T[]): void;
  /** What the failing targets failed of may be mended: they are due at once, and not backed off any more. */
  resetBackoff(): void;
  /**
   * Starts the longest due targets, each with a run about `now`, while a slot is free. The promise ends when all that it started has ended: the loop
   * ignores it, tests await it.
   */
  start(now: EpochMs): Promise<void>;
  /** Goes on until the signal is aborted, and all runs have ended. */
  loop(): Promise<void>;
  /** How long a round of all targets takes: the longest interval, or longer where the budget can't serve it. */
  effectiveIntervalMs(): number;
  /** The same, at all of the budget that was configured. */
  configuredIntervalMs(): number;
  state(): PollerState;
}

export interface PollerState {
  readonly targets: number;
  readonly failing: number;
  /** undefined before the first. */
  readonly lastSuccessAt: EpochMs | undefined;
  readonly effectiveIntervalMs: number;
  /** How long the last run took, well or failed; undefined before the first. */
  readonly lastRunMs: number | undefined;
  /** false when no run ended, well or failed, for so long that the loop can't be turning. */
  readonly isMakingProgress: boolean;
}

export interface PollerParts<T extends PollTarget> {
  /** One run for one target. Rejects with why there was no answer. */
  readonly run: (target: T, now: EpochMs, signal: AbortSignal) => Promise<RunResult>;
  /** Those expected live at `now` are asked first, where the budget can't serve all. */
  readonly hasPriority: (target: T, now: EpochMs) => boolean;
  readonly onSuccess: (target: T) => void;
  readonly onFailure: (target: T, failure: RunFailure) => void;
  /** What the budget of its operation allows now. */
  readonly perSecond: () => number;
  readonly configuredPerSecond: () => number;
  /** How many calls wait for their turn in the budget. A run started now would only grow old in the queue. */
  readonly waiting: () => number;
  readonly runDeadlineMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * How often the loop looks whose turn it is. At least as often as a few turns of the budget come, so that few runs are
 * started ahead of theirs: what waits is live when V8 collects its young generation, and by the second time it is old.
 * Thousands of waiting runs were half of all garbage, and marking it held the event loop for 0.1 s. Down to what timers
 * can keep, and no longer than costs nothing.
 */
const tick = { turns: 4, leastMs: 5, longestMs: 50 } as const;

/**
 * A refused target is asked less and less often, down to this: asking harder will not mend a key or a permission. Nor is
 * one left alone for longer because its provider asked us to wait.
 */
const maxBackoffMs = minuteMs;

/** A run takes two turns at most, and may wait for that of another target. */
const turnsOfRun = 3;

/** A target's place in the order of turns. */
interface Turn<T> {
  /** The newest of those that have its key. */
  target: T;
  isGone: boolean;
  /** Where it waits, and since when it is due there; undefined while it runs. Other places of it count no more. */
  place: Place<T> | undefined;
  dueAt: number;
  /** When its last run began. */
  beganAt: number;
}

interface Place<T> {
  readonly turn: Turn<T>;
}

/** Of a target whose last answer was a failure. */
interface Trouble {
  /** How often in a row it failed. */
  readonly times: number;
  /** Asking again will not mend it, so it is asked less and less. */
  readonly isBackedOff: boolean;
  /** Its provider asked us to wait until then. */
  readonly heldUntil: number;
}

export function createPoller<T extends PollTarget>(parts: PollerParts<T>): Poller<T> {
  const {
    run,
    hasPriority,
    onSuccess,
    onFailure,
    perSecond,
    configuredPerSecond,
    waiting,
    runDeadlineMs,
    clock,
    signal,
  } = parts;
  // By the clock that only goes forward: set back, the other one would let nobody have a turn until it caught up.
  const schedule = createDueQueue<Place<T>>();
  let turns: ReadonlyMap<string, Turn<T>> = new Map();
  const running = new Set<Promise<void>>();
  /** By key, those whose run is under way. */
  const turnsUnderWay = new Map<string, Turn<T>>();
  const failing = new Map<string, Trouble>();
  let longestIntervalMs = 0;
  let lastRunEndedAt = clock.elapsed();
  let lastSuccessAt: EpochMs | undefined;
  let lastRunMs: number | undefined;

  const effectiveIntervalMs = () => roundOf(turns.size, longestIntervalMs, perSecond());
  const configuredIntervalMs = () => roundOf(turns.size, longestIntervalMs, configuredPerSecond());
  /** As many as are under way at the budget's rate when each takes as long as it may. */
  const slots = () => Math.min(256, Math.max(4, Math.ceil((perSecond() * runDeadlineMs) / secondMs)));
  const tickMs = () =>
    Math.max(tick.leastMs, Math.min(tick.longestMs, (tick.turns * secondMs) / perSecond()));
  const queueLimit = () => Math.max(1, (perSecond() * 2 * tickMs()) / secondMs);

  function queue(turn: Turn<T>, dueAt: number): void {
    turn.place = { turn };
    turn.dueAt = dueAt;
    schedule.add(turn.place, dueAt, hasPriority(turn.target, clock.now()));
  }

  /** Gives a turn that waits an earlier place. */
  function hurry(turn: Turn<T>, dueAt: number): void {
    if (turn.place !== undefined && turn.dueAt > dueAt) queue(turn, dueAt);
  }

  /**
   * Those expected live have a head start of a round: so the others are asked every second round at least, and no stream
   * becomes unknown by it, which takes three.
   */
  function takeDue(): Turn<T> | undefined {
    for (;;) {
      const place = schedule.takeDue(clock.elapsed(), effectiveIntervalMs());
      if (place === undefined) return undefined;
      const { turn } = place;
      if (turn.place !== place) continue;
      turn.place = undefined;
      if (!turn.isGone) return turn;
    }
  }

  function setTargets(targets: readonly T[]): void {
    const before = turns;
    const after = new Map<string, Turn<T>>();
    const begun: Turn<T>[] = [];
    for (const target of targets) {
      // One that went and comes back during its run has its next turn after it, so that it never runs twice at once.
      const known = before.get(target.key) ?? turnsUnderWay.get(target.key);
      const turn = known ?? { target, isGone: false, place: undefined, dueAt: 0, beganAt: -Infinity };
      if (known === undefined) begun.push(turn);
      const { intervalMs } = turn.target;
      turn.target = target;
      turn.isGone = false;
      // A shorter interval counts from the last run on.
      if (target.intervalMs < intervalMs) hurry(turn, Math.max(clock.elapsed(), nextDueAt(turn)));
      after.set(target.key, turn);
    }
    for (const [key, turn] of before) {
      if (after.has(key)) continue;
      turn.isGone = true;
      failing.delete(key);
    }
    turns = after;
    longestIntervalMs = targets.reduce((longest, { intervalMs }) => Math.max(longest, intervalMs), 0);
    const beganAt = clock.elapsed();
    if (before.size === 0) lastRunEndedAt = beganAt;
    // Spread over the interval, so that a provider is not asked for all at once.
    const now = clock.now();
    const { early = [], others = [] } = Object.groupBy(begun, ({ target }) =>
      hasPriority(target, now) ? 'early' : 'others',
    );
    for (const [i, turn] of [...early, ...others].entries()) {
      queue(turn, beganAt + Math.floor((i * turn.target.intervalMs) / begun.length));
    }
  }

  function resetBackoff(): void {
    for (const key of failing.keys()) {
      failing.set(key, { times: 0, isBackedOff: false, heldUntil: -Infinity });
      const turn = turns.get(key);
      if (turn !== undefined) hurry(turn, clock.elapsed());
    }
  }

  async function runOne(turn: Turn<T>, now: EpochMs): Promise<void> {
    const { target } = turn;
    turnsUnderWay.set(target.key, turn);
    const beganAt = clock.elapsed();
    turn.beganAt = beganAt;
    let isDueAtOnce = false;
    try {
      const { isBehind, wasSkipped = false } = await run(target, now, signal);
      isDueAtOnce = isBehind;
      if (!wasSkipped) lastSuccessAt = clock.now();
      if (!wasSkipped && !turn.isGone) {
        failing.delete(target.key);
        onSuccess(target);
      }
    } catch (error) {
      // Broken off by the end of the program: that is no failure.
      if (signal.aborted) return;
      const failure = toFailure(error);
      if (!turn.isGone) {
        failing.set(target.key, {
          times: (failing.get(target.key)?.times ?? 0) + 1,
          isBackedOff: !isRetryable(failure.kind),
          heldUntil: clock.elapsed() + Math.min(failure.retryAfterMs ?? 0, maxBackoffMs),
        });
        tellFailure(target, failure);
      }
    } finally {
      turnsUnderWay.delete(target.key);
    }
    lastRunEndedAt = clock.elapsed();
    lastRunMs = lastRunEndedAt - beganAt;
    // A late run is followed at once.
    if (!turn.isGone) queue(turn, isDueAtOnce ? lastRunEndedAt : Math.max(lastRunEndedAt, nextDueAt(turn)));
  }

  /** Counted from the begin of the last run, so that the interval is what the config says. */
  function nextDueAt({ target: { key, intervalMs }, beganAt }: Turn<T>): number {
    const trouble = failing.get(key);
    if (trouble === undefined) return beganAt + intervalMs;
    const { times, isBackedOff, heldUntil } = trouble;
    return Math.max(beganAt + (isBackedOff ? backoffMs(intervalMs, times) : intervalMs), heldUntil);
  }

  /**
   * A bug in telling is told in place of the failure. Thrown on, nobody would catch it: it would end the program, and the
   * target would have no next turn. Where it can't be told either, the target still counts as failing.
   */
  function tellFailure(target: T, failure: RunFailure): void {
    try {
      onFailure(target, failure);
    } catch (bug) {
      try {
        onFailure(target, toFailure(bug));
      } catch {
        // There is no other way to tell it.
      }
    }
  }

  function start(now: EpochMs): Promise<void> {
    const started: Promise<void>[] = [];
    while (running.size < slots() && waiting() < queueLimit()) {
      const turn = takeDue();
      if (turn === undefined) break;
      const ended = runOne(turn, now).finally(() => running.delete(ended));
      running.add(ended);
      started.push(ended);
    }
    return Promise.all(started).then(() => undefined);
  }

  return {
    setTargets,
    resetBackoff,
    start,
    async loop() {
      try {
        while (!signal.aborted) {
          void start(clock.now());
          await clock.sleep(tickMs(), signal);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        await Promise.all(running);
      }
    },
    effectiveIntervalMs,
    configuredIntervalMs,
    state: () => ({
      targets: turns.size,
      failing: failing.size,
      lastSuccessAt,
      effectiveIntervalMs: effectiveIntervalMs(),
      lastRunMs,
      isMakingProgress:
        turns.size === 0 ||
        clock.elapsed() - lastRunEndedAt <=
          Math.max(
            5 * longestIntervalMs,
            2 * runDeadlineMs,
            minuteMs,
            turnsOfRun * tokenSpacingMs(perSecond()),
          ),
    }),
  };
}

function backoffMs(intervalMs: number, times: number): number {
  return Math.max(intervalMs, Math.min(maxBackoffMs, intervalMs * 2 ** (times - 1)));
}

/** A ProviderError says its kind; anything else is a bug of ours, and brings its stack. */
function toFailure(error: unknown): RunFailure {
  if (error instanceof ProviderError) {
    const { kind, message, retryAfterMs } = error;
    return { kind, message, retryAfterMs, stack: undefined };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'internal', message, retryAfterMs: undefined, stack };
}
