import type { ControlRecord } from '../model/control-record.ts';
import type { Provider } from '../model/operations.ts';
import type { PushLedger } from '../model/push-ledger.ts';
import type { PushView } from '../model/push-view.ts';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';

/**
 * State of the exporter itself. The interfaces of this file contain no secrets, except that endpoints and the
 * messages of internal errors can contain them.
 */
export interface ExporterInput {
  readonly version: string;
  readonly startedAt: EpochMs;
  readonly configFile: string;
  /** Time at which the active config was loaded. */
  readonly configLoadedAt: EpochMs;
  /** Whether the last reload succeeded. If it failed, the previous config stays active. */
  readonly isLastReloadSuccessful: boolean;
  /** Time of the last save of the state; undefined if the state was not saved yet or the time is unknown. */
  readonly stateSavedAt: EpochMs | undefined;
  /** Warnings that the status page shows, one sentence each, such as that the state cannot be saved. */
  readonly warnings: readonly string[];
  /** State of posting alerts to Alertmanagers; undefined if the exporter posts none. */
  readonly posting?: PostingInput | undefined;
}

/** State of posting alerts to Alertmanagers. */
export interface PostingInput {
  /** Number of firing alerts by name. */
  readonly firing: ReadonlyMap<string, number>;
  readonly alertmanagers: readonly {
    /** Host of the Alertmanager. */
    readonly name: string;
    readonly lastSuccessAt: EpochMs | undefined;
    /** Why the last post failed; undefined if it succeeded, or if there was none. */
    readonly failure: string | undefined;
  }[];
}

/** State of one account of the active config. */
export interface AccountInput {
  readonly account: {
    readonly name: string;
    readonly provider: Provider;
    /** Endpoint URLs as configured. The view removes their user, password and query. */
    readonly endpoints: readonly string[];
  };
  /** Rate limiters of the account, by operation name. */
  readonly limiters: ReadonlyMap<string, { perSecond(): number }>;
  readonly collectors: readonly CollectorInput[];
}

export interface CollectorInput {
  /**
   * Kind of data that the collector requests, such as `push_stats`. This is the value of the label
   * `collector`.
   */
  readonly question: string;
  readonly poller: { state(): CollectorState } & Pick<TargetSchedule, 'dueInMs'>;
  /**
   * Returns all targets in config order. The targets can change while they are read, in slices of the event
   * loop. A target that exists all the time is read once.
   */
  statuses(): Iterable<TargetInput>;
  /** Returns the target with this key; undefined if there is none. */
  statusOf(targetKey: string): TargetInput | undefined;
}

interface TargetInput {
  readonly stream?: StreamInput;
  readonly domain?: DomainInput;
  readonly bans?: BansInput;
}

interface TargetSchedule {
  /**
   * Returns the time in ms until the target with this key is due; not positive if it is due and waits for its run.
   * Returns undefined if a run of the target is in progress, or if the key is unknown.
   */
  dueInMs(targetKey: string): number | undefined;
}

interface CollectorState {
  readonly targets: number;
  readonly failing: number;
  /** Time of the last successful run; undefined if no run has succeeded yet. */
  readonly lastSuccessAt: EpochMs | undefined;
  readonly effectiveIntervalMs: number;
}

export interface StreamInput {
  /** Stream key of the target. */
  readonly key: string;
  readonly target: PushTarget;
  /**
   * State of the stream in the newest answer of the provider; undefined if no run has succeeded since the
   * start.
   */
  readonly view: PushView | undefined;
  /**
   * Returns the totals of the stream; undefined if nothing was ever counted. Each call unpacks the totals
   * from a compact form, so call it only for streams that are rendered.
   */
  readonly ledger: () => PushLedger | undefined;
  /** Failure of the last run; undefined if the last run succeeded. */
  readonly failure: FailureInput | undefined;
}

/** State of one domain whose control history the exporter collects. */
export interface DomainInput {
  readonly target: ControlTarget;
  /** Record with all saved state of the domain; undefined if the domain was never polled. */
  readonly record: ControlRecord | undefined;
  /** Failure of the last run; undefined if the last run succeeded. */
  readonly failure: FailureInput | undefined;
}

/**
 * What shows whether a stream is forbidden: the list of forbidden streams of the provider, requests for the
 * states of single streams, or only the recorded actions.
 */
export type BanSource = 'list' | 'states' | 'actions';

/** Source of the bans of one domain. */
export interface BansInput {
  readonly target: ControlTarget;
  /** undefined before the first answer. */
  readonly source: BanSource | undefined;
}

/** Kind and message of a ProviderError, and the time at which the error occurred. */
export interface FailureInput {
  readonly kind: string;
  readonly message: string;
  readonly at: EpochMs;
}
