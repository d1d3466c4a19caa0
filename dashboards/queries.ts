import { state as stateNumbers } from './states.ts';

/** Labels that identify a stream. */
export const identity = ['account', 'provider', 'domain', 'app_name', 'stream'] as const;

const labels = identity.join(', ');

/** Matches two series of one stream. */
export const onStream = `on (${labels})`;

/**
 * Reduces an expression to one series per stream: several exporters can monitor it, and it can have several
 * publishers. Grouping is the expensive part of a query over time, so filter series before it.
 */
export function byStream(expression: string): string {
  return `max by (${labels}) (${expression})`;
}

/** Adds a label that contains all identifying ones, to join tables by. A line break cannot be part of a name. */
export function withKey(expression: string, keys: readonly string[]): string {
  return `label_join(${expression}, "key", "\\n", ${keys.map((key) => `"${key}"`).join(', ')})`;
}

/**
 * Returns how much a total has grown in each interval of a graph. Each event is in exactly one interval;
 * windows of rate() and increase() overlap, or miss what happens between them. After a counter reset, the
 * interval has 0. The totals of several exporters have different ages, so each is compared with itself: when one
 * of them returns, the difference between two of them is no event.
 */
export function growth(counter: string, by: readonly string[]): string {
  return `max by (${by.join(', ')}) (clamp_min(${counter} - ${counter} offset $__interval, 0))`;
}

/** The same, also over a change of the address of the exporter: then no series existed an interval ago. */
export function growthOverMoves(counter: string, by: readonly string[]): string {
  const group = (expression: string) => `max by (${by.join(', ')}) (${expression})`;
  const moved = `clamp_min(${group(counter)} - ${group(`${counter} offset $__interval`)}, 0)`;
  return `${growth(counter, by)} or ${moved}`;
}

/** Selects the series of a metric. */
export type Select = (metric: string, more?: string) => string;

/** Returns a function that selects the series with some matchers. */
export function selectorOf(matchers: string): Select {
  return (metric, more) => `${metric}{${matchers}${more === undefined ? '' : `, ${more}`}}`;
}

/**
 * Range in which bad samples make a stream degraded. It is the range of the recording rule of the state, and
 * contains two scrapes that are a minute apart.
 */
const lately = '2m';

/** Streams with bad samples lately. */
function degradedNow(select: Select): string {
  return byStream(`increase(${select('livestream_push_bad_seconds_total')}[${lately}]) > 0`);
}

/** Streams that are expected live, but not pushed. */
function missingNow(select: Select): string {
  return `${byStream(select('livestream_push_up'))} < ${byStream(select('livestream_push_expected'))}`;
}

/**
 * Streams whose push is interrupted again and again, and whose alert of a missing stream does not fire: in each break,
 * they are missing for a moment.
 */
export function interruptedNow(select: Select): string {
  const flapping = byStream(select('ALERTS_FOR_STATE', 'alertname="LivestreamPushFlapping"'));
  return `(${flapping} unless ${onStream} ${select('stream:livestream_push_missing:max')})`;
}

/** Returns the state of each stream, as a number of `state`. The recording rule of the state is the same. */
export function stateNow(select: Select): string {
  const up = byStream(select('livestream_push_up'));
  const known = byStream(select('livestream_stream_info'));
  const due = byStream(select('livestream_push_expected'));
  const interrupted = interruptedNow(select);
  return [
    `(${missingNow(select)}) * 0 + 4 unless ${onStream} ${interrupted}`,
    // Both outlast the last scrape of the exporter.
    `(${degradedNow(select)} * 0 + 3 or ${interrupted} * 0 + 2.5 and ${onStream} ${due} == 1) and ${onStream} ${known}`,
    up,
    `${known} * 0 + 2`,
  ].join(' or ');
}

/** Recorded states of streams in trouble only, and since when they are in them. */
export const troubleState = 'stream:livestream_push_trouble:max';
export const troubleBegin = 'stream:livestream_push_trouble_since_timestamp_seconds:max';

/** Time in seconds without samples that makes a stream interrupted: 30 % of five minutes. */
const minInterrupted = 90;

/**
 * Time in seconds within the time range that is missing, and counted later: since the last sample of each missing stream,
 * and at least the breaks that make a stream interrupted.
 */
export function openFor(select: Select): string {
  const state = select(troubleState);
  const since = `(${select(troubleBegin)} and ${onStream} (${state} == ${stateNumbers.missing}))`;
  return `clamp_max(time() - ${since} or 0 * (${state} == ${stateNumbers.interrupted}) + ${minInterrupted}, $__range_s)`;
}
