import type { Condition } from './expectation.ts';

/** Value of a push sample that a provider can omit: the frame rate or the bit rate. */
export type MeasuredValue = 'fps' | 'bitrate';

export const measuredValues: readonly MeasuredValue[] = ['fps', 'bitrate'];

/** Kind of media whose time is counted. */
export type Media = 'video' | 'audio';

export const media: readonly Media[] = ['video', 'audio'];

/**
 * Totals of one stream since its ledger started. All totals are integers, so that the order of additions
 * cannot change a sum.
 */
export interface PushTotals {
  readonly samples: number;
  /**
   * Push time in ms that the samples cover. If several publishers push at the same time, the time of each of
   * them counts.
   */
  readonly observedMs: number;
  /**
   * Parts of `observedMs` whose samples contain the value. The time during which a value is unknown must not
   * lower the mean of the value.
   */
  readonly measuredMs: Readonly<Record<MeasuredValue, number>>;
  /** Number of frames, in thousandths of a frame. This is the sum of frames per second times milliseconds. */
  readonly milliframes: number;
  readonly bytes: number;
  /** Media time in ms; undefined as long as no sample has contained it. */
  readonly mediaMs: Readonly<Record<Media, number | undefined>>;
  /** Time in ms during which each condition, such as `low_fps`, applied. */
  readonly degradedMs: Readonly<Record<Condition, number>>;
  /** Time in ms during which at least one condition applied. */
  readonly badMs: number;
  /**
   * Time in ms during which the stream was expected to be live and the provider answered, but had no sample.
   */
  readonly missingMs: number;
  /** Part of `observedMs` from samples that were too old for the gauges when the exporter counted them. */
  readonly backfilledMs: number;
  /** Total length in ms of the gaps, which are time ranges that were not and will not be requested. */
  readonly gapMs: number;
  /** Number of pushes that have started. */
  readonly sessions: number;
  /**
   * Number of times that the address of the followed publisher changed, for example after a failover to
   * another encoder.
   */
  readonly clientChanges: number;
}

/** Totals of a new ledger. */
export const noTotals: PushTotals = {
  samples: 0,
  observedMs: 0,
  measuredMs: { fps: 0, bitrate: 0 },
  milliframes: 0,
  bytes: 0,
  mediaMs: { video: undefined, audio: undefined },
  degradedMs: { low_fps: 0, no_video: 0, low_bitrate: 0, video_stall: 0 },
  badMs: 0,
  missingMs: 0,
  backfilledMs: 0,
  gapMs: 0,
  sessions: 0,
  clientChanges: 0,
};
