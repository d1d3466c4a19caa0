import { isDeepStrictEqual } from 'node:util';
import { createBugLog } from '../log/bug-log.ts';
import { createChangeLog } from '../log/change-log.ts';
import { createGapLog } from '../log/gap-log.ts';
import type { InSlices } from '../model/slices.ts';
import type { EpochMs } from '../model/time.ts';
import type { RunContext } from '../polling/history.ts';
import { createPoller, type Poller } from '../polling/poller.ts';
import type { PollTarget } from '../polling/target-queue.ts';
import type { FailureInput } from '../status/inputs.ts';
import { createAnswerWarnings } from './answer-warnings.ts';
import { createClockSetback } from './clock-setback.ts';
import { createCollectorMetrics } from './collector-metrics.ts';
import type { AccountTargets, CollectorParts } from './collector-parts.ts';
import type { QuestionSpec, TargetStatus } from './question-spec.ts';
import { runDeadlineMs } from './sources.ts';

/** Change of the targets of one collector. */
export interface TargetsDifference {
  readonly added: AccountTargets['push'];
  /** Target keys. */
  readonly removed: readonly string[];
}

/** Collector of one kind of data for one account. */
export interface Collector {
  /** Kind of data. It is the value of the metric label `collector`. */
  readonly question: string;
  readonly poller: Pick<Poller<never>, 'start' | 'loop' | 'state' | 'resetBackoff' | 'expedite' | 'dueInMs'>;
  /** Returns the keys of all targets, in the order of the config. */
  keys(): Iterable<string>;
  /**
   * Adds, updates and removes targets so that they match the new config. `now` is the wall clock time. Works
   * in slices, so that polls and scrapes continue meanwhile. Unchanged targets keep their records, series and
   * due times. Do not call `apply` again before it has settled. Rejects with the first error; some of the new
   * targets are then missing.
   */
  apply(targets: AccountTargets, now: EpochMs, inSlices: InSlices): Promise<void>;
  /**
   * Returns all targets in the form that the status page shows, in the order of the config. They are
   * converted when they are read, which can take several slices of the event loop. `apply` may run in
   * between.
   */
  statuses(): Iterable<TargetStatus>;
  /** Returns the target with this key in the form that the status page shows; undefined if there is none. */
  statusOf(targetKey: string): TargetStatus | undefined;
  /**
   * Adds and updates the targets `added`, and removes the targets with the keys `removed`, in slices. All
   * other targets stay as they are. As for `apply`, do not call it before an earlier call of either has
   * settled.
   */
  change(difference: TargetsDifference, now: EpochMs, inSlices: InSlices): Promise<void>;
  /**
   * Sets the metrics about the collector itself, such as the number of its targets, and logs which targets
   * fail. Call this method once a second.
   */
  setState(): void;
  /** Logs what was gathered for the log but not written yet. Call this method before the end. */
  flushLog(): void;
}

/**
 * Creates the collector of one kind of data (such as push statistics) for one account. `spec` contains
 * everything that depends on the kind of data.
 */
