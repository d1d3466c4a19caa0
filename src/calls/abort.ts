/**
 * Settles like `promise`, or rejects with the signal's reason as soon as `signal` is aborted. Leaves no
 * listener on the signal, unlike AbortSignal.any(), which would leak one per call on a long-lived signal.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
