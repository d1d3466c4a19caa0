import type { ControlAction } from '../../model/control-action.ts';
import { type EpochMs, secondMs } from '../../model/time.ts';
import type { ActionEvent, DomainStory, Scenario } from '../scenario/scenario.ts';
import { numbered } from './streams.ts';

/** What was done to a stream at a moment; a record that the provider will show. */
export interface DatedAction extends ControlAction {
  /** How the provider writes `action`. */
  readonly spelling: string;
  /** How much later than others the provider shows it. */
  readonly lateMs: number;
}

/** How often something was done to a stream, and when last. */
export interface ActionTruth {
  readonly appName: string;
  readonly stream: string;
  readonly action: string;
  readonly actions: number;
  readonly lastAt: EpochMs;
}

interface Stage {
  readonly domain: DomainStory;
  readonly scenario: Scenario;
  readonly startedAt: EpochMs;
  readonly from: EpochMs;
  /** Not inside. */
  readonly to: EpochMs;
}

/** In the order of time; of one second, in the order of the story. */
export function actionsBetween(stage: Stage): DatedAction[] {
  const { name, story } = stage.domain;
  return story
    .flatMap((event) => momentsOf(event, stage).flatMap((actedAt) => recordsOf(event, name, actedAt)))
    .toSorted((a, b) => a.actedAt - b.actedAt);
}

/** By stream and action, in the order of their first time. */
export function countActions(actions: readonly ControlAction[]): ActionTruth[] {
  const counted = new Map<string, ActionTruth>();
  for (const { appName, stream, action, actedAt } of actions) {
    const key = JSON.stringify([appName, stream, action]);
    const before = counted.get(key)?.actions ?? 0;
    counted.set(key, { appName, stream, action, actions: before + 1, lastAt: actedAt });
  }
  return [...counted.values()];
}

/** The whole seconds in which it is done. */
function momentsOf(event: ActionEvent, { scenario, startedAt, from, to }: Stage): EpochMs[] {
  const { loopMs, speed } = scenario;
  // A second more at the end, since a moment is cut to its second below.
  const first = (from - startedAt) * speed;
  const last = (to + secondMs - startedAt) * speed;
  const end = Math.min(event.untilMs, loopMs ?? Infinity);
  const moments: EpochMs[] = [];
  for (const beginMs of beginningsOf(loopMs, first, last)) {
    const stepMs = event.everyMs ?? Infinity;
    // Those that were done long before are not worth a look.
    const done = Math.max(0, Math.floor((first - beginMs - event.atMs) / stepMs));
    for (let n = done; ; n += 1) {
      const atMs = event.atMs + (n === 0 ? 0 : n * stepMs);
      if (atMs >= end || beginMs + atMs > last) break;
      const at = Math.round(startedAt + (beginMs + atMs) / speed);
      const second = Math.floor(at / secondMs) * secondMs;
      if (second >= from && second < to) moments.push(second);
    }
  }
  return moments;
}

/** When the story begins, in its own time: once, or in each round that touches the stretch. It always has been playing. */
function beginningsOf(loopMs: number | undefined, first: number, last: number): number[] {
  if (loopMs === undefined) return [0];
  const round = Math.floor(first / loopMs);
  const rounds = Math.floor(last / loopMs) - round + 1;
  return Array.from({ length: Math.max(0, rounds) }, (_, index) => (round + index) * loopMs);
}

function recordsOf(event: ActionEvent, domain: string, actedAt: EpochMs): DatedAction[] {
  return Array.from({ length: event.count * event.times }, (_, index) => ({
    actedAt,
    domain,
    appName: event.appName,
    stream: event.count === 1 ? event.stream : numbered(event.stream, 1 + Math.floor(index / event.times)),
    action: event.action.toLowerCase(),
    spelling: event.action,
    clientIp: event.clientIp,
    lateMs: event.lateMs,
  }));
}
