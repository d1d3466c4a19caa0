import { isForbidden, lastKnownAt, type StreamLedgers } from './control-ledger.ts';
import { layersOf, withChanges } from './layered-map.ts';
import { dayMs, type EpochMs } from './time.ts';

/** Stream that was removed from the streams of a domain. */
export interface RemovedStream {
  readonly streamKey: string;
  /** Time of its newest action, or of the last change of its ban (epoch ms by the provider's clock). */
  readonly lastAt: EpochMs;
}

/** Time in ms after its last action after which a stream is removed from its domain. */
export const evictAfterMs = 7 * dayMs;

/**
 * Returns the streams without those whose newest action is older than `evictAfterMs`, unless a list or a state
 * says that they are forbidden. If there are none, returns the same map.
 */
export function withoutInactive(streams: StreamLedgers, now: EpochMs): StreamLedgers {
  const removed = new Map<string, undefined>();
  for (const [key, ledger] of streams) {
    if (lastKnownAt(ledger) >= now - evictAfterMs) continue;
    // A recorded resume can have ended the ban.
    if (!ledger.ban?.isForbidden || isForbidden(ledger, undefined) === false) removed.set(key, undefined);
  }
  return withChanges(streams, removed);
}

/** Entries of a map with the oldest newest actions, the oldest one first. */
interface Oldest {
  readonly streams: readonly RemovedStream[];
  /** Whether the map has no other entries. */
  readonly areAll: boolean;
}

/**
 * Oldest entries of the older maps that maps of streams share (see `layersOf`): while a domain has no place for further
 * streams, each answer with new ones removes some.
 */
const oldestOf = new WeakMap<StreamLedgers, Oldest>();

/** Part of the entries of an older map that are kept as its oldest ones: more than can change before it is copied. */
const oldestShare = 1 / 16;

/** Returns at least the `count` oldest entries of `base`, which are known already except for the first time. */
function oldestEntries(base: StreamLedgers, count: number): readonly RemovedStream[] {
  const known = oldestOf.get(base);
  if (known !== undefined && (known.areAll || known.streams.length >= count)) return known.streams;
  const times = new Float64Array(base.size);
  let stream = 0;
  for (const ledger of base.values()) times[stream++] = lastKnownAt(ledger);
  const size = Math.min(base.size, Math.max(count, Math.ceil(base.size * oldestShare)));
  // Sorting only the times is several times as fast as sorting the streams.
  const limit = times.toSorted()[size - 1] ?? Number.NEGATIVE_INFINITY;
  const streams: RemovedStream[] = [];
  stream = 0;
  for (const streamKey of base.keys()) {
    const lastAt = times[stream++] ?? 0;
    if (lastAt <= limit) streams.push({ streamKey, lastAt });
  }
  streams.sort(byTime);
  oldestOf.set(base, { streams, areAll: streams.length === base.size });
  return streams;
}

/** Returns the streams without the `count` streams whose newest actions are the oldest, but with those in `kept`. */
export function withoutOldest(all: StreamLedgers, count: number, kept: ReadonlySet<string> = none) {
  const { base, changes } = layersOf(all);
  const candidates: RemovedStream[] = [];
  if (count > 0) {
    for (const each of oldestEntries(base, count + changes.size + kept.size)) {
      if (changes.has(each.streamKey) || kept.has(each.streamKey)) continue;
      candidates.push(each);
      if (candidates.length === count) break;
    }
  }
  const limit = candidates.length < count ? Number.POSITIVE_INFINITY : candidates.at(-1)?.lastAt;
  for (const [streamKey, ledger] of changes) {
    if (ledger === undefined || limit === undefined || kept.has(streamKey)) continue;
    const lastAt = lastKnownAt(ledger);
    if (lastAt < limit) candidates.push({ streamKey, lastAt });
  }
  const removed = candidates.sort(byTime).slice(0, count);
  const streams = withChanges(all, new Map(removed.map(({ streamKey }) => [streamKey, undefined])));
  return { streams, removed };
}

const none: ReadonlySet<string> = new Set();

function byTime(a: RemovedStream, b: RemovedStream): number {
  return a.lastAt - b.lastAt;
}
