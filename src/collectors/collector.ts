import { isDeepStrictEqual } from 'node:util';
import { createChangeLog } from '../log/change-log.ts';
import type { InSlices } from '../model/slices.ts';
import type { EpochMs } from '../model/time.ts';
import type { CountedAnswer, RunContext } from '../polling/history.ts';
import { createPoller, type Poller, type RunResult } from '../polling/poller.ts';
import type { PollTarget } from '../polling/target-queue.ts';
import type { DomainInput, FailureInput, StreamInput } from '../status/inputs.ts';
import { createAnswerWarnings } from './answer-warnings.ts';
import { createClockSetback } from './clock-setback.ts';
import type { AccountTargets, CollectorParts } from './collector-parts.ts';
import { runDeadlineMs } from './sources.ts';

/**
 * Functions and settings that one question (kind of data) adds to the generic collector. `Target` is a target
 * in the config, and `T` the target as the poller polls it.
 */
export interface QuestionSpec<Target, T extends PollTarget, Row> {
  /** Value of the metric label `collector`. */
  readonly question: string;
  /** The provider's name of the API method. */
  readonly operation: string;
  /** Returns the targets of the question from all targets of the account. */
  targetsOf(targets: AccountTargets): readonly Target[];
  /** Returns the target as the poller polls it. */
  toPollTarget(target: Target): T;
  /** Returns the name of the target in logs. */
  nameOf(target: T): string;
  /**
   * Reports whether the target comes first at `now` (wall clock) if the rate limit is too small for all
   * targets.
   */
  hasPriority(target: T, now: EpochMs): boolean;
  /**
   * Starts or resumes the record of a target (its progress and totals), and creates the series of the target.
   */
  start(target: T, now: EpochMs): void;
  /** Applies changed settings of a target to its existing series. */
  update(target: T): void;
  /** Removes the series of a target. The record of the target stays for `limits.state_retention`. */
  stop(target: T): void;
  /**
   * Polls a target once. Rejects with a ProviderError if a request fails. A failed request changes no ledger.
   */
  run(target: T, now: EpochMs, signal: AbortSignal, context: RunContext<T, Row>): Promise<RunResult>;
  /** Functions that receive each counted answer of a target in the config. Listeners change no totals. */
  readonly listeners: readonly RowListener<T, Row>[];
  /**
   * Returns the time of the newest sample of all streams (epoch ms). undefined if no sample is known, or if
   * the question has no samples.
   */
  newestSampleAt?(): EpochMs | undefined;
  /** Returns how many streams a target occupies of `limits.max_streams`. */
  streamsOf(target: T): number;
  /** Returns the target as the status page shows it. `failure` is undefined if the target is not failing. */
  toStatus(target: T, failure: FailureInput | undefined): TargetStatus;
}

/** Function that receives each counted answer of a target. `now` is the wall time of the request. */
export type RowListener<T, Row> = (
  target: T,
  answer: CountedAnswer<Row>,
  now: EpochMs,
  context: RunContext<T, Row>,
) => void;

/** A target as the status page shows it. */
export interface TargetStatus {
  readonly stream?: StreamInput;
  readonly domain?: DomainInput;
}

/** Collector of one question (kind of data) at one account. */
export interface Collector {
  /** Value of the metric label `collector`. */
  readonly question: string;
  readonly poller: Pick<Poller<never>, 'start' | 'loop' | 'state' | 'resetBackoff'>;
  /** Returns the keys of all targets, in the order of the config. */
  keys(): Iterable<string>;
  /**
   * Adds, updates and removes targets until they are the targets of the new config. `now` is the wall time.
   * Works in slices, so that polls and scrapes continue. Do not call `apply` again before it has resolved.
   * Unchanged targets keep their records, series and due times. Rejects with the first error; some of the new
   * targets are then missing.
   */
  apply(targets: AccountTargets, now: EpochMs, inSlices: InSlices): Promise<void>;
  /** Returns how many streams all targets together occupy of `limits.max_streams`. */
  streams(): number;
  /** Returns all targets as the status page shows them, in the order of the config. */
  statuses(): readonly TargetStatus[];
  /** Sets the metrics of the collector itself, such as the number of its targets. */
  setState(): void;
}

/**
 * Creates the collector that polls one kind of data (such as push statistics) for one account. The spec
 * supplies everything that depends on the kind of data.
 */
