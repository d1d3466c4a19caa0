import type { CancelSignal } from './call.ts';

/**
 * Settles like `promise`, but rejects with the signal's reason as soon as `signal` is aborted. Removes its
 * listener from the signal at the end. AbortSignal.any() would leak one listener per call on a long-lived
 * signal.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: CancelSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([aborted.promise, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
