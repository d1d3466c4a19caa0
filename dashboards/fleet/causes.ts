import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { failureKinds } from '../../src/model/answer.ts';
import { beginOf, ranked, rankedAll } from '../alerts.ts';
import { identity, onStream, troubleBegin } from '../queries.ts';
import { state as stateNumbers } from '../states.ts';
import { type Say, text } from '../text.ts';
import { ofAccount, select } from './select.ts';

/** What is wrong with a stream, by the name of its alert. */
export const causeNames = {
  LivestreamForbidden: text('forbidden', '禁推'),
  LivestreamPushMissing: text('missing', '缺失'),
  LivestreamPushVideoStalled: text('no video', '无画面'),
  LivestreamPushFpsCollapsed: text('frame rate halved', '帧率骤降'),
  LivestreamPushFpsLow: text('low frame rate', '帧率低'),
  LivestreamPushBitrateLow: text('low bit rate', '码率低'),
  LivestreamPushTimestampJitter: text('timestamp jitter', '时间戳抖动'),
  LivestreamPushFlapping: text('interrupted', '时断时续'),
  LivestreamPushPublishersFighting: text('two publishers', '推流端争抢'),
  LivestreamPushEndedAbnormally: text('ended abnormally', '异常结束'),
  LivestreamCollectorFailing: text('requests fail', '请求失败'),
  LivestreamCollectorTargetsFailing: text('requests fail', '请求失败'),
  LivestreamProviderLagging: text('provider is late', '云厂商数据延迟'),
};

/** As on the status page. */
const requestsFail = (kind: string) => text(`requests fail: ${kind}`, `请求失败：${kind}`);

type AlertName = keyof typeof causeNames;

/** Alerts of a stream by their place, the last of which is first. */
const streamAlerts: readonly (readonly AlertName[])[] = [
  [
    'LivestreamPushFpsLow',
    'LivestreamPushBitrateLow',
    'LivestreamPushTimestampJitter',
    'LivestreamPushPublishersFighting',
    'LivestreamPushEndedAbnormally',
  ],
  ['LivestreamPushFlapping'],
  ['LivestreamPushVideoStalled', 'LivestreamPushFpsCollapsed'],
  ['LivestreamPushMissing'],
  ['LivestreamForbidden'],
];

/** Alerts that the requests for all targets of an account fail, or for some. */
const failingAlerts: readonly AlertName[] = [
  'LivestreamCollectorFailing',
  'LivestreamCollectorTargetsFailing',
];

/** Matches the alerts of the collectors that watch streams, and those without a collector. */
const ofStreamCollectors = 'collector=~"|push_stats|live_push_stats"';

/** Begin of the state of each stream in trouble, according to the recording rule. */
const troubleSince = select(troubleBegin);

/** Begins of firing and pending alerts, by stream or by account. */
function begins(labels: readonly string[], names: readonly AlertName[], more = ''): string {
  const series = select('ALERTS_FOR_STATE', `alertname=~"${names.join('|')}"${more}`);
  return `max by (${[...labels, 'alertname'].join(', ')}) (${series})`;
}

/** Begin of what is wrong with each stream that has one of the alerts: that of its state, otherwise that of the alert. */
function streamBegins(names: readonly AlertName[]): string {
  const alerts = begins(identity, names);
  return `(0 * ${alerts} + ${onStream} group_left () ${troubleSince} or ${alerts})`;
}

/** Begin of the ban of each forbidden stream: the last forbid, or the begin of the alert if no forbid is known. */
function forbiddenSince(): string {
  const alert = begins(identity, ['LivestreamForbidden']);
  const last = `max by (${identity.join(', ')}) (${select('livestream_control_last_action_timestamp_seconds', 'action="forbid"')} and ${onStream} ${alert})`;
  return `(0 * ${alert} + ${onStream} group_left () ${last} or ${alert})`;
}

/**
 * Rank of what is wrong with each stream, with the name of the alert: the cause first, then critical alerts, then the
 * oldest. An unknown stream has the alert of its account. A stream in trouble without an alert has no name. `state` is the
 * expression of the recorded states of trouble.
 */
function cause(state: string): string {
  const ofStreams = rankedAll([[], ...streamAlerts], (names) => {
    if (names.length === 0) return troubleSince;
    return names.includes('LivestreamForbidden') ? forbiddenSince() : streamBegins(names);
  });
  const unknown = `(${troubleSince} and ${onStream} ${state} == ${stateNumbers.unknown})`;
  const ofAccounts = `bottomk by (account, provider) (1, ${accountCauses()})`;
  const ofUnknown = ranked(
    2,
    `(${unknown} + on (account, provider) group_left (alertname) 0 * ${ofAccounts})`,
  );
  return `topk by (${identity.join(', ')}) (1, ${ofStreams} or ${ofUnknown})`;
}

/**
 * Begins of the alerts that explain why the streams of an account are unknown. If requests fail, the name ends with the
 * kind of most failures.
 */
function accountCauses(): string {
  const onAccount = 'on (account, provider)';
  const of = (...names: readonly AlertName[]) =>
    begins(['account', 'provider'], names, `, ${ofStreamCollectors}`);
  // The newest, if an account has several: all fail after some did.
  const failing = `topk by (account, provider) (1, ${of(...failingAlerts)})`;
  const kinds = `topk by (account, provider) (1, sum by (account, provider, kind) (increase(${ofAccount('livestream_api_request_failures_total')}[5m])) > 0)`;
  const withKind = `label_join(${failing} + ${onAccount} group_left (kind) 0 * ${kinds}, "alertname", " ", "alertname", "kind")`;
  return `max by (account, provider, alertname) (${withKind}) or ${onAccount} ${failing} or ${of('LivestreamProviderLagging')}`;
}

/** Time in ms since which something is wrong with each stream, with the name of the alert that says what. */
export function causeSince(state: string): string {
  return beginOf(cause(state));
}

/** Names of the causes instead of those of alerts. The name of failing requests has their kind. */
export function causeMapping(say: Say): ValueMap {
  const names: readonly (readonly [string, string])[] = [
    ...Object.entries(causeNames).map(([name, cause]) => [name, say(cause)] as const),
    ...failingAlerts.flatMap((alert) =>
      failureKinds.map((kind) => [`${alert} ${kind}`, say(requestsFail(kind))] as const),
    ),
  ];
  return {
    type: MappingType.ValueToText,
    options: Object.fromEntries(names.map(([name, cause], index) => [name, { text: cause, index }])),
  };
}
