import { type FailureKind, failureKinds } from '../../model/answer.ts';
import type { Question } from '../../model/capabilities.ts';
import { questions } from '../../model/operations.ts';
import type { EpochMs } from '../../model/time.ts';
import type { Format } from '../table/text-format.ts';
import { defineExporterMetrics } from './exporter-registry.ts';
import { createPostingMetrics } from './posting-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { registryText } from './registry-text.ts';

/**
 * Labels of an account. A type alias is used because prom-client requires an index signature, which an
 * interface does not have.
 */
export type AccountLabels = { readonly account: string; readonly provider: string };
/** Labels of an operation (API method) of an account. */
export type OperationLabels = AccountLabels & { readonly operation: string };
/** Labels of a collector, which polls one kind of data, such as push statistics, for one account. */
export type CollectorLabels = AccountLabels & { readonly collector: string };

/**
 * Time in ms after which a provider normally has the data of a moment, for each kind of data of the account.
 */
export type ExpectedDelays = Readonly<Partial<Record<Question, number>>>;

/** Reasons why a received row is not counted. */
export const skipReasons = ['malformed', 'future', 'changed', 'late', 'duplicate'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** State of a collector, as far as it is exposed. If a value is undefined, its gauge keeps its value. */
export interface CollectorState {
  /** Number of targets (streams or domains) that the collector polls. */
  readonly targets?: number | undefined;
  /** Number of targets whose last run failed. */
  readonly failing?: number | undefined;
  /** Number of live publishers without series, because their streams have too many publishers. */
  readonly publishersDropped?: number | undefined;
  /** Time of the last successful run (wall clock, epoch ms). */
  readonly lastSuccessAt?: EpochMs | undefined;
  /**
   * Measurement time of the newest sample of all streams of the collector (epoch ms), by the provider's
   * clock.
   */
  readonly newestSampleAt?: EpochMs | undefined;
  /** Effective interval in ms: the actual time between two polls of a target. */
  readonly intervalMs?: number | undefined;
  /** Duration of the last run in ms. */
  readonly runDurationMs?: number | undefined;
  /**
   * Time in ms until all targets that a backward clock step has paused are polled again. This is how far the
   * wall clock is behind the start of the latest of their next request windows.
   */
  readonly clockBehindMs?: number | undefined;
  /** The larger of the expected delay and the delay that was observed lately, in ms. */
  readonly effectiveDelayMs?: number | undefined;
  /** How far the newest sample of all streams is behind the effective delay, in ms. 0 if the account does not lag. */
  readonly lagMs?: number | undefined;
}

/** Values of a CollectorState that are numbers. All other values are times in ms. */
const countNames: ReadonlySet<keyof CollectorState> = new Set(['targets', 'failing', 'publishersDropped']);

export type ExporterMetrics = ReturnType<typeof createExporterMetrics>;

/** Labels of the series of an account, which are needed to remove the series. */
interface KnownAccount {
  /** Labels of those operations that have series, by operation name. */
  readonly operations: Map<string, OperationLabels>;
  /** Labels of those collectors that have series, by the value of the label `collector`. */
  readonly collectors: Map<string, CollectorLabels>;
}

/**
 * Creates the exporter's own metrics (API, collectors and process) with prom-client. An update is a no-op if
 * its account was never added or was removed.
 */
export function createExporterMetrics({
  version,
  nodeVersion,
}: {
  readonly version: string;
  readonly nodeVersion: string;
}) {
  const defined = defineExporterMetrics();
  const { registry, list, requests, failures, requestDuration, budget, collectorGauges } = defined;
  const { sampleDelay, expectedDelay, skipped, clockOffset } = defined;
  for (const metric of processMetrics()) registry.registerMetric(metric);
  defined.buildInfo.set({ version, nodeversion: nodeVersion }, 1);

  // The cast is safe: `collectorGauges` has exactly the keys of a CollectorState, but the type of
  // `Object.keys` is string[].
  const collectorValues = Object.keys(collectorGauges) as (keyof CollectorState)[];
  /** Accounts that have series, by account name. */
  const known = new Map<string, KnownAccount>();

  return {
    /** All metrics of the registry whose names start with livestream_, even those without a value. */
    list,
    /** Metrics about posting alerts. */
    posting: createPostingMetrics(defined.posting),
    /** Renders all metrics of the registry, without the last line of the format. */
    render: (format: Format) => registryText(registry, format),
    /**
     * Adds the counters of an account at 0, so that `increase()` sees the first failure. If the account was
     * already added, only sets its expected delays (ms).
     */
    addAccount(labels: AccountLabels, expectedDelayMs: ExpectedDelays) {
      for (const collector of questions) {
        const delayMs = expectedDelayMs[collector];
        if (delayMs !== undefined) expectedDelay.set({ ...labels, collector }, delayMs / 1000);
      }
      if (known.has(labels.account)) return;
      known.set(labels.account, { operations: new Map(), collectors: new Map() });
      sampleDelay.zero(labels);
      for (const reason of skipReasons) skipped.inc({ ...labels, reason }, 0);
    },
    /** Adds the counters of an operation at 0. No-op if the operation was already added. */
    addOperation(labels: OperationLabels) {
      const series = known.get(labels.account);
      if (series === undefined || series.operations.has(labels.operation)) return;
      series.operations.set(labels.operation, labels);
      requests.inc(labels, 0);
      requestDuration.zero(labels);
      for (const kind of failureKinds) failures.inc({ ...labels, kind }, 0);
    },
    /** Removes all series of the account, its operations and its collectors. */
    removeAccount(labels: AccountLabels) {
      const series = known.get(labels.account);
      if (series === undefined) return;
      known.delete(labels.account);
      for (const collector of questions) expectedDelay.remove({ ...labels, collector });
      sampleDelay.remove(labels);
      clockOffset.remove(labels);
      for (const reason of skipReasons) skipped.remove({ ...labels, reason });
      for (const own of series.operations.values()) {
        for (const metric of [requests, requestDuration, budget]) metric.remove(own);
        for (const kind of failureKinds) failures.remove({ ...own, kind });
      }
      for (const own of series.collectors.values()) {
        for (const metric of Object.values(collectorGauges)) metric.remove(own);
      }
    },
    /**
     * Counts one finished request that took `tookMs` milliseconds. `failure` is undefined if the request
     * succeeded.
     */
    countRequest(
      labels: OperationLabels,
      { tookMs, failure }: { tookMs: number; failure: FailureKind | undefined },
    ) {
      if (!known.has(labels.account)) return;
      requests.inc(labels);
      requestDuration.observe(labels, tookMs / 1000);
      if (failure !== undefined) failures.inc({ ...labels, kind: failure });
    },
    /** Sets the current rate limit of an operation, in requests per second. */
    setBudget(labels: OperationLabels, requestsPerSecond: number) {
      if (known.has(labels.account)) budget.set(labels, requestsPerSecond);
    },
    setCollector(labels: CollectorLabels, state: CollectorState) {
      const series = known.get(labels.account);
      if (series === undefined) return;
      series.collectors.set(labels.collector, labels);
      for (const name of collectorValues) {
        const value = state[name];
        if (value === undefined) continue;
        collectorGauges[name].set(labels, countNames.has(name) ? value : value / 1000);
      }
      // Without a target, the age of the last success means nothing, and no alert must rest on it.
      if (state.targets === 0) collectorGauges.lastSuccessAt.remove(labels);
    },
    /**
     * Adds the delay of a push sample to the histogram: the time in ms from the measurement of the sample
     * until it was counted. Do not call this method during a catch-up, because samples are then old even if
     * the provider is fast. A negative delay counts as 0: if a sample is ahead of the local clock, the sum of
     * the histogram must not decrease.
     */
    observeSampleDelay(labels: AccountLabels, delayMs: number) {
      if (known.has(labels.account)) sampleDelay.observe(labels, Math.max(0, delayMs) / 1000);
    },
    /** Adds the number of received rows that were not counted for `reason`. */
    countSkipped(labels: AccountLabels, reason: SkipReason, rows: number) {
      if (known.has(labels.account)) skipped.inc({ ...labels, reason }, rows);
    },
    /** Sets the clock offset of an account: exporter clock minus provider clock, in ms. */
    setClockOffset(labels: AccountLabels, offsetMs: number) {
      if (known.has(labels.account)) clockOffset.set(labels, offsetMs / 1000);
    },
    /** Sets the number of streams that have no series because they exceed `limits.max_streams`. */
    setStreamsDropped: (streams: number) => defined.streamsDropped.set(streams),
    /**
     * Records the result of loading the config at the time `at` (wall clock, epoch ms). After a failure, the
     * previous config stays active.
     */
    setReload(at: EpochMs, successful: boolean) {
      defined.reloadSuccessful.set(Number(successful));
      if (successful) defined.reloadedAt.set(at / 1000);
    },
    /** Records the result of loading the web config. After a failure, the previous one stays active. */
    setWebReload: (successful: boolean) => defined.webReloadSuccessful.set(Number(successful)),
    /** Sets the time of the last successful save of the state (wall clock, epoch ms). */
    setStateSaved: (at: EpochMs) => defined.savedAt.set(at / 1000),
    /** Counts one loss of saved state that was found at the start. */
    countStateReset: () => defined.stateResets.inc(),
    /** Counts that the state was written again, because its files were deleted or replaced. */
    countStateRecreation: () => defined.stateRecreations.inc(),
  };
}
