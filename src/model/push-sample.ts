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

/** Two samples with the same key are the same sample. */
export function sampleKey({ measuredAt, clientIp, serverIp, session }: PushSample): string {
  return `${measuredAt} ${clientIp ?? ''} ${serverIp ?? ''} ${session ?? ''}`;
}

/** What the sample says, as text: a key seen again with another print was changed by the provider. */
export function samplePrint({ periodMs, framesPerSecond, bitsPerSecond }: PushSample): string {
  return `${periodMs} ${framesPerSecond ?? ''} ${bitsPerSecond ?? ''}`;
}
