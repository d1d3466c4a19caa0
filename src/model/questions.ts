import type { Answer } from './answer.ts';
import type { HistoryCapability } from './capabilities.ts';
import type { ControlAction } from './control-action.ts';
import type { PushEnd } from './push-end.ts';
import type { PushSample } from './push-sample.ts';
import type { StreamId } from './stream.ts';
import type { EpochMs, Window } from './time.ts';

/** Limits of one history operation, such as the maximum length of a request window. */
export interface HistoryLimits extends Pick<HistoryCapability, 'spanMs' | 'retentionMs' | 'periodMs'> {
  /** The provider's name of the API method. undefined: the operation of the record does not change. */
  readonly operation?: string;
}

/** Port for push statistics (`push_stats`): returns the history of push samples of one stream. */
export interface PushHistorySource {
  /** The provider's name of the API method. It is the value of the metric label `operation`. */
  readonly operation: string;
  readonly limits: HistoryLimits;
  /**
   * Returns the samples of `stream` that were measured within `window`, in no guaranteed order. The answer
   * can also contain rows outside the window. An empty answer means that the provider has no samples. Rejects
   * with a ProviderError if the request fails or if all rows are outside the window, and with the reason of
   * `signal` if the signal is aborted.
   */
  listPushSamples(stream: StreamId, window: Window, signal: AbortSignal): Promise<Answer<PushSample>>;
}

/** Domain, or one application of a domain, whose control history is requested. */
export interface ControlledDomain {
  readonly domain: string;
  /** Application to which the request is restricted; undefined for all applications of the domain. */
  readonly appName: string | undefined;
  /** Applications to request, if the provider answers for one application at a time; otherwise absent. */
  readonly appNames?: readonly string[] | undefined;
}

/** Answer to a request for control actions. */
export interface ControlAnswer extends Answer<ControlAction> {
  /**
   * Ends of pushes within the window, in no guaranteed order: at least the newest one of each stream. Absent
   * if the provider does not report ends together with the actions.
   */
  readonly ends?: readonly PushEnd[];
}

/** Port for control history (`control_history`): returns the control actions on the streams of one domain. */
export interface ControlHistorySource {
  /** The provider's name of the API method. It is the value of the metric label `operation`. */
  readonly operation: string;
  readonly limits: Pick<HistoryCapability, 'spanMs' | 'retentionMs' | 'sameActionMs'>;
  /**
   * Returns the actions that were recorded within `window`, in no guaranteed order. The answer can also
   * contain rows outside the window. Equal rows are different actions. An empty answer means that the
   * provider has no actions. Rejects like `PushHistorySource.listPushSamples`.
   */
  listControlActions(domain: ControlledDomain, window: Window, signal: AbortSignal): Promise<ControlAnswer>;
}

/** One application of a domain, whose live streams are listed. */
export interface ListedApp {
  readonly domain: string;
  readonly appName: string;
}

/** Stream that the provider lists as live. */
export interface OnlineStream {
  readonly stream: string;
  /**
   * Start of the oldest push that is live (epoch ms by the provider's clock): a stream can have several
   * pushes at the same time. undefined if the provider does not report it.
   */
  readonly firstStartedAt: EpochMs | undefined;
}

/** Port for lists of live streams (`online_streams`). */
export interface OnlineStreamsSource {
  /** The provider's name of the API method. It is the value of the metric label `operation`. */
  readonly operation: string;
  /**
   * Returns the streams of one application of a domain that are live, each once, in no guaranteed order. The list
   * contains each stream that was live during the whole call, even if it takes several requests and the list changes
   * between them. Otherwise it is not complete: an unreadable row can be any stream. An empty answer means that no
   * stream is live. Rejects with a ProviderError if any request fails, and with the reason of `signal` if the signal
   * is aborted.
   */
  listOnlineStreams(app: ListedApp, signal: AbortSignal): Promise<ListAnswer<OnlineStream>>;
}

/** Push that the provider lists as live, with its present values. */
export interface ListedPush {
  readonly stream: string;
  /**
   * Values of the push. `measuredAt` is that of the list or, if it has none, the time of the request by the
   * exporter's clock. Nobody must count the sample.
   */
  readonly sample: PushSample;
}

/** Answer of a list, which can be incomplete. */
export interface ListAnswer<T> extends Answer<T> {
  /**
   * Whether the list contains each item that was in it during the whole call. If not, the absence of an item
   * proves nothing.
   */
  readonly isComplete: boolean;
  /**
   * Time whose state the list shows (epoch ms by the provider's clock), which can be minutes before the
   * request. Absent if the provider lists the present state, without a time.
   */
  readonly measuredAt?: EpochMs;
}

/** Limits of one operation that lists live pushes. */
export interface LivePushLimits {
  /** Time in ms between two lists. */
  readonly intervalMs: number;
  /** Maximum age in ms of `measuredAt` when a list is requested; absent if lists have none. */
  readonly ageMs?: number;
}

/** Port for lists of live pushes with their present values (`live_push_stats`). */
export interface LivePushStatsSource {
  /** The provider's name of the API method. It is the value of the metric label `operation`. */
  readonly operation: string;
  readonly limits: LivePushLimits;
  /**
   * Returns the pushes to one application of a domain that are live, in no guaranteed order. A stream can
   * have several pushes at the same time. Reads all pages of the list. An empty answer means that no push is
   * live. Rejects like `OnlineStreamsSource.listOnlineStreams`.
   */
  listLivePushes(app: ListedApp, signal: AbortSignal): Promise<ListAnswer<ListedPush>>;
}

