import { type Expectation, hasCondition } from './expectation.ts';
import { isOwnSample, type PushSample, silentAfterMs } from './push-sample.ts';
import { type EpochMs, secondMs } from './time.ts';

/**
 * How long a condition of a push has lasted: a leaky bucket in the time of the samples. Bad time fills it,
 * good time drains it half as fast. The alert fires when the bucket contains more than one sample of 5 s, and
 * ends when it is empty. Exists only while the bucket is not empty.
 */
export interface AlertLevel {
  /** Time of the first bad sample since the bucket was empty (epoch ms by the provider's clock). */
  readonly since: EpochMs;
  /** Time of the newest sample (epoch ms). */
  readonly lastAt: EpochMs;
  /** Content of the bucket in ms. */
  readonly levelMs: number;
  readonly isFiring: boolean;
}

/** Levels of the alerts about the samples of a push. Absent while the bucket is empty. */
export interface AlertLevels {
  /** Of frame rates below the minimum, but above 0 (condition `low_fps`). */
  readonly fpsLow?: AlertLevel | undefined;
  /** Of samples without video (conditions `no_video` and `video_stall`). */
  readonly stalled?: AlertLevel | undefined;
}

/** Saved state of the alerts of a stream. */
export interface AlertState extends AlertLevels {
  /**
   * Start of the time for which an alert reports that the stream is missing (epoch ms). Absent if there is no
   * such alert.
   */
  readonly missingSince?: EpochMs | undefined;
}

/** What decides whether a sample is bad, and when a push without samples has ended. */
export interface JudgeOptions {
  readonly expectation: Expectation;
  readonly staleAfterMs: number;
}

/**
 * Content in ms from which the alert fires: two samples of 5 s, whose periods jitter by some milliseconds.
 */
const firesMs = 8 * secondMs;

/**
 * Maximum content in ms. It drains in 30 s, so that a good moment between bad ones does not end the alert.
 */
const maxMs = 15 * secondMs;

/** Part of its time by which a good sample drains the bucket. */
const drainRatio = 0.5;

/**
 * Returns the levels after `samples`, which are sorted by time and later than those that led to `before`.
 * Only samples of the target's own stream count. The result depends only on the samples, so judging a history
 * in parts has the same result as judging it at once. Returns undefined if all buckets are empty.
 */
export function judgeSamples(
  before: AlertLevels | undefined,
  samples: readonly PushSample[],
  { expectation, staleAfterMs }: JudgeOptions,
): AlertLevels | undefined {
  if (expectation.isAudioOnly) return undefined;
  const canBeLow = expectation.minFramesPerSecond !== undefined;
  let fpsLow = canBeLow ? before?.fpsLow : undefined;
  let stalled = before?.stalled;
  for (const sample of samples) {
    // An unknown frame rate is neither good nor bad.
    if (sample.framesPerSecond === undefined || !isOwnSample(sample)) continue;
    const isLow = hasCondition('low_fps', sample, expectation);
    if (canBeLow && (isLow || fpsLow !== undefined)) {
      fpsLow = nextLevel(fpsLow, isLow, sample, staleAfterMs);
    }
    const isStalled = isStall(sample, expectation);
    if (isStalled || stalled !== undefined) stalled = nextLevel(stalled, isStalled, sample, staleAfterMs);
  }
  if (fpsLow === undefined && stalled === undefined) return undefined;
  return {
    ...(fpsLow !== undefined && { fpsLow }),
    ...(stalled !== undefined && { stalled }),
  };
}

/** Reports whether no sample of the target's own stream fills a bucket. */
export function areGood(samples: readonly PushSample[], { expectation }: JudgeOptions): boolean {
  return samples.every(
    (sample) =>
      !isOwnSample(sample) || !(hasCondition('low_fps', sample, expectation) || isStall(sample, expectation)),
  );
}

function isStall(sample: PushSample, expectation: Expectation): boolean {
  return hasCondition('no_video', sample, expectation) || hasCondition('video_stall', sample, expectation);
}

/** Returns the level after a sample; undefined if the bucket is empty. */
function nextLevel(
  before: AlertLevel | undefined,
  isBad: boolean,
  { measuredAt: at, periodMs }: PushSample,
  staleAfterMs: number,
): AlertLevel | undefined {
  // The push has ended in between, and with it the alert.
  const hasEnded = before !== undefined && at - before.lastAt > silentAfterMs(staleAfterMs, periodMs);
  const known = hasEnded ? undefined : before;
  const knownMs = known?.levelMs ?? 0;
  if (!isBad) {
    const levelMs = knownMs - drainRatio * periodMs;
    return known === undefined || levelMs <= 0 ? undefined : { ...known, lastAt: at, levelMs };
  }
  const levelMs = Math.min(maxMs, knownMs + periodMs);
  const isFiring = known?.isFiring === true || levelMs >= firesMs;
  return { since: known?.since ?? at, lastAt: at, levelMs, isFiring };
}
