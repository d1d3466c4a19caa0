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
        description:
          'Number of exporters that Prometheus can scrape. If the value is 0, all data below is old: check that the exporter is running.',
        unit: 'none',
        base: colors.critical,
        steps: [{ at: 1, color: colors.ok }],
        noValue: 'no job',
        expression: 'sum(up{job="livestream-exporter"})',
      }),
      statPanel({
        id: 102,
        title: 'Failing targets',
        description:
          'Number of streams and domains whose last poll failed. Normally 0. The status page of the exporter shows each failure.',
        unit: 'none',
        steps: [{ at: 1, color: colors.critical }],
        expression: `sum(${once(`livestream_collector_targets_failing{${selected.account}}`)})`,
      }),
      statPanel({
        id: 103,
        title: 'Request failures',
        // Each exporter sends its own requests, so these are summed without de-duplication.
        description: 'Share of failed requests among all requests to the providers.',
        unit: 'percentunit',
        steps: warningAndCritical(0.01, 0.1),
        expression: `sum(rate(${failures})) / (sum(rate(${requests})) > 0)`,
      }),
      statPanel({
        id: 104,
        title: 'Budget usage',
        description:
          'Request rate divided by the allowed request rate, for the API operation that is nearest to its limit. At 100 %, streams are polled less often than configured, but no data is lost. Raise requests_per_second if the provider allows it.',
        unit: 'percentunit',
        steps: warningAndCritical(0.8, 0.98),
        expression: `max(rate(${requests}) / livestream_api_budget_requests_per_second{${selected.account}})`,
      }),
      statPanel({
        id: 105,
        title: 'Data delay',
        description:
          'Age of push samples when the exporter counted them: 90 % of the samples were younger than this value.',
        unit: 's',
        steps: warningAndCritical(30, 60),
        expression: `histogram_quantile(0.9, sum by (le) (rate(livestream_sample_delay_seconds_bucket{${selected.account}}[$__rate_interval])))`,
      }),
      statPanel({
        id: 106,
        title: 'Time since last success',
        description:
          'Time since the last successful poll of a collector. The panel shows the collector with the longest time. A collector polls one kind of data of one account.',
        unit: 's',
        steps: warningAndCritical(30, 60),
        expression: `max(time() - ${once(`livestream_collector_last_success_timestamp_seconds{${selected.account}}`)})`,
      }),
    ],
  };
}
