import type { Provider } from './capabilities.ts';
import type { Expectation } from './expectation.ts';
import { type StreamId, streamKey } from './stream.ts';

/** One stream whose push samples are asked for, and how. */
export interface PushTarget {
  readonly stream: StreamId;
  readonly expectation: Expectation;
  /** The operator's own labels, for livestream_stream_info. */
  readonly labels: Readonly<Record<string, string>>;
  /** How often to ask, where the budget allows. */
  readonly intervalMs: number;
  /** How late the provider's data normally is. */
  readonly expectedDelayMs: number;
  /** How far before the watermark a window begins, on top of the expected delay. */
  readonly lookbackMs: number;
  /** How old a sample may be and still be shown, on top of the expected delay. */
  readonly staleAfterMs: number;
}

/** The key of the target's ledger: the question, then what it is about. */
export function pushTargetKey({ stream }: PushTarget): string {
  return pushTargetKeyOf(streamKey(stream));
}

/** The same, of the stream's own key. */
export function pushTargetKeyOf(key: string): string {
  return pushQuestion + key;
}

/** The stream's own key, as a part of the target's: so the two take little more memory than one. */
export function streamKeyOf(pushKey: string): string {
  return pushKey.slice(pushQuestion.length);
}

const pushQuestion = 'push_stats ';

/** One domain whose control actions are asked for, and how. */
export interface ControlTarget {
  readonly account: string;
  readonly provider: Provider;
  readonly domain: string;
  /** undefined: all applications of the domain. */
  readonly appName: string | undefined;
  readonly intervalMs: number;
  /** How late a record normally is. */
  readonly expectedDelayMs: number;
  /** How far before the watermark a window begins, on top of the expected delay. */
  readonly lookbackMs: number;
}

/** The domain is the target's identity; an application only narrows what is asked about it. */
export function controlTargetKey({ account, provider, domain }: ControlTarget): string {
  return `control_history ${JSON.stringify([account, provider, domain])}`;
}
