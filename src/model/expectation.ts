import type { Schedule } from './live-schedule.ts';
import type { PushSample } from './push-sample.ts';

/** Configured expectation of a stream. An undefined value is not configured and is not evaluated. */
export interface Expectation {
  readonly framesPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
  /** Effective limits: a sample below them is degraded. */
  readonly minFramesPerSecond: number | undefined;
  readonly minBitsPerSecond: number | undefined;
  /** When the stream is expected live; undefined if not configured. */
  readonly live: Schedule | undefined;
}

/** Condition of a degraded sample. Conditions can overlap, so never sum them. */
export type Condition = 'low_fps' | 'no_video' | 'low_bitrate';

export const conditions: readonly Condition[] = ['low_fps', 'no_video', 'low_bitrate'];

/** Reports whether the expectation is sufficient to evaluate the condition. */
export function canEvaluate(condition: Condition, expectation: Expectation): boolean {
  switch (condition) {
    case 'low_fps':
      return expectation.minFramesPerSecond !== undefined;
    case 'no_video':
      return true;
    case 'low_bitrate':
      return expectation.minBitsPerSecond !== undefined;
    default:
      return condition satisfies never;
  }
}

/**
 * Reports whether the sample is in the condition. Looks at no other sample, so order and re-reads change no
 * total.
 */
export function hasCondition(condition: Condition, sample: PushSample, expectation: Expectation): boolean {
  const { framesPerSecond: fps, bitsPerSecond: bps } = sample;
  const { minFramesPerSecond: minFps, minBitsPerSecond: minBps } = expectation;
  switch (condition) {
    case 'low_fps':
      return fps !== undefined && minFps !== undefined && fps > 0 && fps < minFps;
    case 'no_video':
      return fps === 0;
    case 'low_bitrate':
      return bps !== undefined && minBps !== undefined && bps < minBps;
    default:
      return condition satisfies never;
  }
}
