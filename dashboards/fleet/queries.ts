import { byStream, identity, onStream, openFor, troubleState } from '../queries.ts';
import { state as stateNumbers } from '../states.ts';
import { causeSince } from './causes.ts';
import { ofAccount, select } from './select.ts';

/**
 * Queries of the fleet. Filters for labels and the ingest node remove the streams that are known to have
 * another value: without a selection, no series has one, which costs little. Series are filtered before they
 * are grouped by stream, because grouping is the expensive part.
 */
export function fleetQueries(labels: readonly string[]) {
  const others = (at = '') =>
    [
      ...labels.map((label) => `${select('livestream_stream_info', `${label}!~"$${label}"`)}${at}`),
      `${select('livestream_push_info', 'server_ip!~"$server_ip"')}${at}`,
    ].join(' or ');
  const filtered = (expression: string, at?: string) =>
    `((${expression}) unless ${onStream} (${others(at)}))`;

  const known = `max by (${[...identity, ...labels].join(', ')}) (${select('livestream_stream_info')})`;
  const bad = select('livestream_push_bad_seconds_total');
  /** Bad and missing time of each stream. It is a total, which the exporter keeps over restarts. */
  const badTotal = (at = '') => `${bad}${at} + ${select('livestream_push_missing_seconds_total')}${at}`;
  const forbidden = `${byStream(select('livestream_control_forbidden'))} == 1`;
  const lastForbid = byStream(select('livestream_control_last_action_timestamp_seconds', 'action="forbid"'));
  /** 0 only if the state of some stream is known; otherwise no number, which is shown as unknown. */
  const anyKnown = `0 * sum(${select(counted, `state!="${stateNumbers.unknown}"`)}) or 0 * sum(${select(counted)}) / 0`;
  const number = (name: keyof typeof stateNumbers, series = trouble) =>
    `count(${filtered(`${series} == ${stateNumbers[name]}`)}) or ${anyKnown}`;

  return {
    /** The rows of the table, with the labels of the config. */
    streams: filtered(known),
    missing: number('missing'),
    degraded: number('degraded'),
    interrupted: number('interrupted'),
    unknown: `count(${filtered(`${trouble} == ${stateNumbers.unknown}`)}) or 0 * sum(${select(counted)})`,
    up: number('up', recorded),
    /**
     * The difference to the begin of the time range, which costs a tenth of increase(). Of a stream that began later,
     * or whose total was lost: the sum according to the rules, whose windows of 5 minutes overlap five times; there are
     * only windows with bad time. Missing time counts late. So a missing stream has at least the time since its last
     * sample, and an interrupted stream has at least the time of its breaks. The total of an unknown stream says nothing
     * about now.
     */
    badSeconds: `((${badTotal()} - (${badTotal(' offset $__range')}) >= 0) or ${onStream} (${overRange('bad')} / 5 and ${onKnownDomain}) or ${onStream} 0 * ${bad}) unless ${onStream} (${trouble} == ${stateNumbers.unknown}) or ${openTime}`,
    // The table reduces these to one series per stream.
    fps: select('livestream_push_fps'),
    bitrate: select('livestream_push_bitrate_bps'),
    server: select('livestream_push_info'),
    /** A domain whose control history is known has totals. -1: no account has a control history. */
    forbidden: `count(${forbidden}) or 0 * count(${select('livestream_control_domain_actions_total')}) or 0 * count(${ofAccount('livestream_collector_targets')}) - 1 unless count(${ofAccount('livestream_collector_targets', 'collector="control_history"')} > 0)`,
    failing: failingRequests(),
    /** Time of the ban in ms; 0 if it is unknown. */
    forbiddenSince: `1000 * ${lastForbid} and ${onStream} ${forbidden} or ${onStream} 0 * (${forbidden})`,
    ...recordedQueries(filtered),
  };
}

/** States according to the recording rule. */
const recorded = select('stream:livestream_push_state:max');

/**
 * The states of streams in trouble only. A selector of one series per stream costs Prometheus 20 ms for 2,000 streams,
 * whatever is done with them; the number of such selectors is what a refresh costs.
 */
const trouble = select(troubleState);

/** Number of streams by domain and state. It ignores the filters for labels and the ingest node. */
const counted = 'domain:livestream_push_state:count';

/**
 * Alerts and recorded windows outlast the data of their streams. The table hides the rows of streams that are gone, but it
 * must also have no row if all are.
 */
const onKnownDomain = `on (account, provider, domain) ${select(counted)}`;

