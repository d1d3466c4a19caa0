import type { Provider } from '../model/capabilities.ts';
import type { ControlRecord } from '../model/control-record.ts';
import type { PushLedger } from '../model/push-ledger.ts';
import type { PushView } from '../model/push-view.ts';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';

/** State of the exporter itself. No field of any input contains a secret, except for endpoints. */
export interface ExporterInput {
  readonly version: string;
  readonly startedAt: EpochMs;
  readonly configFile: string;
  /** Load time of the active config. */
  readonly configLoadedAt: EpochMs;
  /** False: the last reload failed and the previous config stays active. */
  readonly isLastReloadSuccessful: boolean;
  /** Undefined: not saved yet. */
  readonly stateSavedAt: EpochMs | undefined;
  /** Constant texts about conditions that no metric shows. */
  readonly warnings: readonly string[];
}

/** An account of the active config. */
export interface AccountInput {
  readonly account: {
    readonly name: string;
    readonly provider: Provider;
    /** Endpoints as configured. The view removes user, password and query. */
    readonly endpoints: readonly string[];
  };
  /** Rate limiters by operation name. */
  readonly limiters: ReadonlyMap<string, { perSecond(): number }>;
  readonly collectors: readonly CollectorInput[];
}

export interface CollectorInput {
  /** Value of the `collector` label. */
  readonly question: string;
  readonly poller: { state(): CollectorState };
  statuses(): readonly { readonly stream?: StreamInput; readonly domain?: DomainInput }[];
}

interface CollectorState {
  readonly targets: number;
  readonly failing: number;
  /** Undefined if no run has succeeded yet. */
  readonly lastSuccessAt: EpochMs | undefined;
  readonly effectiveIntervalMs: number;
}

export interface StreamInput {
  readonly target: PushTarget;
  /** Undefined if no run has succeeded since the start. */
  readonly view: PushView | undefined;
  /**
   * Unpacks the ledger, so call it only for streams that are rendered. Returns undefined if nothing was ever counted.
   */
  readonly ledger: () => PushLedger | undefined;
  /** Failure of the newest run; undefined if it succeeded. */
  readonly failure: FailureInput | undefined;
}

/** A domain whose control history is collected. */
export interface DomainInput {
  readonly target: ControlTarget;
  /** Undefined if the domain was never polled. */
  readonly record: ControlRecord | undefined;
  /** Failure of the newest run; undefined if it succeeded. */
  readonly failure: FailureInput | undefined;
}

/** Kind and message of a ProviderError, with its time. */
export interface FailureInput {
  readonly kind: string;
  readonly message: string;
  readonly at: EpochMs;
}
