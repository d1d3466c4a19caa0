import { byStream, selectorOf } from '../queries.ts';

export const matchers = 'account=~"$account", domain=~"$domain", app_name=~"$app_name", stream="$stream"';

/** Selects the series of the selected stream. */
export const select = selectorOf(matchers);

/** Newest value of a gauge. */
export function gauge(metric: string): string {
  return byStream(select(metric));
}

/** Lowest value of a gauge in each interval of a graph, so that no interval hides a dip. */
export function lowest(metric: string): string {
  return `min(min_over_time(${select(metric)}[$__rate_interval]))`;
}

/** Exact mean: samples without the value count in neither part. */
export function mean(total: string, value: 'fps' | 'bitrate'): string {
  const measured = select('livestream_push_measured_seconds_total', `value="${value}"`);
  return `max(rate(${select(total)}[$__rate_interval]) / ignoring (value) (rate(${measured}[$__rate_interval]) > 0))`;
}

/** How much a total of the stream has grown in each interval of a graph. */
export function grown(metric: string): string {
  return `max(clamp_min(${select(metric)} - ${select(metric)} offset $__interval, 0))`;
}
