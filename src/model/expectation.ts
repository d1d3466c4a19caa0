import type { Schedule } from './live-schedule.ts';
import type { PushSample } from './push-sample.ts';

/** What the config expects of a stream. A value that is not configured is undefined and not evaluated. */
export interface Expectation {
  readonly framesPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
  /** Minimum frame rate in frames per second. A sample with a lower frame rate is degraded. */
  readonly minFramesPerSecond: number | undefined;
  /** Minimum bit rate in bits per second. A sample with a lower bit rate is degraded. */
  readonly minBitsPerSecond: number | undefined;
  /** When the stream is expected to be live; undefined if the config does not say. */
  readonly live: Schedule | undefined;
}

/**
 * Condition that makes a sample degraded. Several conditions can apply to one sample, so never add up the
 * times of different conditions.
 */
export type Condition = 'low_fps' | 'no_video' | 'low_bitrate';

export const conditions: readonly Condition[] = ['low_fps', 'no_video', 'low_bitrate'];

/** Reports whether the expectation contains the value that the condition requires. */
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
 * Reports whether the condition applies to the sample. Evaluates each sample on its own, so that neither the
 * order of the samples nor repeated requests can change a total.
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
