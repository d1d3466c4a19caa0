import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One of the exporter's own metrics, as pages, dashboards and rules are held against it. */
export interface ExporterMetric {
  /** As on its lines, so a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

const account = ['account', 'provider'] as const;
const operation = [...account, 'operation'] as const;
const collector = [...account, 'collector'] as const;

/** A registry of the exporter's own metrics: what each is called, says and carries. */
export function defineExporterMetrics() {
  const registry = new Registry();
  const list: ExporterMetric[] = [];

  const counter = <Label extends string>(name: string, help: string, labels: readonly Label[]) => {
    list.push({ name, help, type: 'counter', labels });
    return new Counter<Label>({ name, help, labelNames: labels, registers: [registry] });
  };
  const gauge = <Label extends string>(name: string, help: string, labels: readonly Label[]) => {
    list.push({ name, help, type: 'gauge', labels });
    const metric = new Gauge<Label>({ name, help, labelNames: labels, registers: [registry] });
    // Without labels prom-client begins at 0, but what never was is not 0.
    if (labels.length === 0) metric.remove();
    return metric;
  };
  const histogram = <Label extends string>(
    name: string,
    help: string,
    { labels, buckets }: { labels: readonly Label[]; buckets: readonly number[] },
  ) => {
    list.push({ name, help, type: 'histogram', labels });
    return new Histogram<Label>({
      name,
      help,
      labelNames: labels,
      buckets: [...buckets],
      registers: [registry],
    });
  };

  const requests = counter('livestream_api_requests_total', 'Requests sent to the provider.', operation);
  const failures = counter(
    'livestream_api_request_failures_total',
    'Requests that brought no answer, by kind: auth (who we are), refused (what we ask), throttled, unavailable (no answer in time, or a fault over there), malformed (an answer that is not understood), internal (a bug of the exporter).',
    [...operation, 'kind'],
  );
  const requestDuration = histogram(
    'livestream_api_request_duration_seconds',
    'How long requests to the provider took, failed ones too.',
    { labels: operation, buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  );
  const budget = gauge(
    'livestream_api_budget_requests_per_second',
    'How many requests may be sent now: less than configured after the provider throttled.',
    operation,
  );
  const collectorGauges = {
    targets: gauge('livestream_collector_targets', 'Targets that the collector asks about.', collector),
    failing: gauge(
      'livestream_collector_targets_failing',
      'Targets of the collector whose last run brought no answer.',
      collector,
    ),
    lastSuccessAt: gauge(
      'livestream_collector_last_success_timestamp_seconds',
      'When a run of the collector last brought an answer.',
      collector,
    ),
    newestSampleAt: gauge(
      'livestream_collector_newest_sample_timestamp_seconds',
      'The provider time of the newest sample over all streams of the collector; it stays when the streams go stale.',
      collector,
    ),
    intervalMs: gauge(
      'livestream_collector_interval_seconds',
      'How often the collector really asks about each target: more seldom than configured where the budget is too small.',
      collector,
    ),
    runDurationMs: gauge(
      'livestream_collector_run_duration_seconds',
      'How long the last run of the collector took.',
      collector,
    ),
    clockBehindMs: gauge(
      'livestream_collector_clock_behind_seconds',
      'How long some targets are not asked about since the clock was set back: until it has caught up with what was asked already. 0 as a rule.',
      collector,
    ),
  };
  const sampleDelay = histogram(
    'livestream_sample_delay_seconds',
    'How old push samples were when they were counted, without those that were caught up on.',
    { labels: account, buckets: [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300] },
  );
  const expectedDelay = gauge(
    'livestream_expected_delay_seconds',
    'Normal delay of rows by question, as configured with expected_delay.',
    [...account, 'collector'],
  );
  const skipped = counter(
    'livestream_samples_skipped_total',
    'Rows that were not counted, by reason: malformed, future (more than a minute ahead), changed (told again with other values), late (from before the lookback), duplicate (twice in one answer).',
    [...account, 'reason'],
  );
  const clockOffset = gauge(
    'livestream_exporter_clock_offset_seconds',
    'How far the clock of the exporter is ahead of the clock of the provider (below 0: behind), by the Date of its last answer. Too far off (25 s by default for push statistics, a minute for control history), its answers are not used.',
    account,
  );
  const streamsDropped = gauge(
    'livestream_streams_dropped',
    'Streams that are not shown, since there are more than limits.max_streams.',
    [],
  );
  const reloadSuccessful = gauge(
    'livestream_exporter_config_last_reload_successful',
    'Whether the config was in order when it was last read: 1 or 0.',
    [],
  );
  const reloadedAt = gauge(
    'livestream_exporter_config_last_reload_success_timestamp_seconds',
    'When the config in force was read.',
    [],
  );
  const savedAt = gauge(
    'livestream_exporter_state_last_save_timestamp_seconds',
    'When the state was last saved, also before a restart; absent before the first time.',
    [],
  );
  const stateResets = counter(
    'livestream_exporter_state_resets_total',
    'How often state was lost, so that totals began again at 0.',
    [],
  );
  const buildInfo = gauge(
    'livestream_exporter_build_info',
    'The version of the exporter and of Node, always 1.',
    ['version', 'nodeversion'],
  );

  return {
    registry,
    /** In the order in which they are drawn. */
    list,
    requests,
    failures,
    requestDuration,
    budget,
    collectorGauges,
    sampleDelay,
    expectedDelay,
    skipped,
    clockOffset,
    streamsDropped,
    reloadSuccessful,
    reloadedAt,
    savedAt,
    stateResets,
    buildInfo,
  };
}