/** Its label makes it different from counted times of the stream, of which the larger one is shown. */
const openTime = `label_replace(${openFor(select)} and ${onStream} ${trouble}, "is", "open", "", "")`;

/** Sum of the windows of 5 minutes of each minute in the time range, according to the recording rules. */
function overRange(what: 'bad' | 'due', at = ''): string {
  return `sum_over_time(${select(`stream:livestream_push_${what}_seconds:increase5m`)}[$__range]${at})`;
}

/** Time in seconds after which missing time is counted. */
const maxUncounted = 960;

/**
 * Number of failed requests of the last 5 minutes by operation and kind, if many of the last 2 minutes failed, or if the
 * failure does not end by itself. A share of 5 minutes would be small when an outage begins. Each exporter sends its own
 * requests, so these are added.
 */
function failingRequests(): string {
  const labels = 'account, operation, kind';
  const failures = (range: string, more?: string) =>
    `sum by (${labels}) (increase(${ofAccount('livestream_api_request_failures_total', more)}[${range}]))`;
  const requests = `sum by (account, operation) (increase(${ofAccount('livestream_api_requests_total')}[2m]))`;
  const isMany = `${failures('2m')} / on (account, operation) group_left () ${requests} > 0.1`;
  return `round(${failures('5m', 'kind=~"auth|refused"')} or (${failures('5m')} and ${isMany})) > 0`;
}

/** Adds a condition to an expression, with an optional time at which its series are read. */
type Filter = (expression: string, at?: string) => string;

/** Queries of the recorded state of each stream: computed for each point of a graph, it would cost seconds. */
function recordedQueries(filtered: Filter) {
  const present = filtered(recorded);
  /** A line at zero for each state of trouble, while the state of some stream is recorded. */
  const zero = troubleStates
    .map((name) => `label_replace(vector(0), "state", "${stateNumbers[name]}", "", "")`)
    .join(' or ');
  /** The label of the variable `by`. Its value is the metric that has the label, if not all series of a stream have it. */
  const by = '${by:text}';
  const labeled = byStreamAnd(by, select('', `__name__=~"$by", ${by}!=""`));
  const atEnd = ' @ end()';
  const rankOfState = `1e9 * ${recorded}${atEnd}`;
  const rank = `${rankOfState} + ${onStream} ${overRange('bad', atEnd)}`;
  const worstStreams = `topk(20, ${filtered(`${rank} or ${rankOfState}`, atEnd)})`;
  /** Sum of the times of all streams in seconds, with what is not counted yet. */
  const withOpen = (counted: string) =>
    `${counted} + (sum(${filtered(`clamp_max(${openFor(select)}, ${maxUncounted})`)}) or vector(0))`;
  return {
    state: present,
    causeSince: `${causeSince(trouble)} and ${onKnownDomain}`,
    /** As in the alerts on the error budget, with the time that is not counted yet. */
    badShare: `(${withOpen(`(sum(${filtered(overRange('bad'))}) or vector(0)) / 5`)}) / ((${withOpen(`sum(${filtered(overRange('due'))}) / 5`)}) > 0)`,
    /** Number of streams by the number of their state, for each state of trouble. */
    troubleOverTime: `count_values("state", ${filtered(`max_over_time(${trouble}[$__rate_interval])`)}) or (${zero}) and on () group(${select(counted)})`,
    /** Number of streams by the label of the variable `by` and by state. A group without a name would look like a fault. */
    byGroup: `label_replace(count_values by (group) ("state", label_replace(${labeled} * ${onStream} group_left () ${present} or ${onStream} ${present}, "group", "$1", "${by}", "(.*)")), "group", "–", "group", "")`,
    /**
     * The worst streams are selected once for the whole graph: by their state, then by their bad time
     * according to the rules, which is enough for an order. Prometheus sorts series by their labels, so that the
     * label with the place is the order of the lanes; it has the same number of digits for all streams.
     */
    timeline: `max_over_time(${recorded}[$__rate_interval]) * ${onStream} group_left (${placeLabel}) count_values by (${identity.join(', ')}) ("${placeLabel}", 9e9 - ${worstStreams})`,
  };
}

/** States of trouble, the worst first. */
export const troubleStates = ['missing', 'degraded', 'interrupted', 'unknown'] as const;

/** First of all labels in the order of Prometheus. */
const placeLabel = '_place';

function byStreamAnd(label: string, expression: string): string {
  return `max by (${identity.join(', ')}, ${label}) (${expression})`;
}
