import type { Log } from '../log.ts';
import { type FailureKind, isRetryable } from '../model/answer.ts';
import type { Fields } from './fields.ts';

/** Logs a failure of a target when it starts, changes or ends, and not at each run. */
export interface ChangeLog {
  /** Reports a failed run of the target `key`. */
  failed(key: string, kind: FailureKind, message: string, fields?: Fields): void;
  /** Reports a successful run of the target `key`. */
  succeeded(key: string, fields?: Fields): void;
  /** Removes a target that is no longer polled. */
  forget(key: string): void;
}

/** Maximum number of targets that fail with the same kind and have log lines of their own. */
const maxNamed = 10;

interface Failing {
  readonly kind: FailureKind;
  /** The message without request IDs and timestamps. */
  readonly reason: string;
  /** Failures since the last success. */
  readonly failures: number;
  readonly isNamed: boolean;
}

/**
 * Creates the log of one collector; each line has the `common` fields. The first ten targets that fail with the same
 * kind are named. One line reports that more fail, and one that these have recovered, so an outage of a provider with
 * thousands of targets does not flood the log; `livestream_collector_targets_failing` has their number.
 */
export function createChangeLog(log: Log, common: Fields = {}): ChangeLog {
  const failing = new Map<string, Failing>();
  /** Numbers of failing targets by kind. */
  const counts = new Map<FailureKind, { named: number; unnamed: number }>();

  const countsOf = (kind: FailureKind) => {
    const count = counts.get(kind) ?? { named: 0, unnamed: 0 };
    counts.set(kind, count);
    return count;
  };

  /** Counts a failing target. Returns whether it is named. */
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
    failed(key, kind, message, fields = {}) {
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

    succeeded(key, fields = {}) {
      const before = forget(key);
      if (before?.isNamed) log.info('target recovered', { ...common, ...fields, failures: before.failures });
    },

    forget,
  };
}

/** Logs at `error` if somebody must act: a failure of this kind does not resolve itself. */
function logFailure(log: Log, kind: FailureKind, message: string, fields: Fields): void {
  log[isRetryable(kind) ? 'warn' : 'error'](message, fields);
}

/** Replaces request IDs and timestamps, so that equal failures have equal messages. */
function withoutIds(message: string): string {
  return message.replace(/[\da-f-]{8,}/gi, '#');
}