export function createCollector<Target, T extends PollTarget, Row>(
  spec: QuestionSpec<Target, T, Row>,
  parts: Pick<
    CollectorParts,
    'account' | 'limiterOf' | 'metrics' | 'requests' | 'runSlots' | 'log' | 'clock' | 'signal'
  >,
): Collector {
  const { question, operation } = spec;
  const { account, limiterOf, metrics, requests, log, clock } = parts;
  const limiter = limiterOf(operation);
  const common = { account: account.account, operation };
  const gapLog = createGapLog(log, common, clock);
  const failureLog = createChangeLog({
    log,
    common,
    clock,
    polling: () => {
      const { targets, effectiveIntervalMs } = poller.state();
      return { targets, roundMs: effectiveIntervalMs };
    },
  });
  const bugs = createBugLog(log, clock, common);
  const reportWarnings = createAnswerWarnings(parts, metrics.exporter, operation, gapLog);
  const clockSetback = createClockSetback(parts, operation);
  /** Last failure of each failing target, by target key. */
  const failures = new Map<string, FailureInput>();
  /** All targets by key, in the order of the config. */
  let targets = new Map<string, T>();

  const context: RunContext<T, Row> = {
    counted(target, answer, now) {
      // The target was removed during its request. The answer was still counted in its record, but its series
      // no longer exist.
      if (!targets.has(target.key)) return;
      clockSetback.resume(target.key);
      for (const listen of spec.listeners) listen(target, answer, now, context);
      reportWarnings(spec.nameOf(target), answer);
    },
    paused({ key }, until, now) {
      if (targets.has(key)) clockSetback.pause(key, until, now);
    },
    requested({ key }, outcome, now) {
      requests.add(key, now, outcome);
    },
    effectiveIntervalMs: () => poller.effectiveIntervalMs(),
    configuredIntervalMs: () => poller.configuredIntervalMs(),
  };

  const poller = createPoller<T>({
    ...parts,
    ...limiter,
    run: (target, now, signal) => spec.run(target, now, signal, context),
    hasPriority: spec.hasPriority,
    onBug: (error) => bugs.report('start of polls', error),
    onSuccess({ key }) {
      failures.delete(key);
      failureLog.succeeded(key);
    },
    onFailure(target, failure) {
      const { key } = target;
      const { kind, message } = failure;
      failures.set(key, { kind, message, at: clock.now() });
      failureLog.failed({ key, name: spec.nameOf(target) }, failure);
    },
    runDeadlineMs,
  });

  const setMetrics = createCollectorMetrics({
    metrics: metrics.exporter,
    operation: { ...account, operation },
    collector: { ...account, collector: question },
    poller,
    perSecond: limiter.perSecond,
    ownState: () => ({
      newestSampleAt: spec.newestSampleAt?.(),
      publishersDropped: spec.publishersDropped?.(),
      ...spec.delayState?.(clock.now()),
      clockBehindMs: clockSetback.behindMs(clock.now()),
    }),
  });

  function remove(target: T): void {
    const { key } = target;
    spec.stop(target);
    failures.delete(key);
    failureLog.forget(key);
    clockSetback.remove(key);
    // Delete the key last: if an earlier step fails, the next config repeats the removal.
    targets.delete(key);
  }

  /**
   * Starts a new target, or updates a known one. Reports whether the target is new, so that it must be
   * polled.
   */
  function addOrUpdate(target: T, now: EpochMs): boolean {
    const isNew = !targets.has(target.key);
    // Add the target to the map before it starts: if the start fails, the next config can remove the target.
    targets.set(target.key, target);
    if (isNew) spec.start(target, now);
    else {
      spec.update(target);
      poller.update(target);
    }
    return isNew;
  }

  async function change(difference: TargetsDifference, now: EpochMs, inSlices: InSlices): Promise<void> {
    const removed = difference.removed.flatMap((key) => targets.get(key) ?? []);
    for (const { key } of removed) poller.remove(key);
    await inSlices(removed, remove);
    const added: T[] = [];
    const wanted = spec.targetsOf({ push: difference.added, control: [], discovery: [] });
    await inSlices(wanted, (target) => {
      const pollTarget = spec.toPollTarget(target);
      if (addOrUpdate(pollTarget, now)) added.push(pollTarget);
    });
    await poller.addInSlices(added, inSlices);
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
        // Keep the old object. It contains the same strings as the maps, which makes lookups in the hot path
        // fast, and the new copies become garbage.
        next.set(target.key, known);
      } else if (addOrUpdate(target, now)) added.push(target);
    });
    // Now `next` contains the same targets as `targets`, but in the order of the config.
    targets = next;
    await poller.addInSlices(added, inSlices);
  }

  return {
    question,
    poller,
    keys: () => targets.keys(),
    apply,
    change,
    statusOf(targetKey) {
      const target = targets.get(targetKey);
      return target && spec.toStatus(target, failures.get(targetKey));
    },
    statuses: () => targets.values().map((target) => spec.toStatus(target, failures.get(target.key))),
    flushLog() {
      gapLog.flush();
      failureLog.flush();
    },
    setState() {
      gapLog.report();
      failureLog.report();
      setMetrics();
    },
  };
}

/**
 * Returns the source. It must exist, because a reload never removes the source of a kind of data from an
 * account that had it before.
 */
export function presentSource<T>(source: T | undefined): T {
  if (source === undefined) throw new Error('bug: the account no longer provides this kind of data');
  return source;
}
