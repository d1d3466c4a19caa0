import { collectDefaultMetrics } from 'prom-client';
import { type FailureKind, failureKinds } from '../../model/answer.ts';
import { type Question, questions } from '../../model/capabilities.ts';
import type { EpochMs } from '../../model/time.ts';
import type { Format } from '../table/text-format.ts';
import { defineExporterMetrics, type ExporterMetric } from './exporter-registry.ts';
import { registryText } from './registry-text.ts';

/**
 * Labels of an account. Type aliases, because prom-client needs an index signature, which an interface lacks.
 */
export type AccountLabels = { readonly account: string; readonly provider: string };
export type OperationLabels = AccountLabels & { readonly operation: string };
export type CollectorLabels = AccountLabels & { readonly collector: string };

/** How late rows normally appear, for each question that the account answers. */
export type ExpectedDelays = Readonly<Partial<Record<Question, number>>>;

/** Reason why a received row was not counted. */
export type SkipReason = 'malformed' | 'future' | 'changed' | 'late' | 'duplicate';

export const skipReasons: readonly SkipReason[] = ['malformed', 'future', 'changed', 'late', 'duplicate'];

/** State of a collector. An undefined value leaves its gauge unchanged. */
export interface CollectorState {
  readonly targets?: number | undefined;
  readonly failing?: number | undefined;
  readonly lastSuccessAt?: EpochMs | undefined;
  /** Over all streams of the collector. */
  readonly newestSampleAt?: EpochMs | undefined;
  /** The effective interval. */
  readonly intervalMs?: number | undefined;
  readonly runDurationMs?: number | undefined;
  /** Time that the wall clock is behind the watermarks. */
  readonly clockBehindMs?: number | undefined;
}

/**
 * The exporter's own metrics, in prom-client. Updates of an account that was not added, or was removed, are
 * no-ops.
 */
export interface ExporterMetrics {
  /**
   * Adds the counters of an account at 0, so that `increase()` sees the first failure. For a known account it
   * only sets the delays.
   */
  addAccount(account: AccountLabels, expectedDelayMs: ExpectedDelays): void;
  /** Adds the counters of an operation at 0. Idempotent. */
  addOperation(operation: OperationLabels): void;
  /** Removes all series of the account. */
  removeAccount(account: AccountLabels): void;
  /** Counts one finished request; `failure` is undefined if it succeeded. */
  countRequest(
    operation: OperationLabels,
    request: { tookMs: number; failure: FailureKind | undefined },
  ): void;
  setBudget(operation: OperationLabels, requestsPerSecond: number): void;
  setCollector(collector: CollectorLabels, state: CollectorState): void;
  /** Observes the age of a sample when it was counted. Do not call it during a catch-up. */
  observeSampleDelay(account: AccountLabels, delayMs: number): void;
  countSkipped(account: AccountLabels, reason: SkipReason, rows: number): void;
  /** Sets the exporter clock minus the provider clock. */
  setClockOffset(account: AccountLabels, offsetMs: number): void;
  setStreamsDropped(streams: number): void;
  /** Records a config load at `at`. After a failure the old config stays active. */
  setReload(at: EpochMs, successful: boolean): void;
  setStateSaved(at: EpochMs): void;
  countStateReset(): void;
  /** Renders all metrics without the last line of the format. */
  render(format: Format): Promise<string>;
  /** All livestream_ metrics, including those without a value. */
  readonly list: readonly ExporterMetric[];
}

/**
 * prom-client's sums by type: gauges with the suffix of a counter, which `promtool check metrics` rejects.
 */
const misnamedMetrics = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Labels of an account's series. */
interface KnownAccount {
  /** By operation. */
  readonly operations: Map<string, OperationLabels>;
  /** By collector. */
  readonly collectors: Map<string, CollectorLabels>;
}

export function createExporterMetrics({
  version,
  nodeVersion,
}: {
  version: string;
  nodeVersion: string;
}): ExporterMetrics {
  const defined = defineExporterMetrics();
  const { registry, list, requests, failures, requestDuration, budget, collectorGauges } = defined;
  const { sampleDelay, expectedDelay, skipped, clockOffset } = defined;
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedMetrics) registry.removeSingleMetric(name);
  defined.buildInfo.set({ version, nodeversion: nodeVersion }, 1);

  // The cast is safe: Object.keys does not know the keys.
  const collectorValues = Object.keys(collectorGauges) as (keyof CollectorState)[];
  /** Accounts with series, by name. */
  const known = new Map<string, KnownAccount>();

  return {
    list,
    render: (format) => registryText(registry, format),
    addAccount(labels, expectedDelayMs) {
      for (const collector of questions) {
        const delayMs = expectedDelayMs[collector];
        if (delayMs !== undefined) expectedDelay.set({ ...labels, collector }, delayMs / 1000);
      }
      if (known.has(labels.account)) return;
      known.set(labels.account, { operations: new Map(), collectors: new Map() });
      sampleDelay.zero(labels);
      for (const reason of skipReasons) skipped.inc({ ...labels, reason }, 0);
    },
    addOperation(labels) {
      const series = known.get(labels.account);
      if (series === undefined || series.operations.has(labels.operation)) return;
      series.operations.set(labels.operation, labels);
      requests.inc(labels, 0);
      requestDuration.zero(labels);
      for (const kind of failureKinds) failures.inc({ ...labels, kind }, 0);
    },
    removeAccount(labels) {
      const series = known.get(labels.account);
      if (series === undefined) return;
      known.delete(labels.account);
      for (const collector of questions) expectedDelay.remove({ ...labels, collector });
      sampleDelay.remove(labels);
      clockOffset.remove(labels);
      for (const reason of skipReasons) skipped.remove({ ...labels, reason });
      for (const own of series.operations.values()) {
        requests.remove(own);
        requestDuration.remove(own);
        budget.remove(own);
        for (const kind of failureKinds) failures.remove({ ...own, kind });
      }
      for (const own of series.collectors.values()) {
        for (const metric of Object.values(collectorGauges)) metric.remove(own);
      }
    },
    countRequest(labels, { tookMs, failure }) {
      if (!known.has(labels.account)) return;
      requests.inc(labels);
      requestDuration.observe(labels, tookMs / 1000);
      if (failure !== undefined) failures.inc({ ...labels, kind: failure });
    },
    setBudget(labels, requestsPerSecond) {
      if (known.has(labels.account)) budget.set(labels, requestsPerSecond);
    },
    setCollector(labels, state) {
      const series = known.get(labels.account);
      if (series === undefined) return;
      series.collectors.set(labels.collector, labels);
      for (const name of collectorValues) {
        const value = state[name];
        if (value === undefined) continue;
        const isCount = name === 'targets' || name === 'failing';
        collectorGauges[name].set(labels, isCount ? value : value / 1000);
      }
    },
    observeSampleDelay(labels, delayMs) {
      if (known.has(labels.account)) sampleDelay.observe(labels, delayMs / 1000);
    },
    countSkipped(labels, reason, rows) {
      if (known.has(labels.account)) skipped.inc({ ...labels, reason }, rows);
    },
    setClockOffset(labels, offsetMs) {
      if (known.has(labels.account)) clockOffset.set(labels, offsetMs / 1000);
    },
    setStreamsDropped: (streams) => defined.streamsDropped.set(streams),
    setReload(at, successful) {
      defined.reloadSuccessful.set(Number(successful));
      if (successful) defined.reloadedAt.set(at / 1000);
    },
    setStateSaved: (at) => defined.savedAt.set(at / 1000),
    countStateReset: () => defined.stateResets.inc(),
  };
}
