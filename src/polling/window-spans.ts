import type { FailureKind, ProviderError } from '../model/answer.ts';
import { minuteMs } from '../model/time.ts';

/** Reduced span of the requests of one target. */
interface ReducedSpan {
  readonly spanMs: number;
  /** Time before which the span does not grow (monotonic ms). */
  readonly growsAt: number;
}

/** Time in ms after a failure until a longer window is tried again. */
const defaultGrowAfterMs = 10 * minuteMs;

/** Kinds of failures that a shorter window can avoid: timeout, gateway error, response too large. */
const windowFailures: ReadonlySet<FailureKind> = new Set(['unavailable', 'malformed']);

/** Reports whether the length of the window can have caused the failure. */
export function isWindowFailure({ kind }: ProviderError): boolean {
  return windowFailures.has(kind);
}

export type WindowSpans = ReturnType<typeof createWindowSpans>;

/**
 * Creates the spans (longest windows) of the history requests of all targets of a collector. The span of a target
 * is halved if a window cannot be answered, and doubles again later. Otherwise a target would request the same window
 * forever if the provider cannot answer it. No span becomes shorter than `minSpanMs`, because a window must be longer
 * than the lookback, so that requests make progress. A reduced span grows every `growAfterMs`. `elapsed` returns the
 * monotonic time in ms.
 */
export function createWindowSpans(elapsed: () => number, growAfterMs = defaultGrowAfterMs) {
  const reduced = new Map<string, ReducedSpan>();
  return {
    /** Returns the span of the next request of a target, in ms. `maxMs` is the longest span of the operation. */
    spanMs(key: string, minSpanMs: number, maxMs: number): number {
      const spanMs = reduced.get(key)?.spanMs;
      return spanMs === undefined ? maxMs : Math.min(maxMs, Math.max(spanMs, minSpanMs));
    },
    /** Halves the span of a target after a window of `lengthMs` could not be answered. */
    shrink(key: string, lengthMs: number, minSpanMs: number): void {
      const spanMs = Math.max(minSpanMs, lengthMs / 2);
      reduced.set(key, { spanMs, growsAt: elapsed() + growAfterMs });
    },
    /** Doubles a reduced span after a success, but not within `growAfterMs` of its last change. */
    grow(key: string, maxMs: number): void {
      const known = reduced.get(key);
      if (known === undefined || elapsed() < known.growsAt) return;
      const spanMs = known.spanMs * 2;
      if (spanMs >= maxMs) reduced.delete(key);
      else reduced.set(key, { spanMs, growsAt: elapsed() + growAfterMs });
    },
    /** Forgets the span of a target. */
    remove: (key: string): void => void reduced.delete(key),
  };
}
