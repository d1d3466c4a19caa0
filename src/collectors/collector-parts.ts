import type { RateLimiter } from '../calls/rate-limit.ts';
import type { Log } from '../log.ts';
import type { AccountLabels } from '../metrics/exporter/exporter-metrics.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ListAnswer, OnlineStream, Sources } from '../model/questions.ts';
import type { ControlTarget, DiscoveryTarget, PushTarget } from '../model/target.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { RunSlots } from '../polling/run-slots.ts';
import type { Recent } from '../status/recent.ts';
import type { RequestLog } from '../status/request-log.ts';
import type { Troubles } from '../status/troubles.ts';
import type { ForbiddenAlerts } from './forbidden-alerts.ts';
import type { PushAlerts } from './push-alerts.ts';
import type { PushViews } from './push-views.ts';
import type { StreamLimit } from './stream-limit.ts';

/** Dependencies that all collectors of one account share. */
export interface CollectorParts {
  readonly account: AccountLabels;
  /** Returns the rate limiter of an operation. Throws if the account has no such operation. */
  readonly limiterOf: (operation: string) => RateLimiter;
  /** Returns the current sources of the account, which a reload can replace. */
  readonly sources: () => Sources;
  readonly metrics: Metrics;
  readonly cache: RecordCache;
  readonly recent: Recent;
  readonly troubles: Troubles;
  readonly requests: RequestLog;
  /** Slots (for concurrent runs) of all accounts. By default, the collector has slots of its own. */
  readonly runSlots?: RunSlots;
  /** Limit on the total number of streams of all accounts. */
  readonly streamLimit: Pick<StreamLimit, 'add' | 'counted' | 'placed' | 'remove'>;
  /** Streams of the account that were discovered. */
  readonly discovered: LiveStreams;
  /** States of the streams of the account, which the gauges show. */
  readonly pushViews: PushViews;
  /** Alerts about the streams of the account that the exporter posts. */
  readonly pushAlerts: PushAlerts;
  readonly forbiddenAlerts: ForbiddenAlerts;
  /** Polling of the history of the streams. */
  readonly pushPolling: {
    /** Returns the time in ms between two polls of a stream at the current rate; 0 without streams. */
    effectiveIntervalMs(): number;
  };
  readonly log: Log;
  readonly clock: Clock;
  /** Aborted when the loops and runs of the account must end. */
  readonly signal: AbortSignal;
}

/** Receives lists of live streams, which become targets. */
export interface LiveStreams {
  /**
   * Applies the list of an application, which was requested at `now` (wall clock). `appKey` is the key of its
   * target.
   */
  listed(appKey: string, answer: ListAnswer<OnlineStream>, now: EpochMs): Promise<void>;
  /** Runs `task` while no list and no config changes the targets of the account. */
  exclusively(task: () => Promise<void>): Promise<void>;
}

/** Targets of one account in a config. */
export interface AccountTargets {
  readonly push: readonly PushTarget[];
  readonly control: readonly ControlTarget[];
  readonly discovery: readonly DiscoveryTarget[];
}
