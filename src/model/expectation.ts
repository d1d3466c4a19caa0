import type { PushSample } from './push-sample.ts';
import type { Schedule } from './schedule.ts';

/** What the operator expects of a stream. What was not said is undefined, and is not judged. */
export interface Expectation {
  readonly framesPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
  /** The limits really applied: below them a sample is degraded. */
  readonly minFramesPerSecond: number | undefined;
  readonly minBitsPerSecond: number | undefined;
  /** When the stream is due; undefined where the operator did not say. */
  readonly live: Schedule | undefined;
}

/** In what way a sample is bad. They may overlap and are never summed. */
export type Condition = 'low_fps' | 'no_video' | 'low_bitrate';

export const conditions: readonly Condition[] = ['low_fps', 'no_video', 'low_bitrate'];

/** Whether samples of a stream with this expectation can be in the condition at all. */
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

/** Judged on each sample alone, so that neither order nor re-reading changes a total. */
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
