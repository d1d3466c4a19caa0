import { dayMs, type EpochMs, hourMs, secondMs } from '../../model/time.ts';
import type { Scenario, StreamEvent } from '../scenario/scenario.ts';
import { pushBeginAt, streamStateAt } from './story.ts';
import type { SimulatedStream } from './streams.ts';

/** Push of a stream that has ended. All times are wall clock times in epoch ms, in whole seconds. */
export interface EndedPush {
  readonly stream: SimulatedStream;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  /** Control action that ended the push; undefined if none did. */
  readonly cut: StreamEvent['cut'];
  /** Text of the reason in the scenario; undefined: the text that the provider documents. */
  readonly stopReason: string | undefined;
}

/** Ban of a stream. All times are wall clock times in epoch ms, in whole seconds. */
export interface Ban {
  readonly stream: SimulatedStream;
  readonly forbiddenAt: EpochMs;
  /** End of the ban, by a resume or because it expires; Infinity if the scenario does not end it. */
  readonly endsAt: EpochMs;
  /** End of the ban that the provider reports. */
  readonly expiresAt: EpochMs;
  /** Whether a resume ends the ban. */
  readonly isResumed: boolean;
}

/** Scenario and the start of its story (wall clock, epoch ms). */
export interface Story {
  readonly scenario: Pick<Scenario, 'loopMs' | 'speed'>;
  readonly startedAt: EpochMs;
}

/** Duration of a ban that nobody limits. Source: page of ForbidLiveStream. */
const banMs = 7 * dayMs;

/**
 * Returns the pushes of a stream that ended from `from` (included) to `to` (excluded), in time order. If the
 * story repeats, the push that is live at its end ends with it.
 */
export function endedPushes(stream: SimulatedStream, story: Story, from: EpochMs, to: EpochMs): EndedPush[] {
  const { scenario, startedAt } = story;
  const loopMs = scenario.loopMs;
  const pushes: EndedPush[] = [];
  for (const loopStartMs of loopsOf(story, from, to)) {
    const toTime = (storyMs: number) =>
      wholeSecond(Math.round(startedAt + (loopStartMs + storyMs) / scenario.speed));
    for (const endMs of endsOf(stream, loopMs, (to + secondMs - startedAt) * scenario.speed - loopStartMs)) {
      const endedAt = toTime(endMs);
      if (endedAt < from || endedAt >= to) continue;
      const beginMs = pushBeginAt(stream, endMs - 1) ?? endMs;
      const begin = beginMs === -Infinity ? Math.min(startedAt, endedAt) - hourMs : toTime(beginMs);
      const event = stream.story.find(({ fromMs, cut }) => fromMs === endMs && cut !== undefined);
      const reason = stream.story.find(
        ({ fromMs, stopReason }) => fromMs === endMs && stopReason !== undefined,
      );
      pushes.push({
        stream,
        startedAt: wholeSecond(begin),
        endedAt,
        cut: event?.cut,
        stopReason: reason?.stopReason,
      });
    }
  }
  return pushes.toSorted((a, b) => a.endedAt - b.endedAt);
}

/** Returns the bans of a stream that overlap the time from `from` to `to`, in time order. */
export function bansOf(stream: SimulatedStream, story: Story, from: EpochMs, to: EpochMs): Ban[] {
  const { scenario, startedAt } = story;
  const forbids = stream.story.filter(({ cut }) => cut === 'forbid');
  if (forbids.length === 0) return [];
  return loopsOf(story, from - banMs, to)
    .flatMap((loopStartMs) =>
      forbids.map(({ fromMs, untilMs, expires }): Ban => {
        const toTime = (storyMs: number) =>
          wholeSecond(Math.round(startedAt + (loopStartMs + storyMs) / scenario.speed));
        const forbiddenAt = toTime(fromMs);
        const endsAt = untilMs === Infinity ? Infinity : toTime(untilMs);
        const expiresAt = expires && endsAt !== Infinity ? endsAt : forbiddenAt + banMs;
        return { stream, forbiddenAt, endsAt, expiresAt, isResumed: !expires && endsAt !== Infinity };
      }),
    )
    .filter(({ forbiddenAt, endsAt }) => forbiddenAt < to && endsAt > from)
    .toSorted((a, b) => a.forbiddenAt - b.forbiddenAt);
}

/** Returns the starts of the repetitions of the story that overlap the time range, in story time. */
function loopsOf({ scenario: { loopMs, speed }, startedAt }: Story, from: EpochMs, to: EpochMs): number[] {
  if (loopMs === undefined) return [0];
  const first = Math.floor(((from - startedAt) * speed) / loopMs) - 1;
  const last = Math.floor(((to + secondMs - startedAt) * speed) / loopMs);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * loopMs);
}

/** Returns the positions in the story, up to `lastMs`, at which a push of the stream ends. */
function endsOf(stream: SimulatedStream, loopMs: number | undefined, lastMs: number): readonly number[] {
  const candidates = new Set<number>();
  const limit = Math.min(lastMs, loopMs ?? Infinity);
  if (stream.stopMs <= limit) candidates.add(stream.stopMs);
  if (loopMs !== undefined && loopMs <= limit) candidates.add(loopMs);
  for (const { fromMs, untilMs, silent, flapping } of stream.story) {
    if (silent && fromMs <= limit) candidates.add(fromMs);
    if (flapping === undefined) continue;
    const cycleMs = flapping.upMs + flapping.downMs;
    for (let at = fromMs; at < Math.min(untilMs, limit + 1); at += cycleMs) candidates.add(at);
  }
  const isLiveAt = (storyMs: number) => streamStateAt(stream, storyMs) !== undefined;
  return [...candidates].filter((at) => isLiveAt(at - 1) && (at === loopMs || !isLiveAt(at)));
}

function wholeSecond(at: EpochMs): EpochMs {
  return Math.floor(at / secondMs) * secondMs;
}
