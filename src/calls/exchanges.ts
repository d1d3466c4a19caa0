import type { EpochMs } from '../model/time.ts';
import type { CancelSignal, Http, HttpResponse, Query, SignedCall } from './call.ts';

/**
 * Response to one request, with the request. It contains no secret: the signature is added to the query
 * later.
 */
export interface Exchange {
  readonly operation: string;
  readonly query: Query;
  readonly response: HttpResponse;
  /** Wall time of the request. */
  readonly sentAt: EpochMs;
}

/**
 * Creates wrappers that report each response to `onExchange`. A response belongs to the call whose cancel
 * signal the request has: each attempt has a signal of its own.
 */
export function createExchangeObserver(onExchange: (exchange: Exchange) => void, now: () => EpochMs) {
  const calls = new WeakMap<CancelSignal, Pick<Exchange, 'operation' | 'query'>>();
  return {
    ofCall:
      (call: SignedCall): SignedCall =>
      (operation, query, signal) => {
        calls.set(signal, { operation, query });
        return call(operation, query, signal);
      },
    ofHttp:
      (http: Http): Http =>
      async (request, signal) => {
        const sentAt = now();
        const response = await http(request, signal);
        const call = calls.get(signal);
        if (call !== undefined) onExchange({ ...call, response, sentAt });
        return response;
      },
  };
}
