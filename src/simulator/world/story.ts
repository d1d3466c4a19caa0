import type { EpochMs } from '../../model/time.ts';
import type { ApiEvent, Level, Scenario } from '../scenario/scenario.ts';
import type { SimulatedStream } from './streams.ts';

/** Returns the position in the story, in ms. It is negative before the start of a story that does not repeat. */
export function storyMsAt({ loopMs, speed }: Scenario, startedAt: EpochMs, at: EpochMs): number {
  const storyMs = (at - startedAt) * speed;
  // A repeating story also repeats before the simulator starts, so the result is never negative.
  return loopMs === undefined ? storyMs : ((storyMs % loopMs) + loopMs) % loopMs;
}

/** State of a stream at one position in the story. */
export interface StreamState {
  readonly framesPerSecond: number;
  readonly bitsPerSecond: number;
  readonly clientIp: string;
  readonly serverIp: string;
  readonly secondPublisher: string | undefined;
}

/** Returns undefined while the stream is not pushed. If events overlap, the last listed event takes precedence. */
export function streamStateAt(stream: SimulatedStream, storyMs: number): StreamState | undefined {
  if (storyMs < stream.startMs || storyMs >= stream.stopMs) return undefined;
  let { framesPerSecond, bitsPerSecond, clientIp, serverIp } = stream;
  let secondPublisher: string | undefined;
  for (const event of stream.story) {
    if (storyMs < event.fromMs || storyMs >= event.untilMs) continue;
    if (event.silent || isDown(event.flapping, storyMs - event.fromMs)) return undefined;
    framesPerSecond = applyLevel(event.fps, stream.framesPerSecond, framesPerSecond);
    bitsPerSecond = applyLevel(event.bitrate, stream.bitsPerSecond, bitsPerSecond);
    clientIp = event.clientIp ?? clientIp;
    serverIp = event.serverIp ?? serverIp;
    secondPublisher = event.secondPublisher ?? secondPublisher;
  }
  return { framesPerSecond, bitsPerSecond, clientIp, serverIp, secondPublisher };
}

function isDown(
  flapping: { readonly upMs: number; readonly downMs: number } | undefined,
  sinceMs: number,
): boolean {
  return flapping !== undefined && sinceMs % (flapping.upMs + flapping.downMs) < flapping.downMs;
}

/** Returns the value that an event sets; `current` if the event does not set it. */
function applyLevel(level: Level | undefined, normal: number, current: number): number {
  if (level === undefined) return current;
  return 'share' in level ? normal * level.share : level.value;
}

/** State of a provider's API at one position in the story. */
export interface ApiState<Answer> {
  readonly answer: Answer | undefined;
  /** Fraction of the requests that get `answer`. */
  readonly share: number;
  readonly rateLimit: number | undefined;
  readonly delayMs: number;
}

/** Normal state of an API, and the events that change it. */
interface ApiStory<Answer> {
  readonly rateLimit: number | undefined;
  readonly delayMs: number;
  readonly story: readonly ApiEvent<Answer>[];
}

/** Returns the state of an API. If events overlap, the last listed event takes precedence. */
export function apiStateAt<Answer>(behavior: ApiStory<Answer>, storyMs: number): ApiState<Answer> {
  let { rateLimit, delayMs } = behavior;
  let answer: Answer | undefined;
  let share = 1;
  for (const event of behavior.story) {
    if (storyMs < event.fromMs || storyMs >= event.untilMs) continue;
    if (event.answer !== undefined) ({ answer, share } = event);
    rateLimit = event.rateLimit ?? rateLimit;
    delayMs = event.delayMs ?? delayMs;
  }
  return { answer, share, rateLimit, delayMs };
}
