import type { EpochMs } from './time.ts';

/**
 * What some providers report of a push besides its frame rate and bit rate. It is shown for the newest sample and
 * never counted or saved. A value that the provider did not send is undefined.
 */
export interface PushMedia {
  /** Bit rates in bits per second, which together are the bit rate of the sample. */
  readonly videoBitsPerSecond: number | undefined;
  readonly audioBitsPerSecond: number | undefined;
  /** Audio frames (not samples of the sound) per second. */
  readonly audioFramesPerSecond: number | undefined;
  /** Video frames per second that the encoder declares. */
  readonly declaredFramesPerSecond: number | undefined;
  /** Time in ms between two keyframes. */
  readonly keyframeIntervalMs: number | undefined;
  /** Width and height in pixels, such as `1920x1080`. */
  readonly resolution: string | undefined;
  /** Names of the codecs in lower case, such as `h264` and `aac`. */
  readonly videoCodec: string | undefined;
  readonly audioCodec: string | undefined;
  /** Ingest domain of the push. */
  readonly pushDomain: string | undefined;
  /** Time at which the push began (epoch ms by the provider's clock). */
  readonly beganAt: EpochMs | undefined;
}
