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

/**
 * Returns a ratio of totals that grow at the same polls. Grafana's window is four scrapes or the step, whatever the minimum
 * interval of the panel is. A stream that is polled less often has windows without a poll, which would be holes in the
 * line while it is pushed; the ratio is that of the last minute there.
 */
function overWindow(ratio: (window: string) => string): string {
  return `(${ratio('$__rate_interval')} or ${ratio('1m')})`;
}

/** Exact mean: samples without the value count in neither part. */
export function mean(total: string, value: 'fps' | 'bitrate'): string {
  const measured = select('livestream_push_measured_seconds_total', `value="${value}"`);
  return overWindow(
    (window) =>
      `max(increase(${select(total)}[${window}]) / ignoring (value) (increase(${measured}[${window}]) > 0))`,
  );
}

/** Part of the pushed time, by a label of the total. */
export function partOfPushed(total: string, label: string): string {
  const observed = select('livestream_push_observed_seconds_total');
  return overWindow(
    (window) =>
      `max by (${label}) (increase(${select(total)}[${window}]) / ignoring (${label}) group_left () (increase(${observed}[${window}]) > 0))`,
  );
}

/** How much a total of the stream has grown in each interval of a graph. */
export function grown(metric: string): string {
  return `max(clamp_min(${select(metric)} - ${select(metric)} offset $__interval, 0))`;
}
