import type { Expectation } from './expectation.ts';
import type { Provider } from './operations.ts';
import { type StreamId, streamKey } from './stream.ts';

/** Stream whose push samples are requested, with the settings for its requests and metrics. */
export interface PushTarget {
  readonly stream: StreamId;
  readonly expectation: Expectation;
  /** Labels from the config, for the metric livestream_stream_info. */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Configured polling interval in ms. The actual interval is longer if the budget (the configured rate
   * limit) is too small.
   */
  readonly intervalMs: number;
  /** Time in ms after which a sample normally appears at the provider. */
  readonly expectedDelayMs: number;
  /** Time in ms by which a request window starts before the watermark, in addition to the expected delay. */
  readonly lookbackMs: number;
  /** Maximum age in ms of a sample that the gauges show, in addition to the expected delay. */
  readonly staleAfterMs: number;
  /** Whether the stream is not in the config, but was listed as live. */
  readonly isDiscovered?: true;
}

/**
 * Application of a domain whose live streams are discovered, with the settings for the list of its streams, and for
 * the streams.
 */
export interface DiscoveryTarget {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  readonly appName: string;
  /** Configured time in ms between two lists. */
  readonly intervalMs: number;
  /** Patterns (see `compilePattern`) of the names of streams. An empty `exclude` excludes no stream. */
  readonly filter: { readonly include: string; readonly exclude: string };
  /** Settings of the push target of each stream. */
  readonly push: Omit<PushTarget, 'stream'>;
}

/**
 * Returns the key of the target's record. It consists of the kind of data (`push_stats`) and the stream key.
 */
export function pushTargetKey({ stream }: PushTarget): string {
  return pushTargetKeyOf(streamKey(stream));
}

/** Returns the key of a push target's record. `key` is the key of the stream. */
export function pushTargetKeyOf(key: string): string {
  return pushQuestion + key;
}

/**
 * Returns the stream key that the key of a push target's record contains. The result is a slice of the record
 * key, so that V8 stores the text only once.
 */
export function streamKeyOf(pushKey: string): string {
  return pushKey.slice(pushQuestion.length);
}

const pushQuestion = 'push_stats ';

/** Reports whether the record with this key belongs to a push target, and not to a control target. */
export function isPushKey(targetKey: string): boolean {
  return targetKey.startsWith(pushQuestion);
}

/**
 * Application that a request without one means, at providers that answer for one application at a time.
 */
export const defaultAppName = 'live';

/** Domain whose control actions are requested, with the settings for its requests. */
export interface ControlTarget {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  /** Application to which requests are restricted; undefined for all applications of the domain. */
  readonly appName: string | undefined;
  /** Applications to request, if the provider answers for one application at a time; otherwise absent. */
  readonly appNames?: readonly string[] | undefined;
  /** Configured polling interval in ms. */
  readonly intervalMs: number;
  /** Time in ms after which a control action normally appears at the provider. */
  readonly expectedDelayMs: number;
  /** Time in ms by which a request window starts before the watermark, in addition to the expected delay. */
  readonly lookbackMs: number;
}

/**
 * Returns the key of the target's record. It consists of the kind of data (`control_history`), account,
 * provider and domain. It does not contain the application, which only narrows the request.
 */
export function controlTargetKey({ account, provider, domain }: ControlTarget): string {
  return `control_history ${JSON.stringify([account, provider, domain])}`;
}

/** Settings of a target that determine the windows (time ranges) of its history requests. */
export type TargetTiming = Pick<PushTarget, 'expectedDelayMs' | 'lookbackMs'>;

/**
 * Returns the time in ms by which a request window starts before the watermark: the lookback plus the
 * expected delay.
 */
export function totalLookbackMs({ expectedDelayMs, lookbackMs }: TargetTiming): number {
  return expectedDelayMs + lookbackMs;
}
