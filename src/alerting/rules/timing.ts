import { minuteMs, secondMs } from '../../model/time.ts';
import { type Matcher, noneOf, oneOf } from './promql.ts';

/** Streams whose data has the same rhythm, so that the same windows fit. */
export interface StreamClass {
  /** Matchers of the accounts of the class; empty if there is no other class. */
  readonly matchers: readonly Matcher[];
  /** Longest time in ms between two changes of a counter in Prometheus: scrape interval or polling interval. */
  readonly stepMs: number;
  /** Whether the polls are slower than samples become stale. */
  readonly isLate: boolean;
  /** Whether no other class has a shorter step. It also contains the accounts that are not known. */
  readonly isFastest: boolean;
}

/** Account with the rhythm of its streams. */
export interface AccountPace {
  readonly account: string;
  /** Time in ms between two polls of each of its streams; 0 if none is known. */
  readonly intervalMs: number;
  /** Shortest time in ms after which a sample of its streams is stale, in addition to the delay of the data. */
  readonly staleAfterMs: number;
}

/** Shortest window in ms. It contains six samples of 5 s, so that a single bad sample is a small part. */
const minWindowMs = 30 * secondMs;

/**
 * Returns the classes of the accounts, the fastest one first. Accounts whose polling interval is not longer than the
 * scrape interval are one class, because the scrape interval determines their windows.
 */
export function classesOf(paces: readonly AccountPace[], scrapeMs: number): readonly StreamClass[] {
  const byStep = Map.groupBy(paces, ({ intervalMs }) => stepOf(intervalMs, scrapeMs));
  const steps = [...byStep.keys()].toSorted((a, b) => a - b);
  const namesOf = (step: number) => byStep.get(step)?.map(({ account }) => account) ?? [];
  return (steps.length === 0 ? [scrapeMs] : steps).map((stepMs, i) => {
    const isFastest = i === 0;
    const others = steps.slice(1).flatMap(namesOf);
    const matcher = isFastest ? noneOf('account', others) : oneOf('account', namesOf(stepMs));
    const own = byStep.get(stepMs) ?? [];
    return {
      matchers: others.length === 0 ? [] : [matcher],
      stepMs,
      isLate: own.some(({ intervalMs, staleAfterMs }) => intervalMs > staleAfterMs),
      isFastest,
    };
  });
}

/**
 * Returns the step of an account, so that there are few classes: the scrape interval, up to 30 s a multiple of 5 s, or
 * whole minutes.
 */
function stepOf(intervalMs: number, scrapeMs: number): number {
  if (intervalMs <= scrapeMs) return scrapeMs;
  return intervalMs <= minWindowMs
    ? Math.ceil(intervalMs / (5 * secondMs)) * 5 * secondMs
    : Math.ceil(intervalMs / minuteMs) * minuteMs;
}

/**
 * Returns the length in ms of the window over which the samples of a stream are judged. `increase` needs two scrapes
 * within it, and extrapolates by at most a third if there are four.
 */
export function windowOf(stepMs: number): number {
  return Math.max(minWindowMs, 4 * stepMs);
}

/** Returns the time in ms for which a condition of a stream must hold until its alert fires. */
export function confirmationOf({ isLate }: Pick<StreamClass, 'isLate'>, scrapeMs: number): number {
  return Math.max(isLate ? 2 * minuteMs : 30 * secondMs, 2 * scrapeMs);
}

/** Returns the time in ms for which no exporter can be scraped until LivestreamExporterDown fires. */
export function downMsOf(scrapeMs: number): number {
  return Math.max(15 * secondMs, 2 * scrapeMs);
}

/**
 * Returns the shortest time in ms for which an alert about a gauge keeps firing. If no exporter can be scraped, the gauge is
 * gone at once, and LivestreamExporterDown must fire before the alert ends: a stopped or restarting exporter must not look
 * like an end of the trouble. Rules of different groups are evaluated up to an interval apart.
 */
export function outlastsDownMs(scrapeMs: number): number {
  return downMsOf(scrapeMs) + Math.max(15 * secondMs, scrapeMs);
}

/** Returns the window in ms in which interruptions of a stream are judged. It contains at least four steps. */
export function longWindowOf(stepMs: number): number {
  return Math.max(5 * minuteMs, 4 * stepMs);
}
