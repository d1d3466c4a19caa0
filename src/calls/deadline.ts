import { ProviderError } from '../model/answer.ts';
import { type Clock, secondMs } from '../model/time.ts';
import type { Call } from './call.ts';

/** Gives up a call after `ms`, also one that does not heed its signal. */
export function withDeadline(call: Call, ms: number, clock: Clock): Call {
  return async (operation, query, signal) => {
    signal.throwIfAborted();
    const over = new AbortController();
    const onAbort = () => over.abort(signal.reason);
    signal.addEventListener('abort', onAbort);
    const late = clock.sleep(ms, over.signal).then(() => {
      throw new ProviderError('unavailable', `${operation}: no answer within ${ms / secondMs} s`);
    });
    try {
      return await Promise.race([Promise.try(call, operation, query, over.signal), late]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      // Ends the sleep of an answered call, and the request of a late one.
      over.abort();
    }
  };
}
