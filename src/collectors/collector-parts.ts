import type { RateLimiter } from '../calls/rate-limit.ts';
import type { Log } from '../log.ts';
import type { AccountLabels } from '../metrics/exporter/exporter-metrics.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Sources } from '../model/questions.ts';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import type { Clock } from '../model/time.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { Recent } from '../status/recent.ts';

/** What the collectors of one account share. */
export interface CollectorParts {
  readonly account: AccountLabels;
  readonly limiterOf: (operation: string) => RateLimiter;
  /** The current sources; a reload can replace them. */
  readonly sources: () => Sources;
  readonly metrics: Metrics;
  readonly cache: RecordCache;
  readonly recent: Recent;
  readonly streamLimit: StreamLimit;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The cardinality limit `limits.max_streams`. */
export interface StreamLimit {
  /** How many more streams are allowed. */
  free(): number;
  /** Counts streams beyond the limit, by key. */
  drop(streamKeys: readonly string[]): void;
}

/** Targets of one account in a config. */
export interface AccountTargets {
  readonly push: readonly PushTarget[];
  readonly control: readonly ControlTarget[];
}
