import { compareTexts, type RowKind } from './target-ledger.ts';
import type { EpochMs } from './time.ts';

/** What a provider measured of one push at one moment. A value it did not send is undefined: unknown is not zero. */
export interface PushSample {
  /** The provider's own time. */
  readonly measuredAt: EpochMs;
  /** How much push time this sample speaks for. */
  readonly periodMs: number;
  /** Where the encoder pushes from. */
  readonly clientIp: string | undefined;
  /** The ingest node that receives the push. */
  readonly serverIp: string | undefined;
  /** The provider's own name for one push from its begin to its end, where it tells. */
  readonly session: string | undefined;
  readonly framesPerSecond: number | undefined;
  /** The provider's own figure where it does not split audio from video. */
  readonly bitsPerSecond: number | undefined;
}

/** Samples of one moment are told apart by who pushed to where. */
export const pushSamples: RowKind<PushSample> = {
  at: ({ measuredAt }) => measuredAt,
  compare: (a, b) =>
    a.measuredAt - b.measuredAt ||
    compareTexts(a.clientIp, b.clientIp) ||
    compareTexts(a.serverIp, b.serverIp) ||
    compareTexts(a.session, b.session),
  agree: (a, b) =>
    a.framesPerSecond === b.framesPerSecond &&
    a.bitsPerSecond === b.bitsPerSecond &&
    a.periodMs === b.periodMs,
  isMultiset: false,
};
