/**
 * What `promise` brings, unless `signal` is aborted first: then it rejects with the signal's reason, at once. Leaves
 * no listener behind; AbortSignal.any() would leave one on the signal of the whole program with every call.
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
