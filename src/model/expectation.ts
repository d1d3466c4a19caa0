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
  /**
   * Whether the stream has no video, so that no condition of its video is evaluated. Absent for a normal
   * stream.
   */
  readonly isAudioOnly?: boolean;
}

/**
 * Condition that makes a sample degraded. Several conditions can apply to one sample, so never add up the
 * times of different conditions.
 */
export type Condition = 'low_fps' | 'no_video' | 'low_bitrate' | 'video_stall';

export const conditions: readonly Condition[] = ['low_fps', 'no_video', 'low_bitrate', 'video_stall'];

/** Reports whether a stream with these conditions is pushed, but has no video or a stalled one. */
export function isWithoutVideo(found: readonly Condition[]): boolean {
  return found.includes('no_video') || found.includes('video_stall');
}

/**
 * Reports whether the condition can be evaluated for a stream: the expectation contains the value that the
 * condition requires, and the provider reports it. `video` is the total media time of the video; undefined if
 * it was never reported.
 */
export function canEvaluate(
  condition: Condition,
  { minFramesPerSecond, minBitsPerSecond, isAudioOnly = false }: Expectation,
  { video }: { readonly video: number | undefined },
): boolean {
  switch (condition) {
    case 'low_fps':
      return minFramesPerSecond !== undefined && !isAudioOnly;
    case 'no_video':
      return !isAudioOnly;
    case 'low_bitrate':
      return minBitsPerSecond !== undefined;
    case 'video_stall':
      return video !== undefined && !isAudioOnly;
    default:
      return condition satisfies never;
  }
}

/**
 * Share of the period below which the media time of a sample is a stall. The media time of a smooth push
 * differs from the period by the time between two frames, because a frame counts for one of two samples. Data
 * that TCP delays also arrives in the next sample. So a pause of the network that lasts less than half of the
 * period is no stall, and a player that buffers two seconds does not show it.
 */
const stallRatio = 0.5;

/**
 * Reports whether the condition applies to the sample. Evaluates each sample on its own, so that neither the
 * order of the samples nor repeated requests can change a total.
 */
export function hasCondition(condition: Condition, sample: PushSample, expectation: Expectation): boolean {
  const { framesPerSecond: fps, bitsPerSecond: bps, videoMs, periodMs } = sample;
  const { minFramesPerSecond: minFps, minBitsPerSecond: minBps, isAudioOnly = false } = expectation;
  switch (condition) {
    case 'low_fps':
      return !isAudioOnly && fps !== undefined && minFps !== undefined && fps > 0 && fps < minFps;
    case 'no_video':
      return !isAudioOnly && fps === 0;
    case 'low_bitrate':
      return bps !== undefined && minBps !== undefined && bps < minBps;
    case 'video_stall':
      // Without frames, the condition is no_video.
      return (
        !isAudioOnly &&
        fps !== undefined &&
        fps > 0 &&
        videoMs !== undefined &&
        videoMs < stallRatio * periodMs
      );
    default:
      return condition satisfies never;
  }
}
