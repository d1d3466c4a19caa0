/** Selects the series of the selected exporters: scrapes, process and state. */
export function ofExporter(metric: string): string {
  return `${metric}{job=~"$job", instance=~"$instance"}`;
}

/** Selects the series of the selected accounts at the selected exporters. */
export function ofAccount(metric: string, more?: string): string {
  return `${metric}{job=~"$job", instance=~"$instance", account=~"$account"${more === undefined ? '' : `, ${more}`}}`;
}

export const byCollector = (expression: string): string =>
  `max by (account, provider, collector) (${expression})`;

export const byAccount = (expression: string): string => `max by (account) (${expression})`;

export const byInstance = (expression: string): string => `max by (instance) (${expression})`;

/** Quantile of a histogram; absent if nothing was observed, which would be NaN. */
export function quantile(q: number, metric: string, by: readonly string[]): string {
  const rate = (name: string) => `rate(${ofAccount(name)}[$__rate_interval])`;
  const labels = by.join(', ');
  return `histogram_quantile(${q}, sum by (le, ${labels}) (${rate(`${metric}_bucket`)}) and on (${labels}) sum by (${labels}) (${rate(`${metric}_count`)}) > 0)`;
}
