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

/** What one question adds to the generic collector. `Target` is its target in the config. */
export interface QuestionSpec<Target, T extends PollTarget, Row> {
  /** Value of the label `collector`. */
  readonly question: string;
  /** The provider's name of the API method. */
  readonly operation: string;
  targetsOf(targets: AccountTargets): readonly Target[];
  toPollTarget(target: Target): T;
  /** Name of the target in logs. */
  nameOf(target: T): string;
  /** Whether the target comes first if the rate limit is too small for all. */
  hasPriority(target: T, now: EpochMs): boolean;
  /** Starts or resumes the record and creates the series. */
  start(target: T, now: EpochMs): void;
  /** Applies changed settings of a target that is already watched. */
  update(target: T): void;
  /** Removes the series. The record stays for `limits.state_retention`. */
  stop(target: T): void;
  /** Polls once. Rejects with a ProviderError; a failed request changes no ledger. */
  run(target: T, now: EpochMs, signal: AbortSignal, context: RunContext<T, Row>): Promise<RunResult>;
  /** Receive each counted answer of a watched target, and never count. */
  readonly listeners: readonly RowListener<T, Row>[];
  /** Newest sample of all streams; undefined if unknown or if the question has no samples. */
  newestSampleAt?(): EpochMs | undefined;
  /** Number of streams that a target occupies of `limits.max_streams`. */
  streamsOf(target: T): number;
  toStatus(target: T, failure: FailureInput | undefined): TargetStatus;
}

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

/** Collects one question at one account. */
export interface Collector {
  readonly question: string;
  readonly poller: Pick<Poller<never>, 'start' | 'loop' | 'state' | 'resetBackoff'>;
  /** Keys of the targets, in the order of the config. */
  keys(): Iterable<string>;
  /**
   * Adds, updates and removes targets until they are the wanted ones. Works in slices, so that polls and scrapes continue;
   * do not call it again before it has resolved. Unchanged targets keep record, series and due time. Rejects with the
   * first error, and some of the new targets are missing then.
   */
  apply(targets: AccountTargets, now: EpochMs, inSlices: InSlices): Promise<void>;
  /** Number of streams that all targets occupy of `limits.max_streams`. */
  streams(): number;
  statuses(): readonly TargetStatus[];
  /** Sets the collector's metrics. */
  setState(): void;
}

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
  const failures = new Map<string, FailureInput>();
  /** By key, in the order of the config. */
  let targets = new Map<string, T>();

  const context: RunContext<T, Row> = {
    counted(target, answer, now) {
      // The target can have been removed during its request. Its record counts, but its series no longer exist.
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
    // Last, so that the next config completes a removal that failed.
    targets.delete(key);
  }

  async function apply(wanted: AccountTargets, now: EpochMs, inSlices: InSlices): Promise<void> {
    const next = new Map<string, T>();
    await inSlices(spec.targetsOf(wanted), (target) => {
      const pollTarget = spec.toPollTarget(target);
      next.set(pollTarget.key, pollTarget);
    });
    const removed = [...targets.values()].filter(({ key }) => !next.has(key));
    // First of all, removed targets are no longer polled.
    for (const { key } of removed) poller.remove(key);
    await inSlices(removed, remove);

    const added: T[] = [];
    await inSlices([...next.values()], (target) => {
      const known = targets.get(target.key);
      if (known !== undefined && isDeepStrictEqual(known, target)) {
        // The old object: identical strings make the lookups of the hot path fast, and the copy is garbage.
        next.set(target.key, known);
        return;
      }
      // First, so that the next config removes a target that was started in part.
      targets.set(target.key, target);
      if (known === undefined) {
        spec.start(target, now);
        added.push(target);
      } else {
        spec.update(target);
        poller.update(target);
      }
    });
    // Equal to `targets` now, but in the order of the config.
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

/** Returns the source. A reload never removes the source of a question that the account answered before. */
export function presentSource<T>(source: T | undefined): T {
  if (source === undefined) throw new Error('the account no longer has a source for this question');
  return source;
}
