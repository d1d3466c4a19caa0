import { collectDefaultMetrics, type Gauge } from 'prom-client';
import { type FailureKind, failureKinds } from '../../model/answer.ts';
import { type Question, questions } from '../../model/capabilities.ts';
import type { EpochMs } from '../../model/time.ts';
import type { Format } from '../table/text-format.ts';
import { defineExporterMetrics, type ExporterMetric } from './exporter-registry.ts';
import { registryText } from './registry-text.ts';

/** Labels of what an account does. A type and not an interface, since prom-client wants an index. */
export type AccountLabels = { readonly account: string; readonly provider: string };
export type OperationLabels = AccountLabels & { readonly operation: string };
export type CollectorLabels = AccountLabels & { readonly collector: string };

/** How late rows normally appear, for each question that the account answers. */
export type ExpectedDelays = Readonly<Partial<Record<Question, number>>>;

/** Why a row that a provider told was not counted. */
export type SkipReason = 'malformed' | 'future' | 'changed' | 'late' | 'duplicate';

export const skipReasons: readonly SkipReason[] = ['malformed', 'future', 'changed', 'late', 'duplicate'];

/** What a collector says of itself; what is undefined is left as it was. */
export interface CollectorState {
  readonly targets?: number | undefined;
  readonly failing?: number | undefined;
  readonly lastSuccessAt?: EpochMs | undefined;
  /** Over all its streams. */
  readonly newestSampleAt?: EpochMs | undefined;
  /** The one that the budget allows. */
  readonly intervalMs?: number | undefined;
  readonly runDurationMs?: number | undefined;
  /** Behind what was asked already. */
  readonly clockBehindMs?: number | undefined;
}

/** The exporter's own metrics: few, so prom-client keeps them. */
export interface ExporterMetrics {
  /**
   * Creates the counters of the account at 0: a counter that appears with its first failure hides it from increase().
   * For a known account it only sets the expected delays.
   */
  addAccount(account: AccountLabels, expectedDelayMs: ExpectedDelays): void;
  /** Likewise; once more for the same operation changes nothing. */
  addOperation(operation: OperationLabels): void;
  /** Ends all series of the account. */
  removeAccount(account: AccountLabels): void;
  /** One request was answered, or failed in this way, after so long. */
  countRequest(
    operation: OperationLabels,
    request: { tookMs: number; failure: FailureKind | undefined },
  ): void;
  setBudget(operation: OperationLabels, requestsPerSecond: number): void;
  setCollector(collector: CollectorLabels, state: CollectorState): void;
  /** How old a sample was when it was counted. Of live polls only. */
  observeSampleDelay(account: AccountLabels, delayMs: number): void;
  countSkipped(account: AccountLabels, reason: SkipReason, rows: number): void;
  /** How far our clock is ahead of the provider's; below 0: behind. */
  setClockOffset(account: AccountLabels, offsetMs: number): void;
  setStreamsDropped(streams: number): void;
  /** The config was read again at `at`, and is in force where `successful`. */
  setReload(at: EpochMs, successful: boolean): void;
  setStateSaved(at: EpochMs): void;
  countStateReset(): void;
  /** All of them as text, but for the last line. */
  render(format: Format): Promise<string>;
  /** Every livestream_ metric there is, whether it has a value yet or not. */
  readonly list: readonly ExporterMetric[];
}

/** Gauges of prom-client with the suffix of a counter, sums of what is there by type: promtool would blame the page for them. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** By operation and by collector. */
interface KnownAccount {
  readonly operations: Map<string, OperationLabels>;
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
  for (const name of misnamed) registry.removeSingleMetric(name);
  defined.buildInfo.set({ version, nodeversion: nodeVersion }, 1);

  /** What has series, by account; what comes of an account after its end is dropped. */
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
      const had = known.get(labels.account);
      if (had === undefined || had.operations.has(labels.operation)) return;
      had.operations.set(labels.operation, labels);
      requests.inc(labels, 0);
      requestDuration.zero(labels);
      for (const kind of failureKinds) failures.inc({ ...labels, kind }, 0);
    },
    removeAccount(labels) {
      const had = known.get(labels.account);
      if (had === undefined) return;
      known.delete(labels.account);
      for (const collector of questions) expectedDelay.remove({ ...labels, collector });
      sampleDelay.remove(labels);
      clockOffset.remove(labels);
      for (const reason of skipReasons) skipped.remove({ ...labels, reason });
      for (const own of had.operations.values()) {
        requests.remove(own);
        requestDuration.remove(own);
        budget.remove(own);
        for (const kind of failureKinds) failures.remove({ ...own, kind });
      }
      for (const own of had.collectors.values()) {
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
      const { targets, failing, lastSuccessAt, newestSampleAt, intervalMs, runDurationMs, clockBehindMs } =
        state;
      const had = known.get(labels.account);
      if (had === undefined) return;
      had.collectors.set(labels.collector, labels);
      const set = (metric: Gauge<keyof CollectorLabels>, value: number | undefined) => {
        if (value !== undefined) metric.set(labels, value);
      };
      set(collectorGauges.targets, targets);
      set(collectorGauges.failing, failing);
      set(collectorGauges.lastSuccessAt, inSeconds(lastSuccessAt));
      set(collectorGauges.newestSampleAt, inSeconds(newestSampleAt));
      set(collectorGauges.intervalMs, inSeconds(intervalMs));
      set(collectorGauges.runDurationMs, inSeconds(runDurationMs));
      set(collectorGauges.clockBehindMs, inSeconds(clockBehindMs));
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

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
