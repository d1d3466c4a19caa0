import type { Provider } from './capabilities.ts';
import type { Expectation } from './expectation.ts';
import { type StreamId, streamKey } from './stream.ts';

/** Stream whose push samples are requested, with the settings of its requests and metrics. */
export interface PushTarget {
  readonly stream: StreamId;
  readonly expectation: Expectation;
  /** Labels from the config, for the metric livestream_stream_info. */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Configured polling interval in ms. The effective interval is longer if the budget (configured rate limit)
   * is too small.
   */
  readonly intervalMs: number;
  /** Time in ms after which a sample normally appears at the provider. */
  readonly expectedDelayMs: number;
  /** How far a request window starts before the watermark, in ms, in addition to the expected delay. */
  readonly lookbackMs: number;
  /** Maximum age of a sample in the gauges, in ms, in addition to the expected delay. */
  readonly staleAfterMs: number;
}

/** Returns the key of the target's record: the question (`push_stats`) and the stream key. */
export function pushTargetKey({ stream }: PushTarget): string {
  return pushTargetKeyOf(streamKey(stream));
}

/** Returns the key of a push target's record from the stream key `key`. */
export function pushTargetKeyOf(key: string): string {
  return pushQuestion + key;
}

/**
 * Returns the stream key of a push target's record key. The stream key is a slice of the record key, so that
 * V8 holds the text once.
 */
export function streamKeyOf(pushKey: string): string {
  return pushKey.slice(pushQuestion.length);
}

const pushQuestion = 'push_stats ';

/** Domain whose control actions are requested, with the settings of its polls. */
export interface ControlTarget {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  /** Application that requests are restricted to. undefined: all applications of the domain. */
  readonly appName: string | undefined;
  /** Configured polling interval in ms. */
  readonly intervalMs: number;
  /** Time in ms after which a control action normally appears at the provider. */
  readonly expectedDelayMs: number;
  /** How far a request window starts before the watermark, in ms, in addition to the expected delay. */
  readonly lookbackMs: number;
}

/**
 * Returns the key of the target's record: the question (`control_history`), account, provider and domain. The
 * application is not in the key, because it only narrows the request.
 */
export function controlTargetKey({ account, provider, domain }: ControlTarget): string {
  return `control_history ${JSON.stringify([account, provider, domain])}`;
}

/** Settings of a target that determine the windows (time ranges) of its history requests. */
export type TargetTiming = Pick<PushTarget, 'expectedDelayMs' | 'lookbackMs'>;

/** Returns how far before the watermark a request window starts, in ms: lookback plus expected delay. */
export function totalLookbackMs({ expectedDelayMs, lookbackMs }: TargetTiming): number {
  return expectedDelayMs + lookbackMs;
}
