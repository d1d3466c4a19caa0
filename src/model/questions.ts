import type { Answer } from './answer.ts';
import type { Capability } from './capabilities.ts';
import type { ControlAction } from './control-action.ts';
import type { PushSample } from './push-sample.ts';
import type { StreamId } from './stream.ts';
import type { Window } from './time.ts';

/** Limits of one history operation. */
export type HistoryLimits = Pick<Capability, 'spanMs' | 'retentionMs' | 'periodMs'>;

/** The port of the question `push_stats`: the history of push samples of one stream. */
export interface PushHistorySource {
  /** The provider's name of the API method; the value of the label `operation`. */
  readonly operation: string;
  readonly limits: HistoryLimits;
  /**
   * Returns the samples of `stream` that were measured within `window`, in no guaranteed order; rows outside the window
   * are possible. An empty answer means that the provider has none. Rejects with a ProviderError if the request failed,
   * and with the reason of `signal` if it was aborted.
   */
  listPushSamples(stream: StreamId, window: Window, signal: AbortSignal): Promise<Answer<PushSample>>;
}

/** Target of control history: a domain, or one application of it. */
export interface ControlledDomain {
  readonly domain: string;
  /** undefined: all applications. */
  readonly appName: string | undefined;
}

/** The port of the question `control_history`: the control actions on the streams of one domain. */
export interface ControlHistorySource {
  readonly operation: string;
  readonly limits: Pick<HistoryLimits, 'spanMs' | 'retentionMs'>;
  /**
   * Returns the actions recorded within `window`, in no guaranteed order; rows outside the window are possible. Equal
   * rows are different actions. An empty answer means that the provider has none. Rejects like `listPushSamples`.
   */
  listControlActions(
    domain: ControlledDomain,
    window: Window,
    signal: AbortSignal,
  ): Promise<Answer<ControlAction>>;
}

/** The sources of one account, by question. A question that the account cannot answer has no source. */
export interface Sources {
  readonly push_stats?: PushHistorySource;
  readonly control_history?: ControlHistorySource;
}
