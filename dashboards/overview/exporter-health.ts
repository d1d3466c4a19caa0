import { colors, statPanel } from '../panels.ts';
import { once, selected } from '../queries.ts';

/** Whether what stands below can be trusted: exporters, failures, the budget, and how old the data is. */
export function canWeSee() {
  const requests = `livestream_api_requests_total{${selected.account}}[$__rate_interval]`;
  const failures = `livestream_api_request_failures_total{${selected.account}}[$__rate_interval]`;
  const warnAndAlarm = (warning: number, critical: number) => [
    { at: warning, color: colors.warning },
    { at: critical, color: colors.critical },
  ];
  return {
    id: 100,
    title: 'Can we see?',
    panels: [
      statPanel({
        id: 101,
        title: 'Exporters up',
        description: 'Exporters that Prometheus reaches. At 0 nothing below is of now.',
        unit: 'none',
        base: colors.critical,
        steps: [{ at: 1, color: colors.well }],
        noValue: 'none known',
        expression: 'sum(up{job="livestream-exporter"})',
      }),
      statPanel({
        id: 102,
        title: 'Targets failing',
        description: 'Streams and domains whose last question brought no answer. Should be 0.',
        unit: 'none',
        steps: [{ at: 1, color: colors.critical }],
        expression: `sum(${once(`livestream_collector_targets_failing{${selected.account}}`)})`,
      }),
      statPanel({
        id: 103,
        title: 'Requests failed',
        // Each exporter sends its own requests, so here they are summed.
        description: 'The part of the requests to the providers that brought no answer.',
        unit: 'percentunit',
        steps: warnAndAlarm(0.01, 0.1),
        expression: `sum(rate(${failures})) / (sum(rate(${requests})) > 0)`,
      }),
      statPanel({
        id: 104,
        title: 'Budget in use',
        description:
          'Requests sent, against what the budget allows, of the operation that is nearest to its limit. At 100 % streams are asked about less often; nothing is lost.',
        unit: 'percentunit',
        steps: warnAndAlarm(0.8, 0.98),
        expression: `max(rate(${requests}) / livestream_api_budget_requests_per_second{${selected.account}})`,
      }),
      statPanel({
        id: 105,
        title: 'Data delay',
        description: 'Nine of ten samples were younger than this when they were counted.',
        unit: 's',
        steps: warnAndAlarm(30, 60),
        expression: `histogram_quantile(0.9, sum by (le) (rate(livestream_sample_delay_seconds_bucket{${selected.account}}[$__rate_interval])))`,
      }),
      statPanel({
        id: 106,
        title: 'Since the last answer',
        description: 'Of the account that has been silent for longest.',
        unit: 's',
        steps: warnAndAlarm(30, 60),
        expression: `max(time() - ${once(`livestream_collector_last_success_timestamp_seconds{${selected.account}}`)})`,
      }),
    ],
  };
}
