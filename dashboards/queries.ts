/** What the variables of the dashboard leave of the accounts, the domains and the streams. */
const ofAccount = 'account=~"$account", provider=~"$provider"';
const ofDomain = `${ofAccount}, domain=~"$domain"`;
export const selected = { account: ofAccount, domain: ofDomain, stream: `${ofDomain}, stream=~"$stream"` };

/** Several exporters may watch the same: whatever is summed is taken once. */
export function once(expression: string): string {
  return `max without (instance, pod) (${expression})`;
}

/** A gauge or the info of the selected streams. */
export function ofStreams(metric: string): string {
  return once(`${metric}{${selected.stream}}`);
}

/** A gauge that has a series for each publisher: the best of them speaks for the stream. */
export function ofPublishers(metric: string): string {
  return `max without (client_ip, instance, pod) (${metric}{${selected.stream}})`;
}

/** How much a counter of the selected streams grew in the time shown. */
export function grown(metric: string): string {
  return once(`increase(${metric}{${selected.stream}}[$__range])`);
}

/** One row of a table for each stream, whatever labels the scrape adds. */
export function byStream(expression: string): string {
  return `max by (account, provider, domain, app_name, stream) (${expression})`;
}

export const isUp = ofStreams('livestream_push_up');
export const isDue = ofStreams('livestream_push_expected');
export const fps = ofPublishers('livestream_push_fps');
export const minFps = ofStreams('livestream_push_min_fps');
export const bitrate = ofPublishers('livestream_push_bitrate_bps');
export const minBitrate = ofStreams('livestream_push_min_bitrate_bps');

/** Streams with too few frames or too few bits now. */
export const degraded = `(${fps} < ${minFps} or ${bitrate} < ${minBitrate})`;

/** How many series there are: 0 only while something is known of some stream. */
export function countKnown(expression: string): string {
  return `count(${expression}) or 0 * count(${isUp})`;
}

const bad = grown('livestream_push_bad_seconds_total');
const missing = grown('livestream_push_missing_seconds_total');
const observed = grown('livestream_push_observed_seconds_total');

/** The part of the time shown in which a stream was bad or missing: what a service level is made of. */
export const troubleByStream = `(${bad} + ${missing}) / (${observed} + ${missing} > 0)`;
export const troubleOfAll = `(sum(${bad}) + sum(${missing})) / (sum(${observed}) + sum(${missing}) > 0)`;

/** The ten streams that were bad for longest, chosen once for the whole of a graph. */
export const worst = `topk(10, ${once(`increase(livestream_push_bad_seconds_total{${selected.stream}}[$__range] @ end())`)})`;

/** 2 missing, 1 degraded, 0 well, -1 neither due nor pushed; no value where nothing is known. */
export const state = `(${isUp} == 0 and ${isDue} == 1) + 2 or ${degraded} * 0 + 1 or ${isUp} - 1`;
