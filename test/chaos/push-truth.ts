import type { PushSample } from '../../src/model/push-sample.ts';
import { secondMs, type Window } from '../../src/model/time.ts';

/** Expectation of a stream, as in the exporter's config. */
export interface Expected {
  readonly framesPerSecond: number;
  readonly bitsPerSecond: number;
  /** Time range in which the stream must be live. */
  readonly due: Window;
}

/** Totals that depend on the expectation or on the order of the samples. Durations are in milliseconds. */
export interface DerivedTruth {
  readonly measuredMs: { readonly fps: number; readonly bitrate: number };
  readonly degradedMs: { readonly low_fps: number; readonly no_video: number; readonly low_bitrate: number };
  readonly badMs: number;
  readonly missingMs: number;
  readonly sessions: number;
  readonly clientChanges: number;
}

/** Defaults of the exporter, and the configured `stale_after`. */
const fpsRatio = 0.8;
const bitrateRatio = 0.5;
const staleAfterMs = 30 * secondMs;
const periodMs = 5 * secondMs;

/**
 * Derives the totals from all samples of a stream in time order. The exporter must poll from long before the first sample
 * to long after the last. This is an independent implementation, so that a bug of the exporter does not verify itself.
 */
export function deriveTruth(samples: readonly PushSample[], expected: Expected): DerivedTruth {
  const lengthOf = (part: readonly PushSample[]) => part.length * periodMs;
  const isLowFps = ({ framesPerSecond = 0 }: PushSample) =>
    framesPerSecond > 0 && framesPerSecond < fpsRatio * expected.framesPerSecond;
  const hasNoVideo = ({ framesPerSecond }: PushSample) => framesPerSecond === 0;
  const isLowBitrate = ({ bitsPerSecond = Infinity }: PushSample) =>
    bitsPerSecond < bitrateRatio * expected.bitsPerSecond;
  return {
    measuredMs: {
      fps: lengthOf(samples.filter(({ framesPerSecond }) => framesPerSecond !== undefined)),
      bitrate: lengthOf(samples.filter(({ bitsPerSecond }) => bitsPerSecond !== undefined)),
    },
    degradedMs: {
      low_fps: lengthOf(samples.filter(isLowFps)),
      no_video: lengthOf(samples.filter(hasNoVideo)),
      low_bitrate: lengthOf(samples.filter(isLowBitrate)),
    },
    badMs: lengthOf(
      samples.filter((sample) => isLowFps(sample) || hasNoVideo(sample) || isLowBitrate(sample)),
    ),
    missingMs: missingIn(samples, expected.due),
    sessions: Map.groupBy(samples, ({ clientIp }) => clientIp)
      .values()
      .reduce((sum, ofPublisher) => sum + sessionsIn(ofPublisher), 0),
    clientChanges: changesIn(samples),
  };
}

/** Each sample covers the period before it. Uncovered due time is missing, unless the gap is only jitter. */
function missingIn(samples: readonly PushSample[], due: Window): number {
  const ends = [-Infinity, ...samples.map(({ measuredAt }) => measuredAt)];
  const begins = [...samples.map(({ measuredAt }) => measuredAt - periodMs), Infinity];
  return ends.reduce((sum, from, i) => {
    const to = begins[i] ?? Infinity;
    if (to - from <= periodMs / 2) return sum;
    return sum + Math.max(0, Math.min(to, due.to) - Math.max(from, due.from));
  }, 0);
}

/** Counts the sessions of one publisher: one at its first sample, and one at each sample after a long silence. */
function sessionsIn(samples: readonly PushSample[]): number {
  return samples.filter(({ measuredAt }, i) => {
    const before = samples[i - 1];
    return before === undefined || measuredAt - before.measuredAt > staleAfterMs;
  }).length;
}

/** Counts the changes to another publisher after the followed publisher has fallen silent. */
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
