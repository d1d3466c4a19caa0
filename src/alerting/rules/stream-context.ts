import { minuteMs } from '../../model/time.ts';
import { toDurationText } from '../../text/units.ts';
import { withLabels } from './config-labels.ts';
import { type Matcher, select } from './promql.ts';
import { confirmationOf, longWindowOf, type StreamClass, windowOf } from './timing.ts';

export interface StreamRulesOptions {
  /** Scrape interval of Prometheus in ms, which is also the evaluation interval. */
  readonly scrapeMs: number;
  /** Names of the labels of `livestream_stream_info` that every stream alert gets. */
  readonly labels: readonly string[];
  /** Whether there are no rules for the alerts that the exporter posts by itself. By default, there are. */
  readonly isPosting?: boolean;
}

/** Selectors and durations of the rules about the streams of a class. */
export type StreamContext = ReturnType<typeof createStreamContext>;

/**
 * Rate of the pushed time from which on samples of the past are being counted: two publishers push twice as much as time
 * passes.
 */
export const catchUpRate = 2.5;

/** Recorded series of each stream that is missing for so long that its alert fires; its value is 1. */
export const missingRecord = 'stream:livestream_push_missing:max';

/** Creates the selectors and durations for the streams of a class. */
export function createStreamContext(
  { matchers, stepMs, isLate }: StreamClass,
  { scrapeMs, labels, isPosting = false }: StreamRulesOptions,
) {
  const windowMs = windowOf(stepMs);
  const longMs = longWindowOf(stepMs);
  const metric = (name: string, ...more: Matcher[]) =>
    select(`livestream_push_${name}`, [...matchers, ...more]);
  return {
    /** Matchers of the accounts of the class. */
    matchers,
    stepMs,
    isLate,
    scrapeMs,
    isPosting,
    windowMs,
    longMs,
    /** Range over which samples are judged. */
    window: toDurationText(windowMs),
    /** Range over which interruptions are judged. */
    long: toDurationText(longMs),
    /** Range within which a stream that is pushed has a sample. */
    recent: toDurationText(Math.max(minuteMs, 2 * stepMs)),
    /** Range over which media time is compared with the time that passed. */
    steady: toDurationText(Math.max(2 * minuteMs, 4 * stepMs)),
    /** Range over which changes of the publisher are counted. */
    changes: toDurationText(Math.max(10 * minuteMs, longMs)),
    /** Time for which a condition must hold. */
    forMs: confirmationOf({ isLate }, scrapeMs),
    keepFiringMs: Math.max(minuteMs, 2 * windowMs),
    /** Selects a metric of the push of a stream. */
    metric,
    /** Selects a recorded series of the push of a stream. */
    record: (name: string, ...more: Matcher[]) =>
      select(`stream:livestream_push_${name}`, [...matchers, ...more]),
    /** Selects the recorded series of the missing streams. */
    missing: select(missingRecord, matchers),
    /**
     * Adds the labels of the config, except those in `own`, which the expression has already. Where a stream has none, the
     * value is empty.
     */
    labeled(expr: string, own: readonly string[] = []) {
      const added = labels.filter((name) => !own.includes(name));
      return withLabels(expr, added);
    },
    /**
     * Returns an expression for the streams of which samples of the past were counted within a range, as after an
     * outage: they say nothing about now. If polls are slower than samples become stale, most samples are stale when they
     * are counted, and only their number shows that they are of the past.
     */
    isPast: (range: string) =>
      isLate
        ? `rate(${metric('observed_seconds_total')}[${range}]) > ${catchUpRate}`
        : `increase(${metric('backfilled_seconds_total')}[${range}]) > 0`,
  };
}
