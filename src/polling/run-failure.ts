import { type FailureKind, ProviderError } from '../model/answer.ts';

/** Reason why a run failed. */
export interface RunFailure {
  readonly kind: FailureKind;
  readonly message: string;
  /**
   * Wait in ms that the provider requested with `Retry-After`; undefined if the provider requested no wait.
   */
  readonly retryAfterMs: number | undefined;
  /** Stack trace of an internal error; undefined for other kinds of failures. */
  readonly stack: string | undefined;
}

/**
 * Creates the function that reports a failed run. If the report throws an error, the function reports that
 * error as the failure. Otherwise nothing would catch the error: the program would end, and the target would
 * never be scheduled again. If the second report also throws, nothing is reported, but the target still
 * counts as failing.
 */
export function createFailureReport<T>(onFailure: (target: T, failure: RunFailure) => void) {
  return (target: T, failure: RunFailure): void => {
    try {
      onFailure(target, failure);
    } catch (bug) {
      try {
        onFailure(target, toRunFailure(bug));
      } catch {
        // The report itself is broken, so there is no way to report the error.
      }
    }
  };
}

/**
 * Converts the error of a run to its failure. A ProviderError keeps its kind. Any other error becomes an
 * internal failure with a stack trace.
 */
export function toRunFailure(error: unknown): RunFailure {
  if (error instanceof ProviderError) {
    const { kind, message, retryAfterMs } = error;
    return { kind, message, retryAfterMs, stack: undefined };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'internal', message, retryAfterMs: undefined, stack };
}
