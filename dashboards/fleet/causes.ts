import { MappingType, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { beginOf, ranked } from '../alerts.ts';
import { identity, interruptedNow, onStream } from '../queries.ts';
import { type Say, text } from '../text.ts';
import { select } from './select.ts';

/** What is wrong with a stream, by the name of its alert. */
export const causeNames = {
  LivestreamForbidden: text('forbidden', '禁推'),
  LivestreamPushMissing: text('missing', '缺失'),
  LivestreamPushVideoStalled: text('no video', '无画面'),
  LivestreamPushFpsCollapsed: text('frame rate halved', '帧率骤降'),
  LivestreamPushFpsLow: text('low frame rate', '帧率低'),
  LivestreamPushBitrateLow: text('low bit rate', '码率低'),
  LivestreamPushTimestampJitter: text('timestamp jitter', '时间戳抖动'),
  LivestreamPushFlapping: text('flapping', '反复中断'),
  LivestreamPushPublishersFighting: text('two publishers', '推流端争抢'),
  LivestreamPushEndedAbnormally: text('ended abnormally', '异常结束'),
  LivestreamCollectorFailing: text('requests fail', '请求失败'),
  LivestreamProviderLagging: text('provider is late', '云厂商数据延迟'),
};

type AlertName = keyof typeof causeNames;

/** Critical alerts of the frame rate. They begin later than that of a low frame rate, of the same trouble. */
const lowVideo: readonly AlertName[] = ['LivestreamPushVideoStalled', 'LivestreamPushFpsCollapsed'];

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
  lowVideo,
  ['LivestreamPushMissing'],
  ['LivestreamForbidden'],
];

const accountAlerts: readonly AlertName[] = ['LivestreamCollectorFailing', 'LivestreamProviderLagging'];

/** Time in seconds before an alert in which the last sample of a missing stream is expected. */
const maxAlertDelay = 300;

/** Begins of firing and pending alerts, by stream or by account. */
function begins(labels: readonly string[], names: readonly AlertName[], more = ''): string {
  const series = select('ALERTS_FOR_STATE', `alertname=~"${names.join('|')}"${more}`);
  return `max by (${[...labels, 'alertname'].join(', ')}) (${series})`;
}

/**
 * Begin of the time without samples of each missing stream that is not only interrupted: its last sample, or the begin
 * of the alert if the last sample is much older, because the stream was not expected then.
 */
function missingSince(): string {
  const alert = `(${begins(identity, ['LivestreamPushMissing'])} unless ${onStream} ${interruptedNow(select)})`;
  const last = select('stream:livestream_push_missing_sample_timestamp_seconds:max');
  return `(0 * ${alert} + ${onStream} group_left () ${last} > ${alert} - ${maxAlertDelay} or ${alert})`;
}

/** Begin of the ban of each forbidden stream: the last forbid, or the begin of the alert if no forbid is known. */
function forbiddenSince(): string {
  const alert = begins(identity, ['LivestreamForbidden']);
  const last = `max by (${identity.join(', ')}) (${select('livestream_control_last_action_timestamp_seconds', 'action="forbid"')} and ${onStream} ${alert})`;
  return `(0 * ${alert} + ${onStream} group_left () ${last} or ${alert})`;
}

/** Begin of the breaks of each interrupted stream: according to its samples, or of the alert, which comes later. */
function interruptedSince(): string {
  const alert = begins(identity, ['LivestreamPushFlapping']);
  const first = select('stream:livestream_push_breaks_since_timestamp_seconds:max');
  return `(0 * ${alert} + ${onStream} group_left () ${first} < ${alert} or ${alert})`;
}

/** Begin of the low frame rate of each stream with a critical alert of it. */
function lowVideoSince(): string {
  const first = select('ALERTS_FOR_STATE', `alertname=~"LivestreamPushFpsLow|${lowVideo.join('|')}"`);
  return `(0 * ${begins(identity, lowVideo)} + ${onStream} group_left () min by (${identity.join(', ')}) (${first}))`;
}

/** Time in seconds without samples that makes a stream interrupted: 30 % of five minutes. */
const minInterrupted = 90;

/**
 * Time in seconds within the time range that is bad, and counted later: since the last sample of each missing stream, and
 * at least the breaks that make a stream interrupted.
 */
export const openFor = `clamp_max(max by (${identity.join(', ')}) (time() - ${missingSince()}) or 0 * ${interruptedNow(select)} + ${minInterrupted}, $__range_s)`;

/**
 * Rank of what is wrong with each stream, with the name of the alert: the cause first, then critical alerts, then the
 * oldest. An unknown stream has the alert of its account. `state` is the expression of the recorded states of trouble.
 */
function cause(state: string): string {
  const ofStreams = ranked(streamAlerts, (names) => {
    if (names.includes('LivestreamForbidden')) return forbiddenSince();
    if (names === lowVideo) return lowVideoSince();
    if (names.includes('LivestreamPushFlapping')) return interruptedSince();
    return names.includes('LivestreamPushMissing') ? missingSince() : begins(identity, names);
  });
  const onAccount = 'on (account, provider)';
  const ofAccounts = `topk by (account, provider) (1, ${ranked([accountAlerts], (names) =>
    begins(['account', 'provider'], names, ', collector=~"|push_stats|live_push_stats"'),
  )})`;
  const ofUnknown = `max by (${[...identity, 'alertname'].join(', ')}) (0 * (${state} == 2) + ${onAccount} group_left (alertname) ${ofAccounts})`;
  return `topk by (${identity.join(', ')}) (1, ${ofStreams} or ${ofUnknown})`;
}

/** Time in ms since which something is wrong with each stream, with the name of the alert that says what. */
export function causeSince(state: string): string {
  return beginOf(cause(state));
}

/** Names of the causes instead of those of alerts. */
export function causeMapping(say: Say): ValueMap {
  return {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(causeNames).map(([name, cause], index) => [name, { text: say(cause), index }]),
    ),
  };
}
