import { minuteMs, secondMs } from '../../model/time.ts';

/** Streams whose data has the same rhythm, so that the same windows fit. */
export interface StreamClass {
  /** Names of the accounts; undefined for all. */
  readonly accounts: readonly string[] | undefined;
  /** Longest time in ms between two changes of a counter in Prometheus: scrape interval or polling interval. */
  readonly stepMs: number;
}

/** Account with the time between two polls of each of its streams. */
export interface AccountPace {
  readonly account: string;
  readonly intervalMs: number;
}

/** Shortest window in ms. It contains six samples of 5 s, so that a single bad sample is a small part. */
const minWindowMs = 30 * secondMs;

/**
 * Returns the classes of the accounts. Accounts whose polling interval is not longer than the scrape interval are one
 * class, because the scrape interval determines their windows.
 */
export function classesOf(paces: readonly AccountPace[], scrapeMs: number): readonly StreamClass[] {
  const byStep = Map.groupBy(paces, ({ intervalMs }) => stepOf(intervalMs, scrapeMs));
  if (byStep.size <= 1) {
    const [stepMs = scrapeMs] = byStep.keys();
    return [{ accounts: undefined, stepMs }];
  }
  return [...byStep]
    .toSorted(([a], [b]) => a - b)
    .map(([stepMs, own]) => ({ accounts: own.map(({ account }) => account), stepMs }));
}

/** Returns the step of an account in whole minutes, or the scrape interval, so that there are few classes. */
function stepOf(intervalMs: number, scrapeMs: number): number {
  if (intervalMs <= scrapeMs) return scrapeMs;
  return intervalMs <= minWindowMs
    ? Math.max(scrapeMs, Math.ceil(intervalMs / (5 * secondMs)) * 5 * secondMs)
    : Math.ceil(intervalMs / minuteMs) * minuteMs;
}

/**
 * Returns the length in ms of the window over which the samples of a stream are judged. `increase` needs two scrapes
 * within it, and extrapolates by at most a third if there are four.
 */
export function windowOf(stepMs: number): number {
  return Math.max(minWindowMs, 4 * stepMs);
}
