import type { Log } from '../log.ts';
import { type FailureKind, isRetryable } from '../model/answer.ts';
import type { Fields } from './fields.ts';

/** Maximum number of targets per failure kind that have log lines of their own. */
const maxNamed = 10;

/** State of a target whose last run failed. */
interface Failing {
  readonly kind: FailureKind;
  /** Error message in which request IDs and timestamps are replaced by `#`. */
  readonly reason: string;
  /** Number of failed runs since the target's last successful run. */
  readonly failures: number;
  /** Whether the target has log lines of its own. Further targets with the same kind share one line. */
  readonly isNamed: boolean;
}

/**
 * Creates the failure log of one collector. The log writes a line when a target (a stream or domain that is
 * polled) starts to fail, fails with another error, or recovers, and no line for each failed run. Each line
 * has the `common` fields. Only the first ten targets that fail with the same kind have lines of their own.
 * One line reports that more targets fail with this kind, and one line reports that those further targets
 * have recovered, so that an outage of a provider with thousands of targets does not flood the log. The
 * metric `livestream_collector_targets_failing` has the total number of failing targets.
 */
export function createChangeLog(log: Log, common: Fields = {}) {
  const failing = new Map<string, Failing>();
  /**
   * Numbers of failing targets with (`named`) and without (`unnamed`) log lines of their own, by failure
   * kind.
   */
  const counts = new Map<FailureKind, { named: number; unnamed: number }>();

  const countsOf = (kind: FailureKind) => {
    const count = counts.get(kind) ?? { named: 0, unnamed: 0 };
    counts.set(kind, count);
    return count;
  };

  /** Counts a target that starts to fail with `kind`. Returns whether the target has log lines of its own. */
  function add(kind: FailureKind): boolean {
    const count = countsOf(kind);
    if (count.named + count.unnamed < maxNamed) {
      count.named++;
      return true;
    }
    if (count.unnamed++ === 0) {
      logFailure(log, kind, 'more targets failing with the same kind', { ...common, kind });
    }
    return false;
  }

  function remove({ kind, isNamed }: Failing): void {
    const count = countsOf(kind);
    if (isNamed) count.named--;
    else if (--count.unnamed === 0) log.info('the other targets recovered', { ...common, kind });
  }

  function forget(key: string): Failing | undefined {
    const before = failing.get(key);
    failing.delete(key);
    if (before !== undefined) remove(before);
    return before;
  }

  return {
    /**
     * Records a failed run of the target `key`. Logs the failure if it is new or its message changed, and if
     * the target has log lines of its own.
     */
    failed(key: string, kind: FailureKind, message: string, fields: Fields = {}) {
      const before = failing.get(key);
      const isSameKind = before?.kind === kind;
      if (before !== undefined && !isSameKind) remove(before);
      const now: Failing = {
        kind,
        reason: withoutIds(message),
        failures: (before?.failures ?? 0) + 1,
        isNamed: isSameKind ? before.isNamed : add(kind),
      };
      failing.set(key, now);
      if (!now.isNamed || (isSameKind && before.reason === now.reason)) return;
      const failure = { ...common, ...fields, kind, error: message };
      if (before === undefined) logFailure(log, kind, 'target failing', failure);
      else logFailure(log, kind, 'target failing, error changed', { ...failure, failures: now.failures });
    },

    /**
     * Records a successful run of the target `key`. Logs the recovery if the target was failing with lines of
     * its own.
     */
    succeeded(key: string, fields: Fields = {}) {
      const before = forget(key);
      if (before?.isNamed) log.info('target recovered', { ...common, ...fields, failures: before.failures });
    },

    /** Removes the target `key`, which is no longer polled. Does not log a recovery of this target. */
    forget: (key: string): void => void forget(key),
  };
}

/**
 * Logs a failure at level `warn` if failures of this kind can resolve themselves (are retryable), otherwise
 * at level `error`, because somebody must act.
 */
function logFailure(log: Log, kind: FailureKind, message: string, fields: Fields): void {
  log[isRetryable(kind) ? 'warn' : 'error'](message, fields);
}

/**
 * Replaces request IDs and timestamps by `#`, so that two failures with the same cause have equal messages.
 */
function withoutIds(message: string): string {
  return message.replace(/[\da-f-]{8,}/gi, '#');
}
