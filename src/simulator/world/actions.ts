import type { ControlAction } from '../../model/control-action.ts';
import { type EpochMs, secondMs } from '../../model/time.ts';
import type { ActionEvent, DomainStory, Scenario } from '../scenario/scenario.ts';
import { numbered } from './streams.ts';

/** A control action, with the time from which the provider returns it. */
export type RecordedAction = ReturnType<typeof actionsBetween>[number];

/** Domain, scenario and time range of a query for actions. */
interface ActionQuery {
  readonly domain: DomainStory;
  readonly scenario: Scenario;
  readonly startedAt: EpochMs;
  readonly from: EpochMs;
  /** Excluded. */
  readonly to: EpochMs;
  /** Delay of the provider for an action at this time. */
  delayMsAt(at: EpochMs): number;
}

/** Returns the actions in time order; within a second, in the order of the story. */
export function actionsBetween(query: ActionQuery) {
  return query.domain.story
    .flatMap((event) => timesOf(event, query).flatMap((actedAt) => toActions(event, query, actedAt)))
    .toSorted((a, b) => a.actedAt - b.actedAt);
}

/** Counts actions by stream and action, in the order of first occurrence; `lastAt` is the time of the last action. */
export function countActions(actions: readonly ControlAction[]) {
  const keyOf = ({ appName, stream, action }: ControlAction) => JSON.stringify([appName, stream, action]);
  return [...Map.groupBy(actions, keyOf).values()].flatMap((group) =>
    group.slice(-1).map(({ appName, stream, action, actedAt }) => {
      return { appName, stream, action, actions: group.length, lastAt: actedAt };
    }),
  );
}

/** Returns the times of an event, rounded down to whole seconds. */
function timesOf(event: ActionEvent, { scenario, startedAt, from, to }: ActionQuery): EpochMs[] {
  const { loopMs, speed } = scenario;
  // Search one more second at the end, because times are rounded down below.
  const first = (from - startedAt) * speed;
  const last = (to + secondMs - startedAt) * speed;
  const end = Math.min(event.untilMs, loopMs ?? Infinity);
  const times: EpochMs[] = [];
  for (const loopStartMs of loopStarts(loopMs, first, last)) {
    const stepMs = event.everyMs ?? Infinity;
    // Skip the repetitions before the time range.
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
 * Returns the story time at which each repetition of the story starts that overlaps the time range; only 0 if the story
 * does not repeat. A repeating story has no first repetition: it also repeats before the simulator starts.
 */
function loopStarts(loopMs: number | undefined, first: number, last: number): number[] {
  if (loopMs === undefined) return [0];
  const firstLoop = Math.floor(first / loopMs);
  const count = Math.max(0, Math.floor(last / loopMs) - firstLoop + 1);
  return Array.from({ length: count }, (_, index) => (firstLoop + index) * loopMs);
}

/** Returns the equal actions of one event at one time: `times` for each of its `count` streams. */
function toActions(event: ActionEvent, { domain, delayMsAt }: ActionQuery, actedAt: EpochMs) {
  const visibleAt = actedAt + delayMsAt(actedAt) + event.lateMs;
  return Array.from({ length: event.count * event.times }, (_, index) => ({
    actedAt,
    domain: domain.name,
    appName: event.appName,
    stream: event.count === 1 ? event.stream : numbered(event.stream, 1 + Math.floor(index / event.times)),
    action: event.action.toLowerCase(),
    /** Spelling of `action` at the provider. */
    actionLabel: event.action,
    clientIp: event.clientIp,
    lateMs: event.lateMs,
    visibleAt,
  }));
}
