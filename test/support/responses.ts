import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { settle } from './manual-clock.ts';

/** Requests of this process that have neither a complete response nor an error yet. */
let pending = 0;
let onNone: () => void = () => {};

// Source: undici, "Diagnostics Channel Support". Each request ends with exactly one of the two events.
subscribe('undici:request:create', () => {
  pending++;
});
for (const end of ['undici:request:trailers', 'undici:request:error']) {
  subscribe(end, () => {
    pending--;
    if (pending === 0) onNone();
  });
}

/**
 * Waits in real time until all requests that this process has sent have their responses, and until what waits for
 * these has continued, but not longer than `maxMs`: some requests have no response before a clock advances.
 */
export async function responsesArrived(maxMs = 5): Promise<void> {
  const end = performance.now() + maxMs;
  await settle();
  for (let leftMs = maxMs; pending > 0 && leftMs > 0; leftMs = end - performance.now()) {
    const { promise, resolve } = Promise.withResolvers<void>();
    onNone = resolve;
    await Promise.race([promise, sleep(leftMs)]);
    await settle();
  }
  await settle();
}
