import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { definePostingMetrics } from './posting-metrics.ts';

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
    posting: definePostingMetrics(registry),
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
    requests: counter(
      'livestream_api_requests_total',
      'Total number of requests that the exporter sent to the provider, including failed requests and retries.',
    ),
    failures: metricsWith(registry, [...operation, 'kind']).counter(
      'livestream_api_request_failures_total',
      'Total number of failed requests to the provider, by kind: auth (wrong or expired key, missing permission, or wrong clock), refused (the request is invalid for the provider), throttled (too many requests), unavailable (timeout, network failure or failure at the provider), malformed (unreadable response), internal (bug in the exporter, or too many open files).',
    ),
    requestDuration: histogram(
      'livestream_api_request_duration_seconds',
      'Duration of requests to the provider in seconds, including failed requests.',
      [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ),
    budget: gauge(
      'livestream_api_budget_requests_per_second',
      'Current maximum number of requests per second that the exporter sends to the provider. After the provider throttles requests, the value is below requests_per_second of the config for a while.',
    ),
  };
}

function defineCollectorGauges(registry: Registry) {
  const { gauge } = metricsWith(registry, collector);
  return {
    targets: gauge(
      'livestream_collector_targets',
      'Number of targets (streams, domains or applications) that the collector polls. Collectors: push_stats (push samples of streams), control_history (control actions of domains), online_streams (lists of live streams), live_push_stats (lists of live pushes) and forbidden_streams (lists of forbidden streams).',
    ),
    failing: gauge(
      'livestream_collector_targets_failing',
      'Number of targets (streams, domains or applications) of the collector whose last poll failed. Collectors: push_stats (push samples of streams), control_history (control actions of domains), online_streams (lists of live streams), live_push_stats (lists of live pushes) and forbidden_streams (lists of forbidden streams).',
    ),
    publishersDropped: gauge(
      'livestream_collector_publishers_dropped',
      'Number of live publishers that have no series, because at most 16 publishers of a stream have series. Their samples are counted in all totals. Only the collector push_stats (push samples of streams) has this series.',
    ),
    lastSuccessAt: gauge(
      'livestream_collector_last_success_timestamp_seconds',
      'Timestamp of the last successful poll by the collector, in Unix seconds. The series is absent before the first successful poll, and while the collector has no targets. Collectors: push_stats (push samples of streams), control_history (control actions of domains), online_streams (lists of live streams), live_push_stats (lists of live pushes) and forbidden_streams (lists of forbidden streams).',
    ),
    newestSampleAt: gauge(
      'livestream_collector_newest_sample_timestamp_seconds',
      'Timestamp of the newest push sample among all streams that the collector polls, in Unix seconds, as reported by the provider. The series keeps its last value while no newer sample arrives. Only the collector push_stats (push samples of streams) has this series.',
    ),
    intervalMs: gauge(
      'livestream_collector_interval_seconds',
      'Time in seconds between two polls of the same target by the collector. The value is above the configured interval while the rate limit is too low to poll each target once per configured interval. Additional requests for the newest data during a catch-up, and for empty time ranges, also use the rate limit. Collectors: push_stats (push samples of streams), control_history (control actions of domains), online_streams (lists of live streams), live_push_stats (lists of live pushes) and forbidden_streams (lists of forbidden streams).',
    ),
    runDurationMs: gauge(
      'livestream_collector_run_duration_seconds',
      'Duration in seconds of the last poll by the collector, successful or failed. A poll requests the data of one target. Collectors: push_stats (push samples of streams), control_history (control actions of domains), online_streams (lists of live streams), live_push_stats (lists of live pushes) and forbidden_streams (lists of forbidden streams).',
    ),
    clockBehindMs: gauge(
      'livestream_collector_clock_behind_seconds',
      'Time in seconds until the collector again polls all targets that are paused. Targets pause after the clock of the exporter was set back. The value is 0 if no target is paused. Collectors: push_stats (push samples of streams), control_history (control actions of domains), online_streams (lists of live streams), live_push_stats (lists of live pushes) and forbidden_streams (lists of forbidden streams).',
    ),
    effectiveDelayMs: gauge(
      'livestream_collector_effective_delay_seconds',
      'Time in seconds until the provider can return new data to the collector: expected_delay from the config, or the longest delay that the exporter has observed lately, if that is longer. Only the collector push_stats (push samples of streams) has this series.',
    ),
    lagMs: gauge(
      'livestream_collector_lag_seconds',
      'Time in seconds by which the newest push sample among all streams of the collector is older than livestream_collector_effective_delay_seconds, while several streams have stopped at the same time although requests succeed. Otherwise, and after 15 minutes, the value is 0. Only the collector push_stats (push samples of streams) has this series.',
    ),
  };
}

