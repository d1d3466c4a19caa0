import type { Question } from '../model/capabilities.ts';
import type { PushedStream, Sources } from '../model/questions.ts';
import type { StreamId } from '../model/stream.ts';
import type { ControlTarget, DiscoveryTarget, PushTarget } from '../model/target.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import type { CheckTarget, Result } from './facts.ts';

/** Targets of one account. */
export interface ProbeTargets {
  readonly push: readonly PushTarget[];
  readonly control: readonly ControlTarget[];
  readonly discovery: readonly DiscoveryTarget[];
}

export interface ProbeParts {
  readonly sources: Sources;
  readonly targets: ProbeTargets;
  /** Kinds of data that the account requests. */
  readonly questions: ReadonlySet<Question>;
  readonly clock: Clock;
  /**
   * Returns the clock offset of the last response, local clock minus provider clock, in ms; undefined if
   * unknown.
   */
  readonly offsetMs: () => number | undefined;
  /** All operations of the account. */
  readonly operations: readonly string[];
  /** Returns whether the budget of an operation suffices for several requests within a few seconds. */
  readonly canRepeat: (operation: string) => boolean;
  readonly signal: AbortSignal;
}

/** What earlier checks of the account have shown. */
export interface Known {
  /** Listed streams of each application, with the start of their push, by `domain/app`. */
  readonly online: Map<string, ReadonlyMap<string, EpochMs | undefined>>;
  /** Stream whose history was requested: one with samples, if there is one. */
  stream: StreamId | undefined;
  /** Whether `stream` has samples. */
  hasData: boolean;
  /** Live stream whose bit rate an operation reported; undefined if there is none yet. */
  measured: MeasuredStream | undefined;
}

/** Parts of a probe, with what its earlier checks have shown. */
export interface ProbeRun extends ProbeParts {
  readonly known: Known;
}

/** Live stream with a bit rate, and the domain to which it is pushed. */
export interface MeasuredStream extends PushedStream {
  /** Main streaming domain. */
  readonly domain: string;
}

/** Result of a check, and the target of its requests if it is not that of the check. */
export interface Outcome {
  readonly result: Result;
  readonly target?: CheckTarget;
}