export function createCollector<Target, T extends PollTarget, Row>(
  spec: QuestionSpec<Target, T, Row>,
  parts: Pick<CollectorParts, 'account' | 'limiterOf' | 'metrics' | 'log' | 'clock' | 'signal'>,
): Collector {
  const { question, operation } = spec;
  const { account, limiterOf, metrics, log, clock } = parts;
  const limiter = limiterOf(operation);
  const failureLog = createChangeLog(log, { account: account.account, operation });
  const reportWarnings = createAnswerWarnings(parts, metrics.exporter, operation);
  const clockSetback = createClockSetback(parts, operation);
  /** Last failure of each failing target, by target key. */
  const failures = new Map<string, FailureInput>();
  /** All targets by key, in the order of the config. */
  let targets = new Map<string, T>();

  const context: RunContext<T, Row> = {
    counted(target, answer, now) {
      // A target can be removed during its request. The record of a removed target counts the answer, but the
      // series of the target no longer exist.
      if (!targets.has(target.key)) return;
      clockSetback.resume(target.key);
      for (const listen of spec.listeners) listen(target, answer, now, context);
      reportWarnings(spec.nameOf(target), answer);
    },
    paused({ key }, until, now) {
      if (targets.has(key)) clockSetback.pause(key, until, now);
    },
    effectiveIntervalMs: () => poller.effectiveIntervalMs(),
    configuredIntervalMs: () => poller.configuredIntervalMs(),
  };

  const poller = createPoller<T>({
    ...parts,
    ...limiter,
    run: (target, now, signal) => spec.run(target, now, signal, context),
    hasPriority: spec.hasPriority,
    onSuccess(target) {
      const name = spec.nameOf(target);
      failures.delete(target.key);
      failureLog.succeeded(name, { target: name });
    },
    onFailure(target, { kind, message, stack }) {
      const name = spec.nameOf(target);
      failures.set(target.key, { kind, message, at: clock.now() });
      failureLog.failed(name, kind, message, { target: name, ...(stack && { stack }) });
    },
    runDeadlineMs,
  });

  function remove(target: T): void {
    const { key } = target;
    spec.stop(target);
    failures.delete(key);
    failureLog.forget(spec.nameOf(target));
    clockSetback.resume(key);
    // Remove the target last: if an earlier step fails, the next config repeats the removal.
    targets.delete(key);
  }

  async function apply(wanted: AccountTargets, now: EpochMs, inSlices: InSlices): Promise<void> {
    const next = new Map<string, T>();
    await inSlices(spec.targetsOf(wanted), (target) => {
      const pollTarget = spec.toPollTarget(target);
      next.set(pollTarget.key, pollTarget);
    });
    const removed = [...targets.values()].filter(({ key }) => !next.has(key));
    // Stop polling the removed targets before any other step.
    for (const { key } of removed) poller.remove(key);
    await inSlices(removed, remove);

    const added: T[] = [];
    await inSlices([...next.values()], (target) => {
      const known = targets.get(target.key);
      if (known !== undefined && isDeepStrictEqual(known, target)) {
        // Keep the old object: identical strings make the lookups of the hot path fast, and the new copy
        // becomes garbage.
        next.set(target.key, known);
        return;
      }
      // Add the target before it starts: if the start fails, the next config can remove the target.
      targets.set(target.key, target);
      if (known === undefined) {
        spec.start(target, now);
        added.push(target);
      } else {
        spec.update(target);
        poller.update(target);
      }
    });
    // At this point, `next` has the targets of `targets`, but in the order of the config.
    targets = next;
    poller.add(added);
  }

  return {
    question,
    poller,
    keys: () => targets.keys(),
    apply,
    streams: () => targets.values().reduce((sum, target) => sum + spec.streamsOf(target), 0),
    statuses: () => [...targets.values()].map((target) => spec.toStatus(target, failures.get(target.key))),
    setState() {
      const { effectiveIntervalMs, lastRunMs, ...state } = poller.state();
      metrics.exporter.setBudget({ ...account, operation }, limiter.perSecond());
      metrics.exporter.setCollector(
        { ...account, collector: question },
        {
          ...state,
          newestSampleAt: spec.newestSampleAt?.(),
          intervalMs: effectiveIntervalMs,
          runDurationMs: lastRunMs,
          clockBehindMs: clockSetback.behindMs(clock.now()),
        },
      );
    },
  };
}

/**
 * Returns the source, which must exist. A reload never removes the source of a question that the account
 * answered before.
 */
export function presentSource<T>(source: T | undefined): T {
  if (source === undefined) throw new Error('the account no longer has a source for this question');
  return source;
}
