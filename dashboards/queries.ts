/** Label matchers that apply the dashboard variables. */
const accountMatchers = 'account=~"$account", provider=~"$provider"';
const domainMatchers = `${accountMatchers}, domain=~"$domain"`;
export const selected = {
  account: accountMatchers,
  domain: domainMatchers,
  stream: `${domainMatchers}, stream=~"$stream"`,
};

/** De-duplicates the series of several exporters that monitor the same streams. Apply it before any sum. */
export function once(expression: string): string {
  return `max without (instance, pod) (${expression})`;
}

/** Returns a gauge or info series of the selected streams. */
export function ofStreams(metric: string): string {
  return once(`${metric}{${selected.stream}}`);
}

/** Returns a gauge with one series per publisher; the best publisher represents the stream. */
export function ofPublishers(metric: string): string {
  return `max without (client_ip, instance, pod) (${metric}{${selected.stream}})`;
}

/** Returns the increase of a counter of the selected streams over the dashboard's time range. */
export function increaseOf(metric: string): string {
  return once(`increase(${metric}{${selected.stream}}[$__range])`);
}

/** Reduces an expression to one series per stream, without the labels that the scrape adds. */
export function byStream(expression: string): string {
  return `max by (account, provider, domain, app_name, stream) (${expression})`;
}

export const isUp = ofStreams('livestream_push_up');
export const isExpected = ofStreams('livestream_push_expected');
export const fps = ofPublishers('livestream_push_fps');
export const minFps = ofStreams('livestream_push_min_fps');
export const bitrate = ofPublishers('livestream_push_bitrate_bps');
export const minBitrate = ofStreams('livestream_push_min_bitrate_bps');

/** Streams whose current frame rate or bit rate is below its limit. */
export const degraded = `(${fps} < ${minFps} or ${bitrate} < ${minBitrate})`;

/** Counts series. Returns 0 only if at least one stream has a known state, and no value otherwise. */
export function countOrZero(expression: string): string {
  return `count(${expression}) or 0 * count(${isUp})`;
}

const bad = increaseOf('livestream_push_bad_seconds_total');
const missing = increaseOf('livestream_push_missing_seconds_total');
const observed = increaseOf('livestream_push_observed_seconds_total');

/** Returns the increase of the observed time whose samples contain `value`, without the label `value`. */
function measured(value: 'fps' | 'bitrate'): string {
  const metric = `livestream_push_measured_seconds_total{${selected.stream}, value="${value}"}`;
  return `sum without (value) (${once(`increase(${metric}[$__range])`)})`;
}

/** Exact means over the time range. Samples without the value count in neither part. */
export const meanFps = `${increaseOf('livestream_push_frames_total')} / (${measured('fps')} > 0)`;
export const meanBitrate = `8 * ${increaseOf('livestream_push_bytes_total')} / (${measured('bitrate')} > 0)`;

/** Share of the time range in which a stream was bad or missing: the error ratio of an SLO. */
export const badShareByStream = `(${bad} + ${missing}) / (${observed} + ${missing} > 0)`;
export const badShareOfAll = `(sum(${bad}) + sum(${missing})) / (sum(${observed}) + sum(${missing}) > 0)`;

/** The ten streams with the most bad seconds, selected once for the whole graph (`@ end()`). */
export const worst = `topk(10, ${once(`increase(livestream_push_bad_seconds_total{${selected.stream}}[$__range] @ end())`)})`;

/** State of a stream: 2 missing, 1 degraded, 0 ok, -1 neither expected nor pushed; no value if it is unknown. */
export const state = `(${isUp} == 0 and ${isExpected} == 1) + 2 or ${degraded} * 0 + 1 or ${isUp} - 1`;
