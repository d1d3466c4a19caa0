import { type FailureKind, ProviderError } from '../model/answer.ts';
import type { Clock } from '../model/time.ts';
import type { Call } from './call.ts';

/** Outcome of one attempt at a call. */
export interface Attempt {
  readonly operation: string;
  /** Kind of the failure; undefined if the attempt succeeded. */
  readonly kind: FailureKind | undefined;
  readonly durationMs: number;
}

/**
 * Reports each attempt to `observe`, unless the caller aborted it: an aborted attempt is neither a success
 * nor a failure.
 */
export function withObserver(call: Call, observe: (attempt: Attempt) => void, clock: Clock): Call {
  return async (operation, query, signal) => {
    const startedAt = clock.elapsed();
    const report = (kind: FailureKind | undefined) =>
      observe({ operation, kind, durationMs: clock.elapsed() - startedAt });
    let result: unknown;
    try {
      result = await call(operation, query, signal);
    } catch (error) {
      if (!signal.aborted) report(error instanceof ProviderError ? error.kind : 'internal');
      throw error;
    }
    report(undefined);
    return result;
  };
}
