import type { Provider } from '../model/capabilities.ts';
import type { ControlRecord } from '../model/control-record.ts';
import type { PushLedger } from '../model/push-ledger.ts';
import type { PushView } from '../model/push-view.ts';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';

/** What the exporter says of itself. No field of it, or of what follows, has room for a secret. */
export interface ExporterInput {
  readonly version: string;
  readonly startedAt: EpochMs;
  readonly configFile: string;
  /** When the config in use was loaded. */
  readonly configLoadedAt: EpochMs;
  /** false: a later config was refused, and this one kept. */
  readonly isLastReloadSuccessful: boolean;
  /** undefined: nothing was saved yet. */
  readonly stateSavedAt: EpochMs | undefined;
  /** What an operator should know and no number shows; each is a fixed sentence. */
  readonly warnings: readonly string[];
}

export interface AccountInput {
  readonly name: string;
  readonly provider: Provider;
  /** As configured; what could be secret in a URL (user, password, query) is not shown. */
  readonly endpoints: readonly string[];
  /** By operation: the calls a second that the limiter allows now. */
  readonly requestsPerSecond: Readonly<Record<string, number>>;
}

export interface CollectorInput {
  readonly account: string;
  readonly provider: Provider;
  /** As in the label `collector`. */
  readonly collector: string;
  readonly targets: number;
  readonly targetsFailing: number;
  /** undefined: no run brought an answer yet. */
  readonly lastSuccessAt: EpochMs | undefined;
  /** How often a target is really asked; undefined until that is known. */
  readonly intervalMs: number | undefined;
}

/** One stream, with all that is known of it. */
export interface StreamInput {
  readonly target: PushTarget;
  /** undefined: no answer came since the start. */
  readonly view: PushView | undefined;
  /** undefined: nothing was ever counted. Asked only of the streams that are drawn in full, since it has to be unpacked. */
  readonly ledger: () => PushLedger | undefined;
  /** Of the newest run; undefined when that brought an answer. */
  readonly failure: FailureInput | undefined;
}

/** One domain whose control actions are asked for, with all that is known of it. */
export interface DomainInput {
  readonly target: ControlTarget;
  /** undefined: nothing was ever asked. */
  readonly record: ControlRecord | undefined;
  /** Of the newest run; undefined when that brought an answer. */
  readonly failure: FailureInput | undefined;
}

/** What a ProviderError says, and when. */
export interface FailureInput {
  readonly kind: string;
  readonly message: string;
  readonly at: EpochMs;
}

export interface StatusInput {
  readonly exporter: ExporterInput;
  readonly accounts: readonly AccountInput[];
  readonly collectors: readonly CollectorInput[];
  readonly streams: readonly StreamInput[];
  readonly domains: readonly DomainInput[];
}
