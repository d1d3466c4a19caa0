import type { Schedule } from './live-schedule.ts';
import type { PushSample } from './push-sample.ts';

/** What the config expects of a stream. A value that is not configured is undefined and is not evaluated. */
export interface Expectation {
  readonly framesPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
  /** Effective minimum frame rate: a sample with a lower frame rate is degraded. */
  readonly minFramesPerSecond: number | undefined;
  /** Effective minimum bit rate: a sample with a lower bit rate is degraded. */
  readonly minBitsPerSecond: number | undefined;
  /** When the stream is expected to be live. undefined if no schedule is configured. */
  readonly live: Schedule | undefined;
}

/**
 * Condition that makes a sample degraded. One sample can be in several conditions, so never sum their times.
 */
export type Condition = 'low_fps' | 'no_video' | 'low_bitrate';

export const conditions: readonly Condition[] = ['low_fps', 'no_video', 'low_bitrate'];

/** Reports whether the expectation contains the minimum that the condition needs. */
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
 * Reports whether the sample is in the condition. Evaluates the sample alone, so that the order of samples
 * and repeated requests change no total.
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
