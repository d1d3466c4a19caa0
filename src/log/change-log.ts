import type { Log } from '../log.ts';
import { type FailureKind, isRetryable } from '../model/answer.ts';
import { type Clock, secondMs } from '../model/time.ts';
import { causeOf } from './error-cause.ts';
import {
  createFailureGroup,
  type FailureGroup,
  maxNamed,
  type Polling,
  type Report,
} from './failure-group.ts';
import type { Fields } from './fields.ts';

/** Target (a stream or domain that is polled), as far as the log knows it. */
export interface LoggedTarget {
  readonly key: string;
  /** Name in the log. Several targets can have the same name. */
  readonly name: string;
}

/** Failed run of a target. */
export interface LoggedFailure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly stack?: string | undefined;
}

/**
 * Maximum number of causes that are distinguished at a time. The failures of each kind beyond it share one
 * group, so that messages that are always different cannot flood the log.
 */
const maxCauses = 20;

const messages: Readonly<Record<Report, string>> = {
  started: 'targets started to fail',
  changed: 'the failing targets changed',
  ended: 'targets no longer fail',
  passed: 'targets failed for a short time',
};

interface ChangeLogParts {
  readonly log: Log;
  /** Fields of each line. */
  readonly common?: Fields;
  readonly clock: Pick<Clock, 'elapsed'>;
  /** Returns the current state of the polling. */
  readonly polling: () => Polling;
}

interface Cause {
  readonly kind: FailureKind;
  readonly group: FailureGroup;
}

/**
 * Creates the failure log of one collector. It groups the failed runs by cause, which is the failure kind and
 * the message without numbers and IDs, and writes one line when targets start to fail, when the failing
 * targets change, and when they no longer fail. The lines have the number of targets, the names of at most
 * ten of them, and the newest message.
 */
export function createChangeLog({ log, common = {}, clock, polling }: ChangeLogParts) {
  const causes = new Map<string, Cause>();
  /** Causes of each failing target, by target key. More than one while its errors alternate. */
  const causesOfTarget = new Map<string, Cause[]>();

  function causeFor(kind: FailureKind, message: string, name: string): Cause {
    const key = `${kind} ${causeOf(message, name)}`;
    const id = causes.has(key) || causes.size < maxCauses ? key : kind;
    const cause = causes.get(id) ?? { kind, group: createFailureGroup() };
    causes.set(id, cause);
    return cause;
  }

  function write({ kind, group }: Cause, report: Report, now: number): void {
    const state = group.take(report, now);
    const { error, stack, failing, maxFailing, failures, durationMs, names, joined, recovered, moved } =
      state;
    const isOver = report === 'ended' || report === 'passed';
    // All targets were removed from the config, which is no recovery.
    if (isOver && recovered + moved === 0) return;
    const level = report === 'ended' ? 'info' : isRetryable(kind) ? 'warn' : 'error';
    const targets = isOver ? maxFailing : failing;
    log[level](messages[report], {
      ...common,
      kind,
      error,
      [isOver ? 'targets' : 'failing']: targets,
      ...(isOver && { failures, seconds: Math.round(durationMs / secondMs) }),
      ...(report === 'changed' && { started: joined || undefined }),
      ...(report !== 'started' && { recovered: recovered || undefined }),
      other_error: moved || undefined,
      ...(targets <= maxNamed && { target: names.join(', ') }),
      ...(targets > maxNamed && !isOver && { some_targets: names.join(', ') }),
      stack,
    });
  }

  return {
    /** Records a failed run of a target. */
    failed({ key, name }: LoggedTarget, failure: LoggedFailure): void {
      const now = clock.elapsed();
      const cause = causeFor(failure.kind, failure.message, name);
      cause.group.add(key, name, failure, now);
      const others = (causesOfTarget.get(key) ?? []).filter(
        (other) => other !== cause && !other.group.leaveIfPast(key, now, polling()),
      );
      causesOfTarget.set(key, [...others, cause]);
    },

    /** Records a successful run of a target. */
    succeeded(key: string): void {
      for (const { group } of causesOfTarget.get(key) ?? []) group.recover(key, clock.elapsed());
      causesOfTarget.delete(key);
    },

    /** Forgets a target that is no longer polled. */
    forget(key: string): void {
      for (const { group } of causesOfTarget.get(key) ?? []) group.forget(key);
      causesOfTarget.delete(key);
    },

    /** Writes the lines that are due. Call this method once a second. */
    report(): void {
      if (causes.size === 0) return;
      const now = clock.elapsed();
      for (const [id, cause] of causes) {
        const report = cause.group.due(now, polling());
        if (report !== undefined) write(cause, report, now);
        else if (cause.group.isOver(now)) causes.delete(id);
      }
    },

    /** Writes what was not reported yet. Call this method when the collector stops. */
    flush(): void {
      for (const cause of causes.values()) {
        const report = cause.group.unreported();
        if (report !== undefined) write(cause, report, clock.elapsed());
      }
    },
  };
}
