import { compareTexts, type RowKind } from './duplicates.ts';
import type { EpochMs } from './time.ts';

/**
 * Measurement of one push at one time. A value that the provider did not send is undefined: unknown is not
 * zero.
 */
export interface PushSample {
  /** Time of the measurement on the provider's clock. */
  readonly measuredAt: EpochMs;
  /** Push time that this sample covers. */
  readonly periodMs: number;
  /** Address of the publisher (encoder). */
  readonly clientIp: string | undefined;
  /** Address of the ingest node that receives the push. */
  readonly serverIp: string | undefined;
  /** The provider's identifier of one push from start to end, if it reports one. */
  readonly session: string | undefined;
  readonly framesPerSecond: number | undefined;
  /** The provider's total if it does not separate audio and video. */
  readonly bitsPerSecond: number | undefined;
  /**
   * Key of the sample's stream. undefined: the target's own stream. Only answers that cover several streams set it.
   */
  readonly stream?: string | undefined;
}

/** Samples are a set: stream, time, publisher, ingest node and session identify a sample. */
export const pushSamples: RowKind<PushSample> = {
  at: ({ measuredAt }) => measuredAt,
  compare: (a, b) =>
    a.measuredAt - b.measuredAt ||
    compareTexts(a.clientIp, b.clientIp) ||
    compareTexts(a.serverIp, b.serverIp) ||
    compareTexts(a.session, b.session) ||
    compareTexts(a.stream, b.stream),
  hasSameValues: (a, b) =>
    a.framesPerSecond === b.framesPerSecond &&
    a.bitsPerSecond === b.bitsPerSecond &&
    a.periodMs === b.periodMs,
  isMultiset: false,
};

/** Returns the samples of the target's own stream: the same array if the answer covers no other stream. */
export function ownSamples(samples: readonly PushSample[]): readonly PushSample[] {
  return samples.every(isOwnSample) ? samples : samples.filter(isOwnSample);
}

/** Reports whether the sample is of the target's own stream. */
export function isOwnSample({ stream }: PushSample): boolean {
  return stream === undefined;
}
