import { compareTexts, type RowKind } from './duplicates.ts';
import type { PushMedia } from './push-media.ts';
import type { EpochMs } from './time.ts';

/**
 * Measurement of one push (one publisher that sends one stream) at one time. A value that the provider did
 * not send is undefined, because unknown is not the same as zero.
 */
export interface PushSample {
  /** Time of the measurement by the provider's clock (epoch ms). */
  readonly measuredAt: EpochMs;
  /** Push time that the sample covers, in ms. */
  readonly periodMs: number;
  /** IP address of the publisher (encoder). */
  readonly clientIp: string | undefined;
  /** IP address of the ingest node that receives the push. */
  readonly serverIp: string | undefined;
  /**
   * Identifier that the provider gives one push from its start to its end; undefined if the provider reports
   * none.
   */
  readonly session: string | undefined;
  readonly framesPerSecond: number | undefined;
  /** Bit rate of the push in bits per second, with audio and video together. */
  readonly bitsPerSecond: number | undefined;
  /**
   * Media time in ms: the part of the video or audio that arrived in the period. It is close to the period if
   * the push runs smoothly, and shorter if the publisher or its network stalls. Absent if the provider
   * reports none.
   */
  readonly videoMs?: number | undefined;
  readonly audioMs?: number | undefined;
  /**
   * Key of the sample's stream; undefined for the target's own stream. Only set by providers whose answers
   * cover several streams.
   */
  readonly stream?: string | undefined;
  /**
   * Further values of the push. They are not compared, counted or saved: a stored sample has none.
   */
  readonly media?: PushMedia | undefined;
}

/**
 * Maximum number of publishers of one stream that have gauges of their own and whose sessions are counted.
 * A stream normally has one or two publishers. Without a limit, an answer with thousands of addresses would
 * create thousands of series. The limit affects no total of the samples.
 */
export const maxPublishers = 16;

/**
 * How to compare push samples. Samples are a set: two samples with the same stream, time, publisher, ingest
 * node and session are one sample. A provider can report the last three later than the sample.
 */
export const pushSamples: RowKind<PushSample> = {
  at: ({ measuredAt }) => measuredAt,
  compare: (a, b) =>
    a.measuredAt - b.measuredAt ||
    compareTexts(a.stream, b.stream) ||
    compareTexts(a.clientIp, b.clientIp) ||
    compareTexts(a.serverIp, b.serverIp) ||
    compareTexts(a.session, b.session),
  isSameGroup: (a, b) => a.measuredAt === b.measuredAt && a.stream === b.stream,
  optionalFields: ['clientIp', 'serverIp', 'session'],
  hasSameValues: (a, b) =>
    a.framesPerSecond === b.framesPerSecond &&
    a.bitsPerSecond === b.bitsPerSecond &&
    a.periodMs === b.periodMs &&
    a.videoMs === b.videoMs &&
    a.audioMs === b.audioMs,
  optionalValues: ['framesPerSecond', 'bitsPerSecond', 'videoMs', 'audioMs'],
  isMultiset: false,
};

/**
 * Returns the samples of the target's own stream. Returns the array `samples` itself if the answer covers no
 * other stream.
 */
export function ownSamples(samples: readonly PushSample[]): readonly PushSample[] {
  return samples.every(isOwnSample) ? samples : samples.filter(isOwnSample);
}

/** What decides whether a sample is fresh (recent enough for the gauges). */
export interface Freshness {
  /** Time in ms after which a sample normally appears at the provider. */
  readonly expectedDelayMs: number;
  /** Maximum age of a sample in the gauges, in ms, in addition to the expected delay. */
  readonly staleAfterMs: number;
}

/**
 * Returns the maximum age in ms at which a sample that covers `periodMs` is fresh, measured at the time of the
 * request. A stream with a long period has a sample only once per period, so two periods are always tolerated.
 */
export function freshMs({ expectedDelayMs, staleAfterMs }: Freshness, periodMs: number): number {
  return expectedDelayMs + silentAfterMs(staleAfterMs, periodMs);
}

/** Returns the time in ms without a sample after which a push has ended, if its samples cover `periodMs`. */
export function silentAfterMs(staleAfterMs: number, periodMs: number): number {
  return Math.max(staleAfterMs, 2 * periodMs);
}

/** Reports whether the sample belongs to the target's own stream. */
export function isOwnSample({ stream }: PushSample): boolean {
  return stream === undefined;
}
