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
  /**
   * Whether failures of this target are logged individually. If not, the target is covered by a log line that
   * it shares with other targets that fail with the same kind.
   */
  readonly isNamed: boolean;
}

/**
 * Creates the failure log of one collector. The log writes a line when a target (a stream or domain that is
 * polled) starts to fail, fails with another error, or recovers, and no line for each failed run. Each line
 * has the `common` fields. Only the first ten targets that fail with the same kind are logged individually.
 * For the further targets of that kind, there is one line when the first of them fails and one line when all
 * of them have recovered, so that an outage of a provider with thousands of targets does not flood the log.
 * The metric `livestream_collector_targets_failing` has the number of failing targets.
 */
export function createChangeLog(log: Log, common: Fields = {}) {
  const failing = new Map<string, Failing>();
  /**
   * Numbers of failing targets by failure kind. `named` targets are logged individually, `unnamed` targets
   * are not.
   */
  const counts = new Map<FailureKind, { named: number; unnamed: number }>();

  const countsOf = (kind: FailureKind) => {
    const count = counts.get(kind) ?? { named: 0, unnamed: 0 };
    counts.set(kind, count);
    return count;
  };

  /** Counts a target that starts to fail with `kind`. Returns whether the target is logged individually. */
  function add(kind: FailureKind): boolean {
    const count = countsOf(kind);
    if (count.named + count.unnamed < maxNamed) {
      count.named++;
      return true;
    }
    if (count.unnamed++ === 0) {
      logFailure(
        log,
        kind,
        'further targets fail with the same kind of failure; they are not logged individually',
        { ...common, kind },
      );
    }
    return false;
  }

  function remove({ kind, isNamed }: Failing): void {
    const count = countsOf(kind);
    if (isNamed) count.named--;
    else if (--count.unnamed === 0)
      log.info('the targets that were not logged individually no longer fail with this kind of failure', {
        ...common,
        kind,
      });
  }

  function forget(key: string): Failing | undefined {
    const before = failing.get(key);
    failing.delete(key);
    if (before !== undefined) remove(before);
    return before;
  }

  return {
    /**
     * Records a failed run of the target `key`. If the target is logged individually, logs the failure when
     * it is new or its message has changed.
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
      if (before === undefined) logFailure(log, kind, 'target started to fail', failure);
      else logFailure(log, kind, 'target still fails, error changed', { ...failure, failures: now.failures });
    },

    /**
     * Records a successful run of the target `key`. Logs the recovery if the failure of the target was logged
     * individually.
     */
    succeeded(key: string, fields: Fields = {}) {
      const before = forget(key);
      if (before?.isNamed) log.info('target recovered', { ...common, ...fields, failures: before.failures });
    },

    /** Forgets the target `key`, which is no longer polled. Does not log a recovery. */
    forget: (key: string): void => void forget(key),
  };
}

/**
 * Logs a failure: at level `warn` if its kind is retryable, because the failure can then resolve itself;
 * otherwise at level `error`, because somebody must act.
 */
function logFailure(log: Log, kind: FailureKind, message: string, fields: Fields): void {
  log[isRetryable(kind) ? 'warn' : 'error'](message, fields);
}

/** Replaces request IDs and timestamps with `#`, so that failures with the same cause have equal messages. */
function withoutIds(message: string): string {
  return message.replace(/[\da-f-]{8,}/gi, '#');
}
