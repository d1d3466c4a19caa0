import { crc32 } from 'node:zlib';
import { evictAfterMs, type RemovedStream } from '../model/stream-eviction.ts';
import { type EpochMs, minuteMs } from '../model/time.ts';

/** Maximum number of dropped streams that are remembered. Above it, the exact number does not matter. */
const maxDropped = 100_000;

/** Streams of one control target (a domain) that have control actions. */
export interface ActedUponStreams {
  /** Returns the number of all streams, which is quick to compute. */
  totalSize(): number;
  /** Returns the number of streams that the exporter knows only from control actions. */
  size(): number;
  /** Reports whether the stream is a push target too, so that it has a place already. */
  isPushTarget(streamKey: string): boolean;
  /**
   * Removes the `count` streams whose newest actions are the oldest, with their series and totals, of those counted
   * by `size`.
   */
  evictOldest(count: number): readonly RemovedStream[];
}

export type StreamLimit = ReturnType<typeof createStreamLimit>;

/**
 * Creates the limit on the number of streams with series (`limits.max_streams`). The streams of the config
 * come first, then discovered streams (`createDiscoveryQuota`). Streams that the exporter knows only from
 * control actions share the other places. If a new stream finds no place, the domain with the most such
 * streams loses the stream whose newest action is the oldest. So a flood of names in one domain takes no
 * place from domains with few streams. A stream with a new action always gets a place, unless the streams
 * that come first use all places. Only a new stream takes a place: a reload with a lower limit removes no
 * series. `setDropped` receives the number of streams without a place.
 */
export function createStreamLimit(setDropped: (streams: number) => void) {
  const domains = new Map<string, ActedUponStreams>();
  /**
   * Streams without a place, by target key: the hash of each stream key, with the time of the newest action.
   * Hashes, because the keys of random names would take a lot of memory.
   */
  const dropped = new Map<string, Map<number, EpochMs>>();
  /** Time at which the dropped streams of each target were last looked through (wall clock), by target key. */
  const expiredAt = new Map<string, EpochMs>();
  /** Number of places that the streams of the config leave. */
  let unconfigured = 0;
  /**
   * Number of discovered streams. They take precedence over streams that are known only from control actions.
   */
  let discovered = 0;
  const places = () => Math.max(0, unconfigured - discovered);
  const total = (of: 'totalSize' | 'size') =>
    domains.values().reduce((sum, streams) => sum + streams[of](), 0);
  let dropCount = 0;

  const drop = (targetKey: string, { streamKey, lastAt }: RemovedStream) => {
    if (dropCount >= maxDropped) return;
    const ofTarget = dropped.get(targetKey) ?? new Map<number, EpochMs>();
    dropped.set(targetKey, ofTarget);
    const hash = hashOf(streamKey);
    if (!ofTarget.has(hash)) dropCount++;
    ofTarget.set(hash, lastAt);
  };

  const undrop = (ofTarget: Map<number, EpochMs> | undefined, hash: number) => {
    if (ofTarget?.delete(hash)) dropCount--;
  };

  /**
   * Forgets the dropped streams of a target that would have no series any more, even without the limit. Walking all of
   * them takes milliseconds, so it happens once a minute.
   */
  const expire = (targetKey: string, now: EpochMs) => {
    const ofTarget = dropped.get(targetKey);
    if (ofTarget === undefined || Math.abs(now - (expiredAt.get(targetKey) ?? 0)) < minuteMs) return;
    expiredAt.set(targetKey, now);
    for (const [hash, lastAt] of ofTarget) if (lastAt < now - evictAfterMs) undrop(ofTarget, hash);
  };

  /** Removes streams so that at most `max` remain. */
  const evict = (max: number) => {
    const sizes = [...domains].map(([targetKey, streams]) => ({ targetKey, streams, size: streams.size() }));
    for (const { item, share } of fairShares(sizes, max)) {
      if (share === item.size) continue;
      for (const removed of item.streams.evictOldest(item.size - share)) drop(item.targetKey, removed);
    }
  };

  /** Makes place for `added` further streams, which are counted already. */
  const makePlace = (added: number) => {
    // Normally, there are far fewer streams than places, and the exact number takes longer.
    if (total('totalSize') <= places()) return;
    const all = total('size');
    if (all > places()) evict(Math.max(places(), all - added));
  };

  return {
    /** Adds the streams of a target. */
    add: (targetKey: string, streams: ActedUponStreams) => void domains.set(targetKey, streams),
    /** Removes the streams of a target that leaves the config. */
    remove(targetKey: string): void {
      domains.delete(targetKey);
      dropCount -= dropped.get(targetKey)?.size ?? 0;
      dropped.delete(targetKey);
      expiredAt.delete(targetKey);
      setDropped(dropCount);
    },
    /**
     * Makes place for the new streams of a target, whose actions were counted at `now` (wall clock). Call
     * this method after each answer, before the series of the new streams are set.
     */
    counted(targetKey: string, newStreams: readonly string[], now: EpochMs): void {
      expire(targetKey, now);
      if (newStreams.length > 0) {
        const ofTarget = dropped.get(targetKey);
        if (ofTarget !== undefined) for (const key of newStreams) undrop(ofTarget, hashOf(key));
        const ofDomain = domains.get(targetKey);
        makePlace(newStreams.filter((key) => !ofDomain?.isPushTarget(key)).length);
      }
      setDropped(dropCount);
    },
    /** Counts a stream that became a push target no longer as dropped. */
    placed(streamKey: string): void {
      if (dropCount === 0) return;
      const hash = hashOf(streamKey);
      for (const ofTarget of dropped.values()) undrop(ofTarget, hash);
      setDropped(dropCount);
    },
    /** Sets the limit, and the number of streams in the config. */
    reset(maxStreams: number, configured: number): void {
      unconfigured = maxStreams - configured;
    },
    /** Sets the number of discovered streams. Makes place for new ones. */
    setDiscovered(streams: number): void {
      const more = streams - discovered;
      discovered = streams;
      if (more <= 0) return;
      makePlace(more);
      setDropped(dropCount);
    },
  };
}

/**
 * Returns the largest shares whose sum is at most `max`, so that no share exceeds its size, and that only the
 * largest sizes are reduced, to nearly equal shares (max-min fairness).
 */
function fairShares<T extends { readonly size: number }>(items: readonly T[], max: number) {
  let rest = max;
  return items
    .toSorted((a, b) => a.size - b.size)
    .map((item, i) => {
      const share = Math.min(item.size, Math.floor(rest / (items.length - i)));
      rest -= share;
      return { item, share };
    });
}

/**
 * Returns a hash of 42 bits. Equal hashes of different streams are so rare that they do not change the
 * number.
 */
function hashOf(streamKey: string): number {
  return crc32(streamKey) * 1024 + (streamKey.length % 1024);
}
