import type { ControlAction } from '../../model/control-action.ts';
import { dayMs, type EpochMs, secondMs } from '../../model/time.ts';
import type { ActionEvent, DomainStory, Scenario } from '../scenario/scenario.ts';
import { numbered } from './streams.ts';

/**
 * Control action of a scenario. The provider returns it from the time `visibleAt` (wall clock, epoch ms) on.
 */
export type RecordedAction = ReturnType<typeof actionsBetween>[number];

/** Query for the actions of a domain in a time range. All times are wall clock times in epoch ms. */
interface ActionQuery {
  readonly domain: DomainStory;
  readonly scenario: Scenario;
  readonly startedAt: EpochMs;
  readonly from: EpochMs;
  /** End of the time range (exclusive). */
  readonly to: EpochMs;
  /** Returns the delay in ms after which the provider returns an action that happened at `at`. */
  delayMsAt(at: EpochMs): number;
}

/**
 * Returns the recorded actions of the domain in the time range, in time order. Actions in the same second are
 * in the order of the events in the story.
 */
export function actionsBetween(query: ActionQuery) {
  return query.domain.story
    .filter(({ isRecorded }) => isRecorded)
    .flatMap((event) => timesOf(event, query).flatMap((actedAt) => toActions(event, query, actedAt)))
    .toSorted((a, b) => a.actedAt - b.actedAt);
}

/** Stream that is forbidden. */
export interface BlockedStream {
  readonly appName: string;
  readonly stream: string;
  /** Start of the ban (wall clock, epoch ms, a whole second). */
  readonly forbiddenAt: EpochMs;
}

/** Duration of a ban that nobody limits. Source: page of ForbidLiveStream. */
const banMs = 180 * dayMs;

/**
 * Returns the streams of the domain that are forbidden at `at` (wall clock), newest ban first. The last
 * forbid or resume of each stream decides, whether it is recorded or not.
 */
export function blockedStreams(
  domain: DomainStory,
  story: Pick<ActionQuery, 'scenario' | 'startedAt'>,
  at: EpochMs,
): readonly BlockedStream[] {
  const last = new Map<string, { readonly ban: BlockedStream; readonly endsAt: EpochMs }>();
  const events = domain.story
    .flatMap((event) => {
      const actedAt = lastTimeOf(event, story, at);
      return actedAt === undefined ? [] : [{ event, actedAt, action: event.action.toLowerCase() }];
    })
    .filter(({ action }) => action === 'forbid' || action === 'resume')
    .toSorted((a, b) => a.actedAt - b.actedAt);
  for (const { event, actedAt, action } of events) {
    const { appName, count, expiresMs } = event;
    const endsAt = action === 'resume' ? actedAt : actedAt + (expiresMs ?? banMs) / story.scenario.speed;
    for (let n = 1; n <= count; n++) {
      const stream = count === 1 ? event.stream : numbered(event.stream, n);
      last.set(JSON.stringify([appName, stream]), { ban: { appName, stream, forbiddenAt: actedAt }, endsAt });
    }
  }
  return [...last.values()]
    .filter(({ endsAt }) => endsAt > at)
    .map(({ ban }) => ban)
    .toSorted((a, b) => b.forbiddenAt - a.forbiddenAt);
}

/**
 * Returns the last time up to `at` at which the actions of an event happened (wall clock, epoch ms, rounded
 * down to a whole second); undefined if there is none.
 */
