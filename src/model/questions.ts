import type { Answer } from './answer.ts';
import type { ControlAction } from './control-action.ts';
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

/** What a control history is asked about: a domain, or one application of it. */
export interface ControlledDomain {
  readonly domain: string;
  /** undefined: all applications. */
  readonly appName: string | undefined;
}

/** The question "what was done to the streams of this domain from A to B?". */
export interface ControlHistorySource {
  readonly operation: string;
  readonly limits: Pick<HistoryLimits, 'spanMs' | 'retentionMs'>;
  /**
   * The actions recorded within `window`, in no promised order; rows outside the window are possible. Equal rows are
   * different actions. An empty answer means that the provider has none. Rejects like listPushSamples.
   */
  listControlActions(
    domain: ControlledDomain,
    window: Window,
    signal: AbortSignal,
  ): Promise<Answer<ControlAction>>;
}
