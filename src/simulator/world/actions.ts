import type { ControlAction } from '../../model/control-action.ts';
import { type EpochMs, secondMs } from '../../model/time.ts';
import type { ActionEvent, DomainStory, Scenario } from '../scenario/scenario.ts';
import { numbered } from './streams.ts';

/**
 * A control action of a scenario, with the time from which the provider returns it (`visibleAt`, wall epoch
 * ms).
 */
export type RecordedAction = ReturnType<typeof actionsBetween>[number];

/** Query for the actions of a domain in a time range. Times are wall epoch ms. */
interface ActionQuery {
  readonly domain: DomainStory;
  readonly scenario: Scenario;
  readonly startedAt: EpochMs;
  readonly from: EpochMs;
  /** End of the time range; an action exactly at `to` is not part of the range. */
  readonly to: EpochMs;
  /** Returns the time in ms after which the provider returns an action that happened at `at`. */
  delayMsAt(at: EpochMs): number;
}

/**
 * Returns the actions of the domain in the time range, in time order. Actions within the same second are in
 * the order of the story's events.
 */
export function actionsBetween(query: ActionQuery) {
  return query.domain.story
    .flatMap((event) => timesOf(event, query).flatMap((actedAt) => toActions(event, query, actedAt)))
    .toSorted((a, b) => a.actedAt - b.actedAt);
}

/**
 * Returns the number of actions for each combination of app name, stream and action label, in the order of
 * first occurrence. `lastAt` is the time of the last counted action (wall epoch ms).
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
 * Returns the times at which the actions of an event happen within the time range, in wall epoch ms, rounded
 * down to whole seconds.
 */
function timesOf(event: ActionEvent, { scenario, startedAt, from, to }: ActionQuery): EpochMs[] {
  const { loopMs, speed } = scenario;
  // Extend the search to one second after the time range. The loop rounds times down to whole seconds, so a
  // time just after the range can be in the range after rounding.
  const first = (from - startedAt) * speed;
  const last = (to + secondMs - startedAt) * speed;
  const end = Math.min(event.untilMs, loopMs ?? Infinity);
  const times: EpochMs[] = [];
  for (const loopStartMs of loopStarts(loopMs, first, last)) {
    const stepMs = event.everyMs ?? Infinity;
    // Skip the event's repetitions that are certainly before the time range.
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
 * Returns the story time in ms at which each repetition of the story starts, for all repetitions that overlap
 * the time range from `first` to `last` (story time in ms). If the story does not repeat, returns only 0. A
 * story that repeats has no first repetition, because it also repeats before the simulator starts.
 */
function loopStarts(loopMs: number | undefined, first: number, last: number): number[] {
  if (loopMs === undefined) return [0];
  const firstLoop = Math.floor(first / loopMs);
  const count = Math.max(0, Math.floor(last / loopMs) - firstLoop + 1);
  return Array.from({ length: count }, (_, index) => (firstLoop + index) * loopMs);
}

/**
 * Returns the actions of one event at one time: `event.times` equal actions for each of the `event.count`
 * streams.
 */
function toActions(event: ActionEvent, { domain, delayMsAt }: ActionQuery, actedAt: EpochMs) {
  const visibleAt = actedAt + delayMsAt(actedAt) + event.lateMs;
  return Array.from({ length: event.count * event.times }, (_, index) => ({
    actedAt,
    domain: domain.name,
    appName: event.appName,
    stream: event.count === 1 ? event.stream : numbered(event.stream, 1 + Math.floor(index / event.times)),
    action: event.action.toLowerCase(),
    /** Action label as the provider spells it; `action` is the lower-case form. */
    actionLabel: event.action,
    clientIp: event.clientIp,
    lateMs: event.lateMs,
    visibleAt,
  }));
}