/** Stream that the provider forbids to push now. */
export interface ForbiddenStream {
  readonly stream: string;
  /** Domain of the ban; undefined if the provider does not name one. */
  readonly domain: string | undefined;
  /** Application of the ban; undefined if the provider does not name one. */
  readonly appName: string | undefined;
  /** Start of the ban (epoch ms by the provider's clock, a whole second); undefined if unknown. */
  readonly forbiddenAt: EpochMs | undefined;
  /** Time at which the ban ends by itself (epoch ms); undefined if it does not, or if the time is unknown. */
  readonly expiresAt: EpochMs | undefined;
}

/** Answer to a request for forbidden streams. */
export interface BanList extends Answer<ForbiddenStream> {
  /** Whether the list contains all bans, so that a stream without one is not forbidden. */
  readonly isComplete: boolean;
}

/** Control actions that changes of a list of forbidden streams show. */
export type BanAction = 'forbid' | 'resume';

/** Port for bans (`forbidden_streams`): returns which streams of a domain are forbidden now. */
export interface ForbiddenStreamsSource {
  /** The provider's name of the API method. It is the value of the metric label `operation`. */
  readonly operation: string;
  /**
   * Actions for which changes of the list count, because the control history of the account does not contain
   * them. Each action has one source, so that it counts once.
   */
  readonly countedActions: readonly BanAction[];
  /**
   * What the operator can do so that the provider offers the list to the account; absent if nothing. For the
   * log.
   */
  readonly notOfferedAdvice?: string;
  /**
   * Returns the bans on streams of `domain`, and those without a domain, in no guaranteed order. Resolves
   * with undefined if the provider does not offer the list to this account. Rejects like
   * `OnlineStreamsSource.listOnlineStreams`.
   */
  listForbiddenStreams(domain: string, signal: AbortSignal): Promise<BanList | undefined>;
}

/** Port for the state of single streams (`stream_state`). */
export interface StreamStateSource {
  /** The provider's name of the API method. It is the value of the metric label `operation`. */
  readonly operation: string;
  /**
   * Reports whether the stream is forbidden now; undefined if the provider does not know the stream, or
   * returns an unknown state. Rejects with a ProviderError if the request fails, and with the reason of
   * `signal` if the signal is aborted.
   */
  isForbidden(stream: StreamId, signal: AbortSignal): Promise<boolean | undefined>;
}

/** Domains that belong together. */
export interface DomainMapping {
  /** Ingest domains; empty if streams are pushed to the main streaming domain itself. */
  readonly push: readonly string[];
  /** Main streaming domains. */
  readonly main: readonly string[];
}

/**
 * Port for the domains that belong together (`domain_mapping`). It answers no question, but the other sources
 * of the account need it.
 */
export interface DomainMappingSource {
  /** The provider's name of the API method. It is the value of the metric label `operation`. */
  readonly operation: string;
  /**
   * Reports whether the other sources request the mapping of a domain, because the config does not name it.
   */
  isNeededFor(domain: string): boolean;
  /**
   * Returns the domains that belong together with `domain`, of any kind. Rejects like
   * `OnlineStreamsSource.listOnlineStreams`.
   */
  listDomains(domain: string, signal: AbortSignal): Promise<DomainMapping>;
}

/** Push of one stream to one ingest domain. */
export interface PushedStream extends Pick<StreamId, 'appName' | 'stream'> {
  /** Ingest domain; the main streaming domain if the stream is pushed to it. */
  readonly pushDomain: string;
}

/** Mean bit rate of a stream in one minute. */
export interface MinuteRate {
  /** Start of the minute (epoch ms by the provider's clock). */
  readonly measuredAt: EpochMs;
  readonly bitsPerSecond: number;
}

/** Answer to a request for push metrics. */
export interface MinuteRates extends Answer<MinuteRate> {
  /** Whether most bit rates are those of the bytes in the same rows, so that their unit is not in doubt. */
  readonly isConsistent: boolean;
}

/**
 * Port for bit rates whose unit is documented (`push_metrics`). It answers no question: `doctor` compares the
 * bit rates of the other sources with them.
 */
export interface PushMetricsSource {
  /** The provider's name of the API method. */
  readonly operation: string;
  /**
   * Returns the bit rates of a stream in the minutes of `window`, in no guaranteed order. An empty answer
   * means that the provider has none. Rejects like `PushHistorySource.listPushSamples`.
   */
  listMinuteRates(stream: PushedStream, window: Window, signal: AbortSignal): Promise<MinuteRates>;
}

/**
 * Sources of one account, by kind of data. If the account cannot return a kind of data, there is no source
 * for it.
 */
export interface Sources {
  readonly push_stats?: PushHistorySource;
  readonly control_history?: ControlHistorySource;
  readonly online_streams?: OnlineStreamsSource;
  readonly live_push_stats?: LivePushStatsSource;
  readonly forbidden_streams?: ForbiddenStreamsSource;
  readonly stream_state?: StreamStateSource;
  readonly domain_mapping?: DomainMappingSource;
  readonly push_metrics?: PushMetricsSource;
}
