import type { EpochMs } from '../../model/time.ts';
import type { ApiBehavior, ApiEvent, Level, Scenario, StreamEvent } from '../scenario/scenario.ts';
import type { SimulatedStream } from './streams.ts';

/**
 * Returns the position in the story of a scenario at the time `at`. The position is story time in ms, which
 * passes `speed` times as fast as clock time. If the story does not repeat, its position is negative before
 * the start.
 */
export function storyMsAt({ loopMs, speed }: Scenario, startedAt: EpochMs, at: EpochMs): number {
  const storyMs = (at - startedAt) * speed;
  // A repeating story also repeats before the simulator starts, so its position is never negative.
  return loopMs === undefined ? storyMs : ((storyMs % loopMs) + loopMs) % loopMs;
}

/**
 * Returns the rates and addresses of a stream at one position in the story; undefined while the stream is not
 * pushed. If several overlapping events set the same value, the event listed last takes precedence.
 */
export function streamStateAt(stream: SimulatedStream, storyMs: number) {
  if (storyMs < stream.startMs || storyMs >= stream.stopMs) return undefined;
  let { framesPerSecond, bitsPerSecond, clientIp, serverIp } = stream;
  let secondPublisher: string | undefined;
  let videoTime: number | undefined;
  let keyframeIntervalMs: number | undefined;
  for (const event of stream.story) {
    if (storyMs < event.fromMs || storyMs >= event.untilMs) continue;
    if (event.silent || isDown(event.flapping, storyMs - event.fromMs)) return undefined;
    framesPerSecond = applyLevel(event.fps, stream.framesPerSecond, framesPerSecond);
    bitsPerSecond = applyLevel(event.bitrate, stream.bitsPerSecond, bitsPerSecond);
    clientIp = event.clientIp ?? clientIp;
    serverIp = event.serverIp ?? serverIp;
    secondPublisher = event.secondPublisher ?? secondPublisher;
    videoTime = event.videoTime ?? videoTime;
    keyframeIntervalMs = event.keyframeInterval ?? keyframeIntervalMs;
  }
  return {
    framesPerSecond,
    bitsPerSecond,
    clientIp,
    serverIp,
    secondPublisher,
    videoTime,
    keyframeIntervalMs,
  };
}

/**
 * Returns the position in the story at which the push of a stream began that is live at `storyMs`; -Infinity if it
 * began before the story. undefined while the stream is not pushed. If the story repeats, its start counts as a begin.
 */
export function pushBeginAt(stream: SimulatedStream, storyMs: number): number | undefined {
  if (streamStateAt(stream, storyMs) === undefined) return undefined;
  for (let at = storyMs; ; ) {
    const change = lastChangeAt(stream, at);
    if (change === -Infinity || streamStateAt(stream, change - 1) === undefined) return change;
    at = change - 1;
  }
}

/** Returns the last position up to `storyMs` at which a push can begin. */
function lastChangeAt({ startMs, story }: SimulatedStream, storyMs: number): number {
  const changes = story.flatMap(({ fromMs, untilMs, silent, flapping }) => {
    if (flapping === undefined) return silent ? [untilMs] : [];
    const { upMs, downMs } = flapping;
    const lastMs = Math.min(storyMs, untilMs) - fromMs;
    const cycles = Math.floor((lastMs - downMs) / (upMs + downMs));
    return [untilMs, ...(cycles < 0 ? [] : [fromMs + downMs + cycles * (upMs + downMs)])];
  });
  return Math.max(startMs, ...changes.filter((change) => change <= storyMs));
}

function isDown(flapping: StreamEvent['flapping'], sinceMs: number): boolean {
  return flapping !== undefined && sinceMs % (flapping.upMs + flapping.downMs) < flapping.downMs;
}

/**
 * Returns the rate that an event sets, either as an absolute value or as a share of the `normal` rate. If the
 * event sets no rate, returns `current`.
 */
function applyLevel(level: Level | undefined, normal: number, current: number): number {
  if (level === undefined) return current;
  return 'share' in level ? normal * level.share : level.value;
}

/** Normal rate limit and delay of a simulated API, and the events that change them. */
interface ApiStory<Answer> extends Pick<ApiBehavior, 'rateLimit' | 'delayMs'> {
  readonly story: readonly ApiEvent<Answer>[];
}

/**
 * Returns the rate limit, the delay and the forced answer of a simulated API at one position in the story.
 * `share` is the fraction of the requests that get the forced `answer`. `heldUntilMs` is the position before
 * which samples of this position are held back. If several overlapping events set the
 * same value, the event listed last takes precedence.
 */
export function apiStateAt<Answer>(behavior: ApiStory<Answer>, storyMs: number) {
  let { rateLimit, delayMs } = behavior;
  let answer: Answer | undefined;
  let share = 1;
  let heldUntilMs: number | undefined;
  for (const event of behavior.story) {
    if (storyMs < event.fromMs || storyMs >= event.untilMs) continue;
    if (event.answer !== undefined) ({ answer, share } = event);
    rateLimit = event.rateLimit ?? rateLimit;
    delayMs = event.delayMs ?? delayMs;
    heldUntilMs = event.heldUntilMs ?? heldUntilMs;
  }
  return { answer, share, rateLimit, delayMs, heldUntilMs };
}
