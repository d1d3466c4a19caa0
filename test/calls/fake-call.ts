import type { CancelSignal, Query, SignedCall } from '../../src/calls/call.ts';

/** Behavior of one attempt: resolves with `answer`, rejects with `error`, or waits for an abort. */
export type Act = { readonly answer: unknown } | { readonly error: unknown } | 'hang';

export interface FakeCall {
  readonly call: SignedCall;
  /** Received requests, in order. */
  readonly requests: { readonly operation: string; readonly query: Query }[];
}

/** Creates a call that performs one act per attempt, and repeats the last one. */
export function fakeCall(...acts: readonly Act[]): FakeCall {
  const requests: FakeCall['requests'] = [];
  return {
    requests,
    async call(operation, query, signal) {
      const act = acts[Math.min(requests.length, acts.length - 1)] ?? 'hang';
      requests.push({ operation, query });
      if (act === 'hang') return await untilAborted(signal);
      if ('error' in act) throw act.error;
      return act.answer;
    },
  };
}

function untilAborted(signal: CancelSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
