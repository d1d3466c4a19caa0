import { setTimeout as sleep } from 'node:timers/promises';

/** Polls `look` until it returns a value, for effects of another process. Rejects after `withinMs`. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  withinMs = 20_000,
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`timed out after ${withinMs / 1000} s waiting for ${what}`);
    await sleep(50);
  }
}
