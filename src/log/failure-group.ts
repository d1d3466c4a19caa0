import { minuteMs, secondMs } from '../model/time.ts';

/** Maximum number of targets that a log line names. */
export const maxNamed = 10;

/**
 * Maximum time in ms that the first line of a failure waits for further targets that fail in the same way.
 */
const maxGatherMs = 30 * secondMs;
/** Time in ms without a further failing target after which the first line does not wait any longer. */
const calmMs = 2 * secondMs;
/** Maximum backoff of a failing target in ms: a target that can recover has been polled again by then. */
const maxBackoffMs = minuteMs;
/** Maximum time in ms for which a change of the failing targets stays unreported. */
const maxSilenceMs = 5 * minuteMs;
/** Pause in ms after the second line in a short time. The pause doubles with each further line. */
const firstPauseMs = 10 * secondMs;

/** What the log has to report about a failure. */
export type Report = 'started' | 'changed' | 'ended' | 'passed';

/** State of the polling on which the time of a report depends. */
export interface Polling {
  /** Number of targets of the collector. */
  readonly targets: number;
  /** Time in ms between two polls of a target. */
  readonly roundMs: number;
}

/** Numbers of targets since the last report or since the start of the failure. */
interface Counts {
  joined: number;
  recovered: number;
  /** Targets that fail with another error instead. */
  moved: number;
}

const none = (): Counts => ({ joined: 0, recovered: 0, moved: 0 });

export type FailureGroup = ReturnType<typeof createFailureGroup>;

/**
 * Creates the group of all targets of a collector that fail with the same cause. The group decides when the
 * log reports its changes, so that a failure of many targets is one report at its start and one at its end. A
 * cause that comes and goes is reported at growing intervals, up to 5 min, and no change stays unreported for
 * longer. All times are monotonic milliseconds.
 */
export function createFailureGroup() {
  /** Failing targets by key, in the order in which they started to fail. */
  const members = new Map<string, { readonly name: string; failedAt: number }>();
  /** Names of the first targets that left the group since the last report. */
  let leftNames: string[] = [];
  let error = '';
  let stack: string | undefined;
  /**
   * Number of failing targets in the last report; 0 if the failure has not been reported yet or has ended.
   */
  let reported = 0;
  let startedAt = -Infinity;
  let endedAt = -Infinity;
  let lastChangeAt = -Infinity;
  /** Time of the first change since the last report; undefined if nothing changed. */
  let changedAt: number | undefined;
  let sinceReport = none();
  let sinceStart = none();
  let failures = 0;
  let maxFailing = 0;
  let lastReportAt = -Infinity;
  /** Number of reports in a short time. */
  let reports = 0;

  function change(now: number, what: keyof Counts): void {
    changedAt ??= now;
    lastChangeAt = now;
    sinceReport[what]++;
    sinceStart[what]++;
  }

  function leave(key: string, now: number, how: 'recovered' | 'moved'): void {
    const member = members.get(key);
    if (member === undefined) return;
    members.delete(key);
    if (leftNames.length < maxNamed) leftNames.push(member.name);
    change(now, how);
  }

  /** Returns the pause in ms after the last report. */
  function pauseMs(now: number): number {
    if (now - lastReportAt > 2 * maxSilenceMs) reports = 0;
    return reports < 2 ? 0 : Math.min(maxSilenceMs, firstPauseMs * 2 ** (reports - 2));
  }

  function dueStart(now: number, { targets, roundMs }: Polling): Report | undefined {
    if (failures === 0) return undefined;
    const gatherMs = Math.min(roundMs, firstPauseMs);
    const isGathered = now - startedAt >= gatherMs && now - lastChangeAt >= Math.min(calmMs, roundMs);
    if (members.size < targets && !isGathered && now - startedAt < maxGatherMs) return undefined;
    return members.size === 0 ? 'passed' : 'started';
  }

  function dueChange(now: number, { roundMs }: Polling): Report | undefined {
    if (members.size === 0) return 'ended';
    if (changedAt === undefined) return undefined;
    if (now - changedAt >= maxSilenceMs) return 'changed';
    // A few further targets are named soon. Otherwise wait until all targets that can recover have done so.
    const isNamed = sinceReport.joined > 0 && members.size <= maxNamed;
    const waitMs = isNamed ? Math.min(roundMs, firstPauseMs) : roundMs + maxBackoffMs;
    return now - lastChangeAt >= waitMs ? 'changed' : undefined;
  }

  /** Reports whether the failure has grown so much that its report must not wait for the end of a pause. */
  const hasSpread = () => members.size > maxNamed && members.size >= 2 * reported;

  return {
    /** Records a failed run of a target. A report has the message and the stack of the newest failure. */
    add(key: string, name: string, failure: { message: string; stack?: string | undefined }, now: number) {
      if (failures === 0) startedAt = now;
      failures++;
      error = failure.message;
      stack = failure.stack;
      const member = members.get(key);
      if (member !== undefined) {
        member.failedAt = now;
        return;
      }
      members.set(key, { name, failedAt: now });
      maxFailing = Math.max(maxFailing, members.size);
      change(now, 'joined');
    },
    /** Records a successful run of a target. */
    recover: (key: string, now: number): void => leave(key, now, 'recovered'),
    /** Removes a target that is no longer polled. */
    forget(key: string): void {
      members.delete(key);
    },
    /**
     * Removes a target that now fails with another error, unless the errors alternate. Returns whether it was
     * removed.
     */
    leaveIfPast(key: string, now: number, { roundMs }: Polling): boolean {
      const member = members.get(key);
      if (member !== undefined && now - member.failedAt <= 2 * roundMs + maxBackoffMs) return false;
      leave(key, now, 'moved');
      return true;
    },
    /** Returns what is to be reported at `now`; undefined if nothing is. */
    due(now: number, polling: Polling): Report | undefined {
      const pauseEndsAt = lastReportAt + pauseMs(now);
      if (now < pauseEndsAt && !hasSpread()) return undefined;
      return reported === 0 ? dueStart(now, polling) : dueChange(now, polling);
    },
    /** Returns what has not been reported yet, for the last report before the log ends. */
    unreported(): Report | undefined {
      if (reported === 0 && failures === 0) return undefined;
      if (reported === 0) return members.size === 0 ? 'passed' : 'started';
      if (members.size === 0) return 'ended';
      return changedAt === undefined ? undefined : 'changed';
    },
    /** Returns the state for a report, and starts the time until the next report. */
    take(report: Report, now: number) {
      const isOver = report === 'ended' || report === 'passed';
      const state = {
        error,
        stack,
        failing: members.size,
        maxFailing,
        failures,
        durationMs: now - startedAt,
        /** Names of the targets that started to fail last or, if the failure is over, that have failed. */
        names: isOver ? leftNames : [...members.values()].slice(-maxNamed).map(({ name }) => name),
        ...(isOver ? sinceStart : sinceReport),
      };
      sinceReport = none();
      leftNames = [];
      changedAt = undefined;
      reported = members.size;
      lastReportAt = now;
      reports++;
      if (isOver) {
        sinceStart = none();
        failures = 0;
        maxFailing = 0;
        stack = undefined;
        endedAt = now;
      }
      return state;
    },
    /** Reports whether the failure ended so long ago that the group can be dropped. */
    isOver: (now: number): boolean =>
      failures === 0 && members.size === 0 && now - endedAt > 2 * maxSilenceMs,
  };
}
