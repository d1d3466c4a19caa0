import type { PushSample } from '../model/push-sample.ts';
import { diffNumber, type NumberDiff, patchNumber } from './number-diff.ts';

/**
 * Consecutive samples of one publisher: the time of the first one (counted from the sample before), the period
 * of all of them, and the publisher (0: that of the sample before). Then the frame rate and the bit rate of each
 * sample, and its media times if there are any. Each sample of a run is one period after the previous one.
 */
export type SampleRun = readonly [
  measuredAt: NumberDiff,
  periodMs: NumberDiff,
  publisher: Publisher | 0,
  ...values: readonly (number | null | MediaTimes)[],
];

/** Video and audio time, as differences from the period, which are short. */
type MediaTimes = readonly [video: number | null, audio: number | null];

/** Client address, server address, session, and stream if the sample does not belong to the target's stream. */
type Publisher = readonly (string | null)[];

/** Converts sorted samples. `before` is the last counted sample, which need not be older than the first of them. */
export function toRuns(before: PushSample | undefined, samples: readonly PushSample[]): readonly SampleRun[] {
  const runs: SampleRun[] = [];
  let run: [NumberDiff, NumberDiff, Publisher | 0, ...(number | null | MediaTimes)[]] | undefined;
  let previous = before;
  for (const sample of samples) {
    const { measuredAt, periodMs, framesPerSecond, bitsPerSecond } = sample;
    if (run === undefined || previous === undefined || !isNext(previous, sample)) {
      run = [
        diffNumber(previous?.measuredAt ?? 0, measuredAt),
        diffNumber(previous?.periodMs ?? 0, periodMs),
        previous !== undefined && isSamePublisher(previous, sample) ? 0 : publisherOf(sample),
      ];
      runs.push(run);
    }
    run.push(framesPerSecond ?? null, bitsPerSecond ?? null);
    const { videoMs, audioMs } = sample;
    if (videoMs !== undefined || audioMs !== undefined) {
      run.push([toDifference(videoMs, periodMs), toDifference(audioMs, periodMs)]);
    }
    previous = sample;
  }
  return runs;
}

/** Restores the samples that `toRuns` has converted with the same `before`. */
export function fromRuns(before: PushSample | undefined, runs: readonly SampleRun[]): readonly PushSample[] {
  const samples: PushSample[] = [];
  let previous = before;
  for (const [at, period, publisher, ...values] of runs) {
    const who: Pick<PushSample, 'clientIp' | 'serverIp' | 'session' | 'stream'> =
      publisher === 0 ? (previous ?? unknownPublisher) : toPublisher(publisher);
    const { clientIp, serverIp, session, stream } = who;
    const periodMs = patchNumber(previous?.periodMs ?? 0, period) ?? 0;
    let measuredAt = patchNumber(previous?.measuredAt ?? 0, at) ?? 0;
    for (let i = 0; i < values.length; measuredAt += periodMs) {
      let sample: PushSample = {
        measuredAt,
        periodMs,
        clientIp,
        serverIp,
        session,
        framesPerSecond: numberOf(values[i++]),
        bitsPerSecond: numberOf(values[i++]),
      };
      const times = values[i];
      if (typeof times === 'object' && times !== null) {
        i++;
        const [video, audio] = times;
        sample = {
          ...sample,
          videoMs: fromDifference(video, periodMs),
          audioMs: fromDifference(audio, periodMs),
        };
      }
      previous = stream === undefined ? sample : { ...sample, stream };
      samples.push(previous);
    }
  }
  return samples;
}

function toDifference(ms: number | undefined, periodMs: number): number | null {
  return ms === undefined ? null : ms - periodMs;
}

function fromDifference(difference: number | null, periodMs: number): number | undefined {
  return difference === null ? undefined : periodMs + difference;
}

function numberOf(value: number | null | MediaTimes | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

const unknownPublisher = { clientIp: undefined, serverIp: undefined, session: undefined };

function publisherOf({ clientIp, serverIp, session, stream }: PushSample): Publisher {
  const fields = [clientIp ?? null, serverIp ?? null, session ?? null];
  return stream === undefined ? fields : [...fields, stream];
}

function toPublisher([clientIp, serverIp, session, stream]: Publisher) {
  return {
    clientIp: clientIp ?? undefined,
    serverIp: serverIp ?? undefined,
    session: session ?? undefined,
    stream: stream ?? undefined,
  };
}

function isSamePublisher(a: PushSample, b: PushSample): boolean {
  return (
    a.clientIp === b.clientIp && a.serverIp === b.serverIp && a.session === b.session && a.stream === b.stream
  );
}

/** Reports whether `sample` continues the run of `previous`. */
function isNext(previous: PushSample, sample: PushSample): boolean {
  return (
    sample.measuredAt === previous.measuredAt + previous.periodMs &&
    sample.periodMs === previous.periodMs &&
    isSamePublisher(previous, sample)
  );
}
