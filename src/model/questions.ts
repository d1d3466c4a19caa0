import type { Answer } from './answer.ts';
import type { PushSample } from './push-sample.ts';
import type { StreamId } from './stream.ts';
import type { Window } from './time.ts';

/** How far one call of a history operation may reach. */
export interface HistoryLimits {
  /** The longest window of one call. */
  readonly spanMs: number;
  /** How far back the provider can still be asked. */
  readonly retentionMs: number;
  /** How much time one row speaks for, as a rule. */
  readonly periodMs: number;
}

/** The question "which samples of this stream are there from A to B?". */
export interface PushHistorySource {
  /** The provider's own name for the API call, the label of its counters. */
  readonly operation: string;
  readonly limits: HistoryLimits;
  /**
   * The samples of `stream` measured within `window`, in no promised order; rows outside the window are possible.
   * An empty answer means that the provider has none. Rejects with a ProviderError when it did not answer, and with the
   * signal's reason when aborted.
   */
  listPushSamples(stream: StreamId, window: Window, signal: AbortSignal): Promise<Answer<PushSample>>;
}
