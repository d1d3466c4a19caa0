import { type ControlLedger, lastKnownAt } from './control-ledger.ts';
import { withChanges } from './layered-map.ts';
import { dayMs, type EpochMs } from './time.ts';

/** Ledgers of the streams of one domain, by stream key. */
type StreamLedgers = ReadonlyMap<string, ControlLedger>;

/** Stream that was removed from the streams of a domain. */
export interface RemovedStream {
  readonly streamKey: string;
  /** Time of its newest action, or of the last change of its ban (epoch ms by the provider's clock). */
  readonly lastAt: EpochMs;
}

/** Time in ms after its last action after which a stream is removed from its domain. */
export const evictAfterMs = 7 * dayMs;

/**
 * Returns the streams without those whose newest action is older than `evictAfterMs`, unless a list says that
 * they are forbidden. If there are none, returns the same map.
 */
export function withoutInactive(streams: StreamLedgers, now: EpochMs): StreamLedgers {
  const removed = new Map<string, undefined>();
  for (const [key, ledger] of streams) {
    if (!ledger.ban?.isForbidden && lastKnownAt(ledger) < now - evictAfterMs) removed.set(key, undefined);
  }
  return withChanges(streams, removed);
}

/** Returns the streams without the `count` streams whose newest actions are the oldest. */
export function withoutOldest(all: StreamLedgers, count: number) {
  const times = new Float64Array(all.size);
  let stream = 0;
  for (const ledger of all.values()) times[stream++] = lastKnownAt(ledger);
  // Sorting only the times is several times as fast as sorting the streams.
  const sorted = times.toSorted();
  const limit = sorted[Math.min(count, sorted.length) - 1] ?? Number.NEGATIVE_INFINITY;
  let equalToLimit = count - sorted.indexOf(limit);
  const removed: RemovedStream[] = [];
  stream = 0;
  for (const streamKey of all.keys()) {
    const lastAt = times[stream++] ?? 0;
    if (lastAt > limit || (lastAt === limit && equalToLimit-- <= 0)) continue;
    removed.push({ streamKey, lastAt });
  }
  const streams = withChanges(all, new Map(removed.map(({ streamKey }) => [streamKey, undefined])));
  return { streams, removed };
}
