import { toBitrateText, toDurationText } from '../../text/units.ts';
import type {
  ActionEvent,
  AlibabaAnswer,
  ApiEvent,
  DomainStory,
  Level,
  Scenario,
  StreamEvent,
  StreamGroup,
} from './scenario.ts';

/**
 * Returns one line of text per event of a scenario, in time order; an empty list if the story has no events.
 */
export function toStoryLines(scenario: Scenario): string[] {
  return [
    ...scenario.provider.story.map((event) => ({
      ...event,
      text: `API: ${apiEventText(event, event.answer, 'samples')}`,
    })),
    ...scenario.alibaba.story.map((event) => ({
      ...event,
      text: `Alibaba's API: ${apiEventText(event, answerText(event.answer), 'actions')}`,
    })),
    ...scenario.streams.flatMap(toEvents),
    ...scenario.domains.flatMap(toActionEvents),
  ]
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .map(({ fromMs, untilMs, text }) => `${timeRangeText(fromMs, untilMs)}  ${text}`);
}

/**
 * Formats a time range of the story, padded to the width of a column. If `untilMs` equals `fromMs`, the event
 * has no duration, so only its start is shown.
 */
function timeRangeText(fromMs: number, untilMs: number): string {
  const until = untilMs === Infinity ? ' and later' : ` to ${toDurationText(untilMs)}`;
  return `${toDurationText(fromMs)}${untilMs === fromMs ? '' : until}`.padEnd(16);
}

function toEvents(group: StreamGroup) {
  const who = group.count === 1 ? group.name : `${group.name} (${group.count} streams)`;
  const events = group.story.map(({ fromMs, untilMs, ...event }) => {
    return { fromMs, untilMs, text: `${who}: ${streamEventText(event)}` };
  });
  if (group.startMs === Infinity) return [{ fromMs: 0, untilMs: Infinity, text: `${who}: never pushed` }];
  if (group.startMs > 0) events.push({ fromMs: 0, untilMs: group.startMs, text: `${who}: not pushed yet` });
  if (group.stopMs < Infinity)
    events.push({ fromMs: group.stopMs, untilMs: Infinity, text: `${who}: stopped` });
  return events;
}

function streamEventText(event: Omit<StreamEvent, 'fromMs' | 'untilMs'>): string {
  const { flapping } = event;
  const effects = [
    event.fps && `fps ${levelText(event.fps, String)}`,
    event.bitrate && `bit rate ${levelText(event.bitrate, toBitrateText)}`,
    event.cut === 'drop' && 'dropped',
    event.cut === 'forbid' && (event.expires ? 'forbidden, expires' : 'forbidden, then resumed'),
    event.silent && event.cut === undefined && 'no samples',
    event.stopReason && `reason "${event.stopReason}"`,
    flapping && `flapping, ${toDurationText(flapping.downMs)} down, ${toDurationText(flapping.upMs)} up`,
    event.clientIp && `pushed from ${event.clientIp}`,
    event.serverIp && `received by ${event.serverIp}`,
    event.secondPublisher && `also pushed from ${event.secondPublisher}`,
    event.videoTime && `video time ${percentText(event.videoTime)}`,
    event.keyframeInterval && `keyframe interval ${toDurationText(event.keyframeInterval)}`,
  ];
  return effects.filter(Boolean).join(', ');
}

function levelText(level: Level, toText: (value: number) => string): string {
  return 'share' in level ? percentText(level.share) : toText(level.value);
}

function toActionEvents({ name, story }: DomainStory) {
  return story.map((event) => ({
    fromMs: event.atMs,
    untilMs: event.everyMs === undefined ? event.atMs : event.untilMs,
    text: `${name}/${event.appName}/${event.stream}: ${actionText(event)}`,
  }));
}

function actionText({ action, everyMs, count, times, lateMs, clientIp }: ActionEvent): string {
  const facts = [
    action,
    count > 1 && `${count} streams`,
    everyMs && `every ${toDurationText(everyMs)}`,
    times > 1 && `${times} times in one second`,
    lateMs > 0 && `${toDurationText(lateMs)} late`,
    clientIp === undefined && 'without a client',
  ];
  return facts.filter(Boolean).join(', ');
}

function answerText(answer: AlibabaAnswer | undefined): string | undefined {
  return answer?.status === undefined ? answer?.what : `${answer.what} with HTTP ${answer.status}`;
}

function apiEventText(
  { share, rateLimit, delayMs, heldUntilMs }: ApiEvent<unknown>,
  answer: string | undefined,
  rows: string,
): string {
  const effects = [
    answer && `${answer} for ${share === 1 ? 'all requests' : `${percentText(share)} of the requests`}`,
    rateLimit && `${rateLimit} requests per second`,
    delayMs !== undefined && `${rows} ${toDurationText(delayMs)} late`,
    heldUntilMs !== undefined && `${rows} held until ${toDurationText(heldUntilMs)}`,
  ];
  return effects.filter(Boolean).join(', ');
}

function percentText(share: number): string {
  return `${Math.round(share * 1_000) / 10}%`;
}
