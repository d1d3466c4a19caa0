import { selectorOf } from '../queries.ts';

/** Selects the series of the selected exporters: scrapes, process and state. */
export const ofExporter = selectorOf('job=~"$job", instance=~"$instance"');

/** Selects the series of the selected accounts at the selected exporters. */
export const ofAccount = selectorOf('job=~"$job", instance=~"$instance", account=~"$account"');

export const byCollector = (expression: string): string =>
  `max by (account, provider, collector) (${expression})`;

/** Time since the last successful poll of each collector, in seconds. */
export const sinceSuccess = `time() - ${byCollector(ofAccount('livestream_collector_last_success_timestamp_seconds'))}`;

/** Polling interval of each collector, in seconds. */
export const interval = byCollector(ofAccount('livestream_collector_interval_seconds'));

/** Part of the time that LivestreamCollectorFailing allows since the last successful poll; from 1 on, it fires. */
export const overdue = `(${sinceSuccess}) / (60 + 3 * ${interval})`;

export const byAccount = (expression: string): string => `max by (account) (${expression})`;

export const byInstance = (expression: string): string => `max by (instance) (${expression})`;

/** Quantile of a histogram; absent if nothing was observed, which would be NaN. */
export function quantile(q: number, metric: string, by: readonly string[]): string {
  const rate = (name: string) => `rate(${ofAccount(name)}[$__rate_interval])`;
  const labels = by.join(', ');
  return `histogram_quantile(${q}, sum by (le, ${labels}) (${rate(`${metric}_bucket`)}) and on (${labels}) sum by (${labels}) (${rate(`${metric}_count`)}) > 0)`;
}
