import type { PushSample } from '../../src/model/push-sample.ts';
import { secondMs, type Window } from '../../src/model/time.ts';

/** What is expected of a stream, as the exporter's config has it. */
export interface Expected {
  readonly framesPerSecond: number;
  readonly bitsPerSecond: number;
  /** The one stretch in which it is due. */
  readonly due: Window;
}

/** What becomes of samples by expectation and by their order. In milliseconds, but for what is a number. */
export interface JudgedTruth {
  readonly degradedMs: { readonly low_fps: number; readonly no_video: number; readonly low_bitrate: number };
  readonly badMs: number;
  readonly missingMs: number;
  readonly sessions: number;
  readonly clientChanges: number;
}

/** The exporter's defaults, and its `stale_after`. */
const fpsRatio = 0.8;
const bitrateRatio = 0.5;
const staleAfterMs = 30 * secondMs;
const periodMs = 5 * secondMs;

/**
 * Of all samples of a stream, in the order of time, watched from long before the first one to long after the last. Said
 * once more, in other words than the exporter's, so that no mistake of its is held against itself.
 */
export function judgedTruth(samples: readonly PushSample[], expected: Expected): JudgedTruth {
  const lengthOf = (part: readonly PushSample[]) => part.length * periodMs;
  const isLowFps = ({ framesPerSecond = 0 }: PushSample) =>
    framesPerSecond > 0 && framesPerSecond < fpsRatio * expected.framesPerSecond;
  const hasNoVideo = ({ framesPerSecond }: PushSample) => framesPerSecond === 0;
  const isLowBitrate = ({ bitsPerSecond = 0 }: PushSample) =>
    bitsPerSecond < bitrateRatio * expected.bitsPerSecond;
  return {
    degradedMs: {
      low_fps: lengthOf(samples.filter(isLowFps)),
      no_video: lengthOf(samples.filter(hasNoVideo)),
      low_bitrate: lengthOf(samples.filter(isLowBitrate)),
    },
    badMs: lengthOf(samples.filter((one) => isLowFps(one) || hasNoVideo(one) || isLowBitrate(one))),
    missingMs: missingIn(samples, expected.due),
    sessions: Map.groupBy(samples, ({ clientIp }) => clientIp)
      .values()
      .reduce((sum, own) => sum + timesBegun(own), 0),
    clientChanges: changesIn(samples),
  };
}

/** Each sample speaks for the period before it. What is due between is missing, unless it is the grid's jitter. */
function missingIn(samples: readonly PushSample[], due: Window): number {
  const ends = [-Infinity, ...samples.map(({ measuredAt }) => measuredAt)];
  const begins = [...samples.map(({ measuredAt }) => measuredAt - periodMs), Infinity];
  return ends.reduce((sum, from, i) => {
    const to = begins[i] ?? Infinity;
    if (to - from <= periodMs / 2) return sum;
    return sum + Math.max(0, Math.min(to, due.to) - Math.max(from, due.from));
  }, 0);
}

/** How often one publisher begins: with its first sample, and with each after a long silence. */
function timesBegun(own: readonly PushSample[]): number {
  return own.filter(({ measuredAt }, i) => {
    const before = own[i - 1];
    return before === undefined || measuredAt - before.measuredAt > staleAfterMs;
  }).length;
}

/** How often another one takes the place of the publisher that fell silent. */
function changesIn([first, ...others]: readonly PushSample[]): number {
  let changes = 0;
  let followed = first;
  for (const sample of others) {
    if (followed === undefined) continue;
    const isSilent = sample.measuredAt - followed.measuredAt > staleAfterMs;
    if (sample.clientIp !== followed.clientIp && !isSilent) continue;
    if (sample.clientIp !== followed.clientIp) changes++;
    followed = sample;
  }
  return changes;
}
