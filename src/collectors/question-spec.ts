import type { CollectorState } from '../metrics/exporter/exporter-metrics.ts';
import type { EpochMs } from '../model/time.ts';
import type { CountedAnswer, RunContext } from '../polling/history.ts';
import type { RunResult } from '../polling/poller.ts';
import type { PollTarget } from '../polling/target-queue.ts';
import type { BansInput, DomainInput, FailureInput, StreamInput } from '../status/inputs.ts';
import type { AccountTargets } from './collector-parts.ts';

/**
 * Functions and settings with which one kind of data extends the generic collector. `Target` is a target in
 * the config, and `T` is the form of the target that the poller polls.
 */
export interface QuestionSpec<Target, T extends PollTarget, Row> {
  /** Kind of data. It is the value of the metric label `collector`. */
  readonly question: string;
  /** The provider's name of the API method. */
  readonly operation: string;
  /** Returns the targets of the account for which this kind of data is requested. */
  targetsOf(targets: AccountTargets): readonly Target[];
  /** Converts a target to the form that the poller polls. */
  toPollTarget(target: Target): T;
  /** Returns the name of the target in logs. */
  nameOf(target: T): string;
  /**
   * Reports whether the target has priority at `now` (wall clock) if the rate limit is too small for all
   * targets.
   */
  hasPriority(target: T, now: EpochMs): boolean;
  /**
   * Creates or resumes the record of a target (its polling progress and totals), and creates the series of
   * the target.
   */
  start(target: T, now: EpochMs): void;
  /** Applies changed settings of a target to the existing series of the target. */
  update(target: T): void;
  /** Removes the series of a target. Its record is kept for `limits.state_retention`. */
  stop(target: T): void;
  /**
   * Polls a target once. Rejects with a ProviderError if a request fails. A failed request changes no totals.
   */
  run(target: T, now: EpochMs, signal: AbortSignal, context: RunContext<T, Row>): Promise<RunResult>;
  /**
   * Functions that are called with each answer after its rows were counted, unless the target was removed
   * from the config. They must not change totals, except that the limit on the number of streams removes
   * streams.
   */
  readonly listeners: readonly RowListener<T, Row>[];
  /**
   * Returns the time of the newest sample of all streams (epoch ms); undefined if no sample is known. The
   * function is absent if this kind of data has no samples.
   */
  newestSampleAt?(): EpochMs | undefined;
  /**
   * Returns the delay of the data at `now` (wall clock). Absent if the question does not observe the delay.
   */
  delayState?(now: EpochMs): Pick<CollectorState, 'effectiveDelayMs' | 'lagMs'>;
  /** Returns the number of live publishers without series. Absent if this kind of data has no publishers. */
  publishersDropped?(): number;
  /**
   * Returns the target in the form that the status page shows. `failure` is undefined if the last run of the
   * target did not fail.
   */
  toStatus(target: T, failure: FailureInput | undefined): TargetStatus;
}

/** Function that receives each counted answer of a target. `now` is the wall clock time of the request. */
export type RowListener<T, Row> = (
  target: T,
  answer: CountedAnswer<Row>,
  now: EpochMs,
  context: RunContext<T, Row>,
) => void;

/** Target in the form that the status page shows. */
export interface TargetStatus {
  readonly stream?: StreamInput;
  readonly domain?: DomainInput;
  readonly bans?: BansInput;
}