function lastTimeOf(
  event: ActionEvent,
  { scenario: { loopMs, speed }, startedAt }: Pick<ActionQuery, 'scenario' | 'startedAt'>,
  at: EpochMs,
): EpochMs | undefined {
  const nowMs = (at - startedAt) * speed;
  const end = Math.min(event.untilMs, loopMs ?? Infinity);
  const loops = loopMs === undefined ? [0] : [0, -1].map((n) => (Math.floor(nowMs / loopMs) + n) * loopMs);
  for (const loopStartMs of loops) {
    const positionMs = nowMs - loopStartMs;
    if (positionMs < event.atMs) continue;
    const { everyMs: stepMs } = event;
    const lastIndex = stepMs === undefined ? 0 : Math.ceil((end - event.atMs) / stepMs) - 1;
    const index =
      stepMs === undefined ? 0 : Math.min(lastIndex, Math.floor((positionMs - event.atMs) / stepMs));
    const actedAt = Math.round(startedAt + (loopStartMs + event.atMs + index * (stepMs ?? 0)) / speed);
    return Math.floor(actedAt / secondMs) * secondMs;
  }
  return undefined;
}

/**
 * Returns the number of actions for each combination of app name, stream and action label. The combinations
 * are in the order of their first occurrence. `lastAt` is the time of the last action of a combination (wall
 * clock, epoch ms).
 */
export function countActions(actions: readonly ControlAction[]) {
  const keyOf = ({ appName, stream, action }: ControlAction) => JSON.stringify([appName, stream, action]);
  return [...Map.groupBy(actions, keyOf).values()].flatMap((group) =>
    group.slice(-1).map(({ appName, stream, action, actedAt }) => {
      return { appName, stream, action, actions: group.length, lastAt: actedAt };
    }),
  );
}

/**
 * Returns the times in the range at which the actions of an event happen (wall clock, epoch ms, rounded down
 * to whole seconds).
 */
function timesOf(event: ActionEvent, { scenario, startedAt, from, to }: ActionQuery): EpochMs[] {
  const { loopMs, speed } = scenario;
  // Search up to one second past the time range: times are rounded down to whole seconds below, so a time
  // just after the range can be in the range after rounding.
  const first = (from - startedAt) * speed;
  const last = (to + secondMs - startedAt) * speed;
  const end = Math.min(event.untilMs, loopMs ?? Infinity);
  const times: EpochMs[] = [];
  for (const loopStartMs of loopStarts(loopMs, first, last)) {
    const stepMs = event.everyMs ?? Infinity;
    // Skip the repetitions of the event that are certainly before the time range.
    const firstIndex = Math.max(0, Math.floor((first - loopStartMs - event.atMs) / stepMs));
    for (let n = firstIndex; ; n += 1) {
      const atMs = event.atMs + (n === 0 ? 0 : n * stepMs);
      if (atMs >= end || loopStartMs + atMs > last) break;
      const at = Math.round(startedAt + (loopStartMs + atMs) / speed);
      const second = Math.floor(at / secondMs) * secondMs;
      if (second >= from && second < to) times.push(second);
    }
  }
  return times;
}

/**
 * Returns the start of each repetition of the story that overlaps the range from `first` to `last`. All of
 * these are story times in ms. If the story does not repeat, returns only 0. A repeating story has no first
 * repetition: it also repeats before the simulator starts.
 */
function loopStarts(loopMs: number | undefined, first: number, last: number): number[] {
  if (loopMs === undefined) return [0];
  const firstLoop = Math.floor(first / loopMs);
  const count = Math.max(0, Math.floor(last / loopMs) - firstLoop + 1);
  return Array.from({ length: count }, (_, index) => (firstLoop + index) * loopMs);
}

/**
 * Returns the actions of one event at one time: for each of the `event.count` streams, `event.times` equal
 * actions.
 */
function toActions(event: ActionEvent, { domain, delayMsAt }: ActionQuery, actedAt: EpochMs) {
  const visibleAt = actedAt + delayMsAt(actedAt) + event.lateMs;
  return Array.from({ length: event.count * event.times }, (_, index) => ({
    actedAt,
    domain: domain.name,
    appName: event.appName,
    stream: event.count === 1 ? event.stream : numbered(event.stream, 1 + Math.floor(index / event.times)),
    action: event.action.toLowerCase(),
    /** Action label as the provider writes it. `action` is the same in lower case. */
    actionLabel: event.action,
    clientIp: event.clientIp,
    lateMs: event.lateMs,
    visibleAt,
  }));
}
