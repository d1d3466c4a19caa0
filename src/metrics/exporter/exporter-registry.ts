import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Description of one of the exporter's own metrics. Tests compare docs, dashboards and rules with these
 * descriptions.
 */
export interface ExporterMetric {
  /** Name of the metric as in its value lines: the name of a counter ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labelNames: readonly string[];
}

/**
 * Creates a prom-client registry with the exporter's own metrics. `list` contains the metrics in rendering
 * order.
 */
export function defineExporterMetrics() {
  const registry = new Registry();
  const metrics = {
    ...defineApiMetrics(registry),
    collectorGauges: defineCollectorGauges(registry),
    ...defineSampleMetrics(registry),
    ...defineProcessMetrics(registry),
  };
  // The cast is necessary because prom-client's types omit `labelNames` and declare `type`, which is a
  // string, as a numeric enum.
  const list = registry.getMetricsAsArray() as unknown as readonly ExporterMetric[];
  return { registry, list, ...metrics };
}

/** Returns constructors of counters, gauges and histograms that have the labels `labelNames`. */
function metricsWith<Label extends string>(registry: Registry, labelNames: readonly Label[]) {
  const common = { labelNames, registers: [registry] };
  return {
    counter: (name: string, help: string) => new Counter<Label>({ ...common, name, help }),
    gauge(name: string, help: string) {
      const metric = new Gauge<Label>({ ...common, name, help });
      // prom-client sets a new gauge without labels to 0. Remove this value, because the real value is
      // unknown until it is set.
      if (labelNames.length === 0) metric.remove();
      return metric;
    },
    histogram: (name: string, help: string, buckets: number[]) =>
      new Histogram<Label>({ ...common, name, help, buckets }),
  };
}

const account = ['account', 'provider'] as const;
const operation = [...account, 'operation'] as const;
const collector = [...account, 'collector'] as const;

function defineApiMetrics(registry: Registry) {
  const { counter, gauge, histogram } = metricsWith(registry, operation);
  return {
    requests: counter('livestream_api_requests_total', 'Total number of requests sent to the provider.'),
    failures: metricsWith(registry, [...operation, 'kind']).counter(
      'livestream_api_request_failures_total',
      'Total number of failed requests, by kind: auth (credentials or permissions), refused (invalid request), throttled, unavailable (timeout, network or provider failure), malformed (unreadable response), internal (bug in the exporter).',
    ),
    requestDuration: histogram(
      'livestream_api_request_duration_seconds',
      'Duration of requests to the provider, including failed ones.',
      [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ),
    budget: gauge(
      'livestream_api_budget_requests_per_second',
      'Current rate limit of requests to the provider. Below the configured rate after the provider throttled.',
    ),
  };
}

function defineCollectorGauges(registry: Registry) {
  const { gauge } = metricsWith(registry, collector);
  return {
    targets: gauge('livestream_collector_targets', 'Number of targets that the collector polls.'),
    failing: gauge('livestream_collector_targets_failing', 'Number of targets whose last run failed.'),
    lastSuccessAt: gauge(
      'livestream_collector_last_success_timestamp_seconds',
      'Timestamp of the last successful run of the collector.',
    ),
    newestSampleAt: gauge(
      'livestream_collector_newest_sample_timestamp_seconds',
      'Timestamp of the newest sample of all streams of the collector, as reported by the provider. The series keeps its last value when the streams become stale.',
    ),
    intervalMs: gauge(
      'livestream_collector_interval_seconds',
      'Effective polling interval per target. Longer than configured if the request budget is too small.',
    ),
    runDurationMs: gauge(
      'livestream_collector_run_duration_seconds',
      'Duration of the last run of the collector.',
    ),
    clockBehindMs: gauge(
      'livestream_collector_clock_behind_seconds',
      'Seconds until all targets paused by a backward clock step are polled again. 0 if no target is paused.',
    ),
  };
}

function defineSampleMetrics(registry: Registry) {
  const { gauge, histogram } = metricsWith(registry, account);
  return {
    sampleDelay: histogram(
      'livestream_sample_delay_seconds',
      'Age of push samples when they are counted. Excludes samples of a catch-up.',
      [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300],
    ),
    expectedDelay: metricsWith(registry, collector).gauge(
      'livestream_expected_delay_seconds',
      'Normal time until new data is available at the provider, by collector, from the config.',
    ),
    skipped: metricsWith(registry, [...account, 'reason']).counter(
      'livestream_samples_skipped_total',
      'Total number of rows received but not counted, by reason: malformed, future (over a minute ahead), changed (same key, different values), late (older than the lookback), duplicate (repeated in one response).',
    ),
    clockOffset: gauge(
      'livestream_exporter_clock_offset_seconds',
      'Exporter clock minus provider clock, from the Date header of the last response. Beyond the tolerance (by default 25 s for push statistics, 60 s for control history), responses are discarded.',
    ),
    streamsDropped: metricsWith(registry, []).gauge(
      'livestream_streams_dropped',
      'Number of streams without series because they exceed limits.max_streams.',
    ),
  };
}

function defineProcessMetrics(registry: Registry) {
  const { counter, gauge } = metricsWith(registry, []);
  return {
    reloadSuccessful: gauge(
      'livestream_exporter_config_last_reload_successful',
      'Whether the last config load succeeded: 1 or 0.',
    ),
    reloadedAt: gauge(
      'livestream_exporter_config_last_reload_success_timestamp_seconds',
      'Timestamp of the last successful config load.',
    ),
    savedAt: gauge(
      'livestream_exporter_state_last_save_timestamp_seconds',
      'Timestamp of the last successful save of the state, including saves before a restart. Absent if it was never saved.',
    ),
    stateResets: counter(
      'livestream_exporter_state_resets_total',
      'Total number of losses found in the saved state at start, such as an unreadable row. The affected totals start at 0.',
    ),
    buildInfo: metricsWith(registry, ['version', 'nodeversion']).gauge(
      'livestream_exporter_build_info',
      'Information about the build, always 1: the versions of the exporter and of Node.js.',
    ),
  };
}
