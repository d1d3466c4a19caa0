import { type FailureKind, ProviderError } from '../model/answer.ts';
import type { Clock } from '../model/time.ts';
import type { Call } from './call.ts';

/** How one attempt at a call ended. */
export interface Attempt {
  readonly operation: string;
  /** undefined: it brought an answer. */
  readonly kind: FailureKind | undefined;
  readonly durationMs: number;
}

/** Tells `observe` of every attempt. One that the caller broke off is neither well nor failed, and is not told. */
export function withObserver(call: Call, observe: (attempt: Attempt) => void, clock: Clock): Call {
  return async (operation, query, signal) => {
    const startedAt = clock.elapsed();
    const tell = (kind: FailureKind | undefined) =>
      observe({ operation, kind, durationMs: clock.elapsed() - startedAt });
    let answer: unknown;
    try {
      answer = await call(operation, query, signal);
    } catch (error) {
      if (!signal.aborted) tell(error instanceof ProviderError ? error.kind : 'internal');
      throw error;
    }
    tell(undefined);
    return answer;
  };
}
