import { byStream, degradedNow, identity, onStream, selectorOf } from '../queries.ts';
import { state as stateNumbers } from '../states.ts';

/** Selects the series of the selected accounts and domains. */
export const select = selectorOf('account=~"$account", domain=~"$domain"');

/**
 * Queries of the fleet. Filters for labels and the ingest node remove the streams that are known to have
 * another value: without a selection, no series has one, which costs little. Series are filtered before they
 * are grouped by stream, because grouping is the expensive part.
 */
export function fleetQueries(labels: readonly string[]) {
  const others = [
    ...labels.map((label) => select('livestream_stream_info', `${label}!~"$${label}"`)),
    select('livestream_push_info', 'server_ip!~"$server_ip"'),
  ].join(' or ');
  const filtered = (expression: string) => `((${expression}) unless ${onStream} (${others}))`;

  const up = select('livestream_push_up');
  const info = select('livestream_stream_info');
  const known = byStream(info);
  const anyKnown = `0 * count(${up})`;
  /** 0 only if the state of some stream is known. */
  const number = (expression: string) => `count(${filtered(expression)}) or ${anyKnown}`;
  const increase = (metric: string) => `increase(${select(metric)}[$__range])`;
  /** The larger number of each account: exporters that monitor an account monitor the same streams. */
  const countPerAccount = (expression: string) =>
    `sum(max by (account) (count by (account, instance) (${filtered(expression)})))`;
  const forbidden = `${byStream(select('livestream_control_forbidden'))} == 1`;
  const lastForbid = byStream(select('livestream_control_last_action_timestamp_seconds', 'action="forbid"'));

  return {
    streams: filtered(known),
    missing: number(
      `${byStream(`${up} < ${select('livestream_push_expected')}`)} unless ${onStream} ${up} == 1`,
    ),
    degraded: number(degradedNow(select)),
    unknown: `count(${filtered(byStream(`${info} unless ${onStream} ${up}`))}) or 0 * count(${info})`,
    up: `${countPerAccount(`${up} == 1 unless ${onStream} ${degradedNow(select)}`)} or ${anyKnown}`,
    /** Only of streams that exist now: the increase outlives the exporter by the time range. */
    badSeconds: byStream(
      `${increase('livestream_push_bad_seconds_total')} + ${increase('livestream_push_missing_seconds_total')} and ${onStream} ${info}`,
    ),
    fps: byStream(select('livestream_push_fps')),
    bitrate: byStream(select('livestream_push_bitrate_bps')),
    age: `time() - ${byStream(select('livestream_push_sample_timestamp_seconds'))}`,
    server: byStreamAnd('server_ip', select('livestream_push_info')),
    label: (label: string) => byStreamAnd(label, info),
    /** A domain whose control history is known has totals. */
    forbidden: `count(${forbidden}) or 0 * count(${select('livestream_control_domain_actions_total')})`,
    /** Time of the ban in ms; 0 if it is unknown. */
    forbiddenSince: `1000 * ${lastForbid} and ${onStream} ${forbidden} or ${onStream} 0 * (${forbidden})`,
    ...recordedQueries(filtered, known),
  };
}

/** Queries of the recorded state of each stream: computed for each point of a graph, it would cost seconds. */
function recordedQueries(filtered: (expression: string) => string, known: string) {
  const recorded = select('stream:livestream_push_state:max');
  const worst = `max_over_time(${recorded}[$__rate_interval])`;
  const inState = (name: keyof typeof stateNumbers) =>
    `count(${filtered(`${worst} == ${stateNumbers[name]}`)}) or 0 * count(${recorded})`;
  /** One series per stream with the label of the variable `by`, if the stream or its push has it. */
  const grouped = `(${byStreamAnd('$by', `${select('livestream_stream_info', '$by!=""')} or ${select('livestream_push_info', '$by!=""')}`)} or ${onStream} ${known})`;
  const overRange = (what: 'bad' | 'due', at = '') =>
    `sum_over_time(${select(`stream:livestream_push_${what}_seconds:increase5m`)}[$__range]${at})`;
  const rankOfState = `1e9 * ${recorded} @ end()`;
  const rank = `${rankOfState} + ${onStream} ${overRange('bad', ' @ end()')}`;
  return {
    state: filtered(recorded),
    /** As in the alerts on the error budget. */
    badShare: `sum(${filtered(overRange('bad'))}) / (sum(${filtered(overRange('due'))}) > 0)`,
    missingOverTime: inState('missing'),
    degradedOverTime: inState('degraded'),
    unknownOverTime: inState('unknown'),
    /** Number of streams by the label of the variable `by` and by state. */
    byGroup: `count_values by (group) ("state", label_replace(${grouped} * ${onStream} group_left () ${filtered(recorded)}, "group", "$1", "$by", "(.*)"))`,
    /**
     * The worst streams are selected once for the whole graph: by their state, then by their bad time
     * according to the rules, which is enough for an order.
     */
    timeline: `${worst} and ${onStream} topk(20, ${filtered(`${rank} or ${rankOfState}`)})`,
  };
}

function byStreamAnd(label: string, expression: string): string {
  return `max by (${identity.join(', ')}, ${label}) (${expression})`;
}
