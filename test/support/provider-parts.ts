import type { Http } from '../../src/calls/call.ts';
import type { ProviderParts } from '../../src/providers/provider.ts';
import { noon } from './samples.ts';
import { inOneSlice } from './slices.ts';

/** Parts of a provider that send each request once, without rate limits, at noon. */
export function bareProviderParts(http: Http): ProviderParts {
  return {
    http,
    wrap: (call) => call,
    askLibrary: () => Promise.reject(new Error('no library in this test')),
    onRenewal: () => undefined,
    now: () => noon,
    elapsed: () => 0,
    nonce: () => 'nonce',
    inSlices: inOneSlice,
  };
}
