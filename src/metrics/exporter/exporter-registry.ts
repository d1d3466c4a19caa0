import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One of the exporter's own metrics. Tests compare docs, dashboards and rules with the list of them. */
export interface ExporterMetric {
  /** Name on its lines, so that of a counter ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

const account = ['account', 'provider'] as const;
const operation = [...account, 'operation'] as const;
const collector = [...account, 'collector'] as const;

/** Creates a registry with the exporter's own metrics. The list has them in rendering order. */
export function defineExporterMetrics() {
  const definer = createDefiner();
  const metrics = {
    ...defineApiMetrics(definer),
    collectorGauges: defineCollectorGauges(definer),
    ...defineSampleMetrics(definer),
    ...defineProcessMetrics(definer),
  };
  return { registry: definer.registry, list: definer.list, ...metrics };
}

type Definer = ReturnType<typeof createDefiner>;

function createDefiner() {
  const registry = new Registry();
  const registers = [registry];
  const list: ExporterMetric[] = [];
  return {
    registry,
    list: list as readonly ExporterMetric[],
    counter<Label extends string>(name: string, help: string, labels: readonly Label[]) {
      list.push({ name, help, type: 'counter', labels });
      return new Counter<Label>({ name, help, labelNames: labels, registers });
    },
    gauge<Label extends string>(name: string, help: string, labels: readonly Label[]) {
      list.push({ name, help, type: 'gauge', labels });
      const metric = new Gauge<Label>({ name, help, labelNames: labels, registers });
      // prom-client starts a gauge without labels at 0, but unknown is not 0.
      if (labels.length === 0) metric.remove();
      return metric;
    },
    histogram<Label extends string>(
      name: string,
      help: string,
      { labels, buckets }: { labels: readonly Label[]; buckets: readonly number[] },
    ) {
      list.push({ name, help, type: 'histogram', labels });
      return new Histogram<Label>({ name, help, labelNames: labels, buckets: [...buckets], registers });
    },
  };
}

function defineApiMetrics({ counter, gauge, histogram }: Definer) {
  return {
    requests: counter(
      'livestream_api_requests_total',
      'Total number of requests sent to the provider.',
      operation,
    ),
    failures: counter(
      'livestream_api_request_failures_total',
      'Total number of failed requests, by kind: auth (credentials or permissions), refused (invalid request), throttled, unavailable (timeout, network or provider failure), malformed (unreadable response), internal (bug in the exporter).',
      [...operation, 'kind'],
    ),
    requestDuration: histogram(
      'livestream_api_request_duration_seconds',
      'Duration of requests to the provider, including failed ones.',
      { labels: operation, buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
    ),
    budget: gauge(
      'livestream_api_budget_requests_per_second',
      'Current rate limit of requests to the provider. Below the configured rate after the provider throttled.',
      operation,
    ),
  };
}

function defineCollectorGauges({ gauge }: Definer) {
  return {
    targets: gauge('livestream_collector_targets', 'Number of targets that the collector polls.', collector),
    failing: gauge(
      'livestream_collector_targets_failing',
      'Number of targets whose last run failed.',
      collector,
    ),
    lastSuccessAt: gauge(
      'livestream_collector_last_success_timestamp_seconds',
      'Timestamp of the last successful run of the collector.',
      collector,
    ),
    newestSampleAt: gauge(
      'livestream_collector_newest_sample_timestamp_seconds',
      'Timestamp of the newest sample of all streams of the collector, as reported by the provider. Stays when the streams become stale.',
      collector,
    ),
    intervalMs: gauge(
      'livestream_collector_interval_seconds',
      'Effective polling interval per target. Longer than configured if the request budget is too small.',
      collector,
    ),
    runDurationMs: gauge(
      'livestream_collector_run_duration_seconds',
      'Duration of the last run of the collector.',
      collector,
    ),
    clockBehindMs: gauge(
      'livestream_collector_clock_behind_seconds',
      'Seconds until all targets paused by a backward clock step are polled again. 0 if no target is paused.',
      collector,
    ),
  };
}

function defineSampleMetrics({ counter, gauge, histogram }: Definer) {
  return {
    sampleDelay: histogram(
      'livestream_sample_delay_seconds',
      'Age of push samples when they are counted. Excludes samples of a catch-up.',
      { labels: account, buckets: [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300] },
    ),
    expectedDelay: gauge(
      'livestream_expected_delay_seconds',
      'Normal time until new data is available at the provider, by collector, from the config.',
      [...account, 'collector'],
    ),
    skipped: counter(
      'livestream_samples_skipped_total',
      'Total number of rows received but not counted, by reason: malformed, future (over a minute ahead), changed (same key, different values), late (older than the lookback), duplicate (repeated in one response).',
      [...account, 'reason'],
    ),
    clockOffset: gauge(
      'livestream_exporter_clock_offset_seconds',
      'Exporter clock minus provider clock, from the Date header of the last response. Beyond the tolerance (by default 25 s for push statistics, 60 s for control history), responses are discarded.',
      account,
    ),
    streamsDropped: gauge(
      'livestream_streams_dropped',
      'Number of streams without series because they exceed limits.max_streams.',
      [],
    ),
  };
}

function defineProcessMetrics({ counter, gauge }: Definer) {
  return {
    reloadSuccessful: gauge(
      'livestream_exporter_config_last_reload_successful',
      'Whether the last config load succeeded: 1 or 0.',
      [],
    ),
    reloadedAt: gauge(
      'livestream_exporter_config_last_reload_success_timestamp_seconds',
      'Timestamp of the last successful config load.',
      [],
    ),
    savedAt: gauge(
      'livestream_exporter_state_last_save_timestamp_seconds',
      'Timestamp of the last successful save of the state, including saves before a restart. Absent if it was never saved.',
      [],
    ),
    stateResets: counter(
      'livestream_exporter_state_resets_total',
      'Total number of losses found in the saved state at start, such as an unreadable row. The affected totals start at 0.',
      [],
    ),
    buildInfo: gauge(
      'livestream_exporter_build_info',
      'Information about the build, always 1: the versions of the exporter and of Node.js.',
      ['version', 'nodeversion'],
    ),
  };
}
