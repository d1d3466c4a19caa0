import type { CancelSignal, Query, SignedCall } from '../../src/calls/call.ts';

/** What a fake call does: brings a value, rejects with an error, or waits for its signal. */
export type Act = { readonly answer: unknown } | { readonly error: unknown } | 'hang';

export interface FakeCall {
  readonly call: SignedCall;
  /** What it was asked, in order. */
  readonly asked: { readonly operation: string; readonly query: Query }[];
}

/** A call that acts by the list, one act an attempt, and by the last for all after. */
export function fakeCall(...acts: readonly Act[]): FakeCall {
  const asked: FakeCall['asked'] = [];
  return {
    asked,
    async call(operation, query, signal) {
      const act = acts[Math.min(asked.length, acts.length - 1)] ?? 'hang';
      asked.push({ operation, query });
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
