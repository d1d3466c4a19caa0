import type { EpochMs } from '../../model/time.ts';
import type { ApiEvent, Level, Scenario } from '../scenario/scenario.ts';
import type { SimulatedStream } from './streams.ts';

/** How far into the story a moment is; below 0 before one that is told once. */
export function storyMsAt({ loopMs, speed }: Scenario, startedAt: EpochMs, at: EpochMs): number {
  const told = (at - startedAt) * speed;
  // A story that repeats has always been playing, also before the simulator was started.
  return loopMs === undefined ? told : ((told % loopMs) + loopMs) % loopMs;
}

/** How a stream is at a moment of its story. */
export interface StreamState {
  readonly framesPerSecond: number;
  readonly bitsPerSecond: number;
  readonly clientIp: string;
  readonly serverIp: string;
  readonly secondPublisher: string | undefined;
}

/** undefined while nobody pushes. Where events overlap, the one listed last has its way. */
export function streamStateAt(stream: SimulatedStream, storyMs: number): StreamState | undefined {
  if (storyMs < stream.startMs || storyMs >= stream.stopMs) return undefined;
  let { framesPerSecond, bitsPerSecond, clientIp, serverIp } = stream;
  let secondPublisher: string | undefined;
  for (const event of stream.story) {
    if (storyMs < event.fromMs || storyMs >= event.untilMs) continue;
    if (event.silent || isDown(event.flapping, storyMs - event.fromMs)) return undefined;
    framesPerSecond = levelled(event.fps, stream.framesPerSecond, framesPerSecond);
    bitsPerSecond = levelled(event.bitrate, stream.bitsPerSecond, bitsPerSecond);
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

function levelled(level: Level | undefined, ordinary: number, otherwise: number): number {
  if (level === undefined) return otherwise;
  return 'share' in level ? ordinary * level.share : level.value;
}

/** How a provider's API is at a moment of the story. */
export interface ApiState<Answer> {
  readonly answer: Answer | undefined;
  /** Which part of the calls gets `answer`. */
  readonly share: number;
  readonly rateLimit: number | undefined;
  readonly delayMs: number;
}

/** What an API is like, and the events that change it. */
interface ApiStory<Answer> {
  readonly rateLimit: number | undefined;
  readonly delayMs: number;
  readonly story: readonly ApiEvent<Answer>[];
}

/** Where events overlap, the one listed last has its way. */
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
