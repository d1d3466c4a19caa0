import { colors, statPanel } from '../panels.ts';
import { once, selected } from '../queries.ts';

/** Whether the data in the rows below is complete and fresh: exporters, failures, budget and data age. */
export function exporterHealth() {
  const requests = `livestream_api_requests_total{${selected.account}}[$__rate_interval]`;
  const failures = `livestream_api_request_failures_total{${selected.account}}[$__rate_interval]`;
  const warningAndCritical = (warning: number, critical: number) => [
    { at: warning, color: colors.warning },
    { at: critical, color: colors.critical },
  ];
  return {
    id: 100,
    title: 'Exporter health',
    panels: [
      statPanel({
        id: 101,
        title: 'Exporters up',
        description: 'Exporters that Prometheus can scrape. If this is 0, all data below is old.',
        unit: 'none',
        base: colors.critical,
        steps: [{ at: 1, color: colors.ok }],
        noValue: 'no job',
        expression: 'sum(up{job="livestream-exporter"})',
      }),
      statPanel({
        id: 102,
        title: 'Targets failing',
        description: 'Streams and domains whose last run failed. Normally 0.',
        unit: 'none',
        steps: [{ at: 1, color: colors.critical }],
        expression: `sum(${once(`livestream_collector_targets_failing{${selected.account}}`)})`,
      }),
      statPanel({
        id: 103,
        title: 'Request failures',
        // Each exporter sends its own requests, so these are summed without de-duplication.
        description: 'Share of the requests to the providers that failed.',
        unit: 'percentunit',
        steps: warningAndCritical(0.01, 0.1),
        expression: `sum(rate(${failures})) / (sum(rate(${requests})) > 0)`,
      }),
      statPanel({
        id: 104,
        title: 'Budget usage',
        description:
          'Request rate divided by the budget, of the operation that is nearest to its limit. At 100 % streams are polled less often than configured, but no data is lost.',
        unit: 'percentunit',
        steps: warningAndCritical(0.8, 0.98),
        expression: `max(rate(${requests}) / livestream_api_budget_requests_per_second{${selected.account}})`,
      }),
      statPanel({
        id: 105,
        title: 'Data delay',
        description: '90th percentile of the age of push samples when they were counted.',
        unit: 's',
        steps: warningAndCritical(30, 60),
        expression: `histogram_quantile(0.9, sum by (le) (rate(livestream_sample_delay_seconds_bucket{${selected.account}}[$__rate_interval])))`,
      }),
      statPanel({
        id: 106,
        title: 'Time since last success',
        description: 'Time since the last successful run, of the collector for which it is longest.',
        unit: 's',
        steps: warningAndCritical(30, 60),
        expression: `max(time() - ${once(`livestream_collector_last_success_timestamp_seconds{${selected.account}}`)})`,
      }),
    ],
  };
}