function defineSampleMetrics(registry: Registry) {
  const { gauge, histogram } = metricsWith(registry, account);
  return {
    sampleDelay: histogram(
      'livestream_sample_delay_seconds',
      'Age of push samples in seconds when the exporter counts them, or 0 if a sample is ahead of the exporter clock. Samples that the exporter requests late, for example after an outage, are not included.',
      [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300],
    ),
    expectedDelay: metricsWith(registry, collector).gauge(
      'livestream_expected_delay_seconds',
      'Normal time in seconds from the timestamp of a push sample or control action until the provider returns it, from expected_delay in the config. Collectors: push_stats (push samples of streams) and control_history (control actions of domains).',
    ),
    skipped: metricsWith(registry, [...account, 'reason']).counter(
      'livestream_samples_skipped_total',
      'Total number of rows (push samples or control actions) that the exporter received but did not count, by reason: malformed (unreadable), future (more than 60 s ahead of the exporter clock), changed (counted before with other values), late (too old to tell whether the row was counted before), duplicate (repeated in one response).',
    ),
    clockOffset: gauge(
      'livestream_exporter_clock_offset_seconds',
      'Exporter clock minus provider clock in seconds, from the Date header of the last response. If the clocks differ by more than a tolerance (by default 25 s for push samples, 60 s for control actions), the exporter discards the response.',
    ),
    streamsDropped: metricsWith(registry, []).gauge(
      'livestream_streams_dropped',
      'Number of streams that have no series now, because limits.max_streams of the config is reached and other streams have a place: streams of the config come first, then discovered streams in the order in which they appeared, then streams with the newest control actions. A stream that is known from control actions counts until it gets a place, or for 7 days after its last action.',
    ),
  };
}

function defineProcessMetrics(registry: Registry) {
  const { counter, gauge } = metricsWith(registry, []);
  return {
    reloadSuccessful: gauge(
      'livestream_exporter_config_last_reload_successful',
      'Whether the last load of the config succeeded: 1 if yes, 0 if no. While the value is 0, the previous config stays active.',
    ),
    reloadedAt: gauge(
      'livestream_exporter_config_last_reload_success_timestamp_seconds',
      'Timestamp of the last successful load of the config, in Unix seconds.',
    ),
    webReloadSuccessful: gauge(
      'livestream_exporter_web_config_last_reload_successful',
      'Whether the last load of the web config (--web.config.file) and the files that it names, such as a renewed certificate, succeeded: 1 if yes, 0 if no. While the value is 0, the previous files stay active. The series is absent without a web config.',
    ),
    savedAt: gauge(
      'livestream_exporter_state_last_save_timestamp_seconds',
      'Timestamp of the last successful save of the exporter state (totals and polling progress), in Unix seconds. The last save can be from before a restart. The series is absent if the state was never saved.',
    ),
    stateResets: counter(
      'livestream_exporter_state_resets_total',
      'Total number of losses (such as an unreadable row) that the exporter found in its saved state when it started. The totals that a loss affects start at 0 or at an older save.',
    ),
    stateRecreations: counter(
      'livestream_exporter_state_recreations_total',
      'Total number of times that the exporter found its state files deleted or replaced while it was running, and wrote all saved totals again.',
    ),
    buildInfo: metricsWith(registry, ['version', 'nodeversion']).gauge(
      'livestream_exporter_build_info',
      'Information about the build, in labels (versions of the exporter and of Node.js); the value is always 1.',
    ),
  };
}
