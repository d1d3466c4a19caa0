import { effectiveIntervalMs } from './effective-interval.ts';

/** Application of a domain, with its streams that are push targets. */
export interface PlannedApp {
  readonly key: string;
  /** Maximum age in ms of a sample that the gauges show, in addition to the expected delay. */
  readonly staleAfterMs: number;
}

/** What the plan of one account depends on. */
export interface ListPlanInput {
  readonly apps: readonly PlannedApp[];
  /** Time in ms between two history requests of a stream. */
  readonly historyIntervalMs: number;
  /** Configured time in ms between two lists of an application. */
  readonly listIntervalMs: number;
  /** Maximum age in ms of the values in a list when it is requested; 0 if the provider does not report it. */
  readonly listAgeMs: number;
  /** Budget of the list, in requests per second. */
  readonly listsPerSecond: number;
}

/** Which applications are listed, and how often. */
export interface ListPlan {
  /** Keys of the applications whose gauges come from lists of live pushes too. */
  readonly listed: ReadonlySet<string>;
  /** Time in ms between two lists of an application. */
  readonly intervalMs: number;
}

/**
 * Share of the threshold below which an application that is listed is no longer listed. Without it, the plan
 * could change with each stream that begins or ends.
 */
const endsBelow = 0.8;

/**
 * Decides which applications are listed. History always counts, and it feeds the gauges too. If it is
 * requested less often than a list could be, a list is worth its requests: each list refreshes the gauges of
 * all streams of an application. So an application is listed if the interval of its history exceeds both the
 * interval of the lists, plus the age of their values, and `stale_after`, for which the operator accepts that
 * a gauge is old. A shorter interval of the lists is no gain: history refreshes the gauges as often, and its
 * samples have times.
 *
 * The interval of the lists is longer if the account has so many applications that the budget of the list
 * does not suffice. Then each list refreshes few gauges, and the threshold is higher. `before` is the
 * previous plan.
 */
export function planLists(
  { apps, historyIntervalMs, listIntervalMs, listAgeMs, listsPerSecond }: ListPlanInput,
  before?: ListPlan,
): ListPlan {
  const intervalMs = effectiveIntervalMs(apps.length, listIntervalMs, listsPerSecond);
  const isListed = ({ key, staleAfterMs }: PlannedApp) => {
    const thresholdMs = Math.max(intervalMs + listAgeMs, staleAfterMs);
    return historyIntervalMs > thresholdMs * (before?.listed.has(key) ? endsBelow : 1);
  };
  return { listed: new Set(apps.filter(isListed).map(({ key }) => key)), intervalMs };
}
