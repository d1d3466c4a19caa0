import type { Provider } from './capabilities.ts';
import type { Expectation } from './expectation.ts';
import { type StreamId, streamKey } from './stream.ts';

/** Stream whose push samples are requested, with the settings of its polls. */
export interface PushTarget {
  readonly stream: StreamId;
  readonly expectation: Expectation;
  /** The operator's labels, for livestream_stream_info. */
  readonly labels: Readonly<Record<string, string>>;
  /** Configured polling interval; the effective one is longer if the budget is too small. */
  readonly intervalMs: number;
  /** Normal delay of the provider's data. */
  readonly expectedDelayMs: number;
  /** Overlap of a window before the watermark, in addition to the expected delay. */
  readonly lookbackMs: number;
  /** Maximum age of a sample in the gauges, in addition to the expected delay. */
  readonly staleAfterMs: number;
}

/** Returns the key of the target's record: the question (`push_stats`) and the stream key. */
export function pushTargetKey({ stream }: PushTarget): string {
  return pushTargetKeyOf(streamKey(stream));
}

/** Returns the target key of a stream key. */
export function pushTargetKeyOf(key: string): string {
  return pushQuestion + key;
}

/** Returns the stream key as a slice of the target key, so that V8 holds the text once. */
export function streamKeyOf(pushKey: string): string {
  return pushKey.slice(pushQuestion.length);
}

const pushQuestion = 'push_stats ';

/** Domain whose control actions are requested, with the settings of its polls. */
export interface ControlTarget {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  /** undefined: all applications of the domain. */
  readonly appName: string | undefined;
  readonly intervalMs: number;
  /** Normal delay of a record. */
  readonly expectedDelayMs: number;
  /** Overlap of a window before the watermark, in addition to the expected delay. */
  readonly lookbackMs: number;
}

/**
 * Returns the key of the target's record. The domain is the identity; an application only narrows the
 * request.
 */
export function controlTargetKey({ account, provider, domain }: ControlTarget): string {
  return `control_history ${JSON.stringify([account, provider, domain])}`;
}

/** Settings of a history target that determine its windows. */
export type TargetTiming = Pick<PushTarget, 'expectedDelayMs' | 'lookbackMs'>;

/** Returns how far before the watermark a request window starts, in ms: lookback plus expected delay. */
export function totalLookbackMs({ expectedDelayMs, lookbackMs }: TargetTiming): number {
  return expectedDelayMs + lookbackMs;
}
