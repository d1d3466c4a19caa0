import {
  countedSince,
  discoveredTarget,
  discoveryKey,
  matcherOf,
  nameInKey,
  startOrResumeDiscovered,
  streamPrefix,
} from '../model/discovery.ts';
import type { NameMatcher } from '../model/name-pattern.ts';
import type { HistoryLimits, ListAnswer, OnlineStream } from '../model/questions.ts';
import { pushRecords } from '../model/saved-record.ts';
import type { InSlices } from '../model/slices.ts';
import { type DiscoveryTarget, type PushTarget, pushTargetKey, totalLookbackMs } from '../model/target.ts';
import { createTaskQueue } from '../model/task-queue.ts';
import { type Clock, dayMs, type EpochMs, minuteMs } from '../model/time.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { Collector } from './collector.ts';
import type { AccountTargets } from './collector-parts.ts';
import type { DiscoveryQuota } from './discovery-quota.ts';

/**
 * Minimum time in ms for which a stream stays a target after it has disappeared from the list. Meanwhile,
 * livestream_push_up is 0, so that alert rules notice the end.
 */
const graceMs = 5 * minuteMs;

/** Time in ms after which a stream is removed even if its history was not requested up to its end. */
const maxGraceMs = dayMs;

/** Stream that is or was listed as live. */
interface Followed {
  target: PushTarget;
  readonly key: string;
  /** Whether the stream is in the config too. Then the target of the config is polled. */
  isConfigured: boolean;
  /** Number of the last list that contained the stream. */
  listedIn: number;
  /** Time of the first list without the stream (wall clock and monotonic); undefined while it is listed. */
  gone: { readonly at: EpochMs; readonly elapsed: number } | undefined;
}

/** Answer with the streams that are live. */
type ListedStreams = Pick<ListAnswer<OnlineStream>, 'items' | 'isComplete'>;

/** Stream that is listed and has no place yet. */
interface Unknown {
  readonly online: OnlineStream;
  readonly followed: Followed;
}

/** Application of a domain whose live streams are discovered. */
interface App {
  target: DiscoveryTarget;
  matches: NameMatcher;
  /** Streams by name. */
  readonly streams: Map<string, Followed>;
  /** Number of lists so far. */
  lists: number;
  listedAt: EpochMs | undefined;
  /** Number of live streams without a place, in the last list. */
  dropped: number;
}

export interface DiscoveredStreamsParts {
  readonly cache: RecordCache;
  readonly quota: DiscoveryQuota;
  readonly clock: Pick<Clock, 'elapsed'>;
  /** Returns the limits of the operation that returns the history of the streams. */
  readonly limits: () => HistoryLimits;
  /** Returns the collector that polls the streams. */
  readonly collector: () => Pick<Collector, 'change'> | undefined;
  readonly inSlices: InSlices;
}

export type DiscoveredStreams = ReturnType<typeof createDiscoveredStreams>;

/**
 * Creates the set of live streams of one account that were discovered. Each list changes the targets of the
 * collector only by the difference. A stream that is no longer listed stays a target for some time, and until
 * its history was requested up to its end.
 */
export function createDiscoveredStreams(parts: DiscoveredStreamsParts) {
  const { cache, quota, clock, limits, inSlices } = parts;
  const apps = new Map<string, App>();
  let configured: ReadonlySet<string> = new Set();
  /** Runs one change of the targets of the account at a time. */
  const exclusively = createTaskQueue();

  function newFollowed(app: App, name: string): Followed {
    const target = discoveredTarget(app.target, name);
    const key = pushTargetKey(target);
    return { target, key, isConfigured: configured.has(key), listedIn: app.lists, gone: undefined };
  }

  /** Follows the streams again whose records were in use when the exporter stopped. */
  async function restore(app: App, now: EpochMs): Promise<void> {
    const prefix = streamPrefix(app.target);
    const keys = await cache.activeKeys(prefix);
    await cache.load(keys, now);
    await inSlices(keys, (key) => {
      const name = nameInKey(key, prefix);
      if (name !== '' && app.matches(name)) app.streams.set(name, newFollowed(app, name));
    });
  }

  /** Applies changed settings of an application to its streams. */
  async function update(app: App, target: DiscoveryTarget): Promise<void> {
    app.target = target;
    app.matches = matcherOf(target);
    await inSlices([...app.streams], ([name, followed]) => {
      if (!app.matches(name)) app.streams.delete(name);
      followed.target = discoveredTarget(target, name);
      followed.isConfigured = configured.has(followed.key);
    });
  }

  /**
   * Updates the number of places that the streams of an application take, with `pending` that will be followed.
   */
  function countStreams(appKey: string, { streams, dropped }: App, pending = 0): void {
    const own = streams.values().reduce((sum, { isConfigured }) => sum + Number(!isConfigured), 0);
    quota.set(appKey, { streams: own + pending, pending, dropped });
  }

  /**
   * Marks the streams of a list as listed. Returns the streams that are not followed yet and need a place.
   * Streams of the config need no place.
   */
  async function unknownOf(app: App, items: readonly OnlineStream[]): Promise<readonly Unknown[]> {
    const unknown: Unknown[] = [];
    await inSlices(items, (online) => {
      const followed = app.streams.get(online.stream);
      if (followed !== undefined) {
        followed.listedIn = app.lists;
        followed.gone = undefined;
      } else if (app.matches(online.stream)) {
        const candidate = newFollowed(app, online.stream);
        if (candidate.isConfigured) app.streams.set(online.stream, candidate);
        else unknown.push({ online, followed: candidate });
      }
    });
    // The streams that began first come first, so that the choice does not depend on the order of the list.
    return unknown.toSorted((a, b) => (a.online.firstStartedAt ?? 0) - (b.online.firstStartedAt ?? 0));
  }

  /** Follows new streams. Returns their targets. */
  async function addNew(appKey: string, app: App, added: readonly Unknown[], now: EpochMs) {
    const record = pushRecords.read(cache.record(appKey));
    const since = record === undefined ? now : countedSince(record);
    const targets: PushTarget[] = [];
    await cache.load(
      added.map(({ followed }) => followed.key),
      now,
    );
    await inSlices(added, ({ online, followed }) => {
      const { target, key } = followed;
      app.streams.set(online.stream, followed);
      const known = pushRecords.read(cache.record(key));
      const discovered = { target, online, since, listedAt: app.listedAt };
      cache.put(startOrResumeDiscovered(known, discovered, limits(), now));
      targets.push(target);
    });
    return targets;
  }

  /** Removes the streams whose end is long enough ago. Returns the keys of their targets. */
  async function removeEnded(app: App, now: EpochMs): Promise<readonly string[]> {
    const removed: string[] = [];
    const elapsed = clock.elapsed();
    await inSlices([...app.streams.values()], (followed) => {
      if (followed.listedIn === app.lists) return;
      followed.gone ??= { at: now, elapsed };
      if (!isOver(followed, elapsed)) return;
      app.streams.delete(followed.target.stream.stream);
      if (!followed.isConfigured) removed.push(followed.key);
    });
    return removed;
  }

  /** Reports whether a stream that is no longer listed can be removed. */
  function isOver({ gone, key, target, isConfigured }: Followed, elapsed: number): boolean {
    if (gone === undefined || elapsed - gone.elapsed < graceMs) return false;
    const progress = cache.progress(key);
    const isRequested = progress === undefined || progress.watermark >= gone.at + totalLookbackMs(target);
    return isConfigured || isRequested || elapsed - gone.elapsed >= maxGraceMs;
  }

  return {
    exclusively,
    /**
     * Sets the applications and the streams of the config. Resolves with the push targets of the config and
     * of the discovered streams. Call it within `exclusively`, and apply the targets there too.
     */
    async configure({ discovery, push }: AccountTargets, now: EpochMs): Promise<readonly PushTarget[]> {
      if (discovery.length === 0 && apps.size === 0) return push;
      const keys = new Set<string>();
      await inSlices(push, (target) => keys.add(pushTargetKey(target)));
      configured = keys;
      const wanted = new Map(discovery.map((target) => [discoveryKey(target), target]));
      for (const appKey of [...apps.keys()]) {
        if (wanted.has(appKey)) continue;
        apps.delete(appKey);
        quota.remove(appKey);
      }
      for (const [appKey, target] of wanted) {
        const known = apps.get(appKey);
        if (known !== undefined) await update(known, target);
        else {
          const app: App = {
            target,
            matches: matcherOf(target),
            streams: new Map(),
            lists: 0,
            listedAt: undefined,
            dropped: 0,
          };
          await cache.load([appKey], now);
          await restore(app, now);
          // Add the application last: if an earlier step fails, the next config repeats it.
          apps.set(appKey, app);
        }
      }
      for (const [appKey, app] of apps) countStreams(appKey, app);
      const followed = [...apps.values()].flatMap(({ streams }) => [...streams.values()]);
      return [...push, ...followed.flatMap(({ target, isConfigured }) => (isConfigured ? [] : [target]))];
    },
    /**
     * Applies the list of the live streams of an application, which was requested at `now` (wall clock).
     * No-op if the application was removed from the config meanwhile.
     */
    listed(appKey: string, { items, isComplete }: ListedStreams, now: EpochMs): Promise<void> {
      return exclusively(async () => {
        const app = apps.get(appKey);
        if (app === undefined) return;
        app.lists++;
        const unknown = await unknownOf(app, items);
        // An incomplete list does not show that a stream has ended.
        const removed = isComplete ? await removeEnded(app, now) : [];
        // Remove them before the next step, which can fail: they are not among the streams of the application
        // any more.
        await parts.collector()?.change({ added: [], removed }, now, inSlices);
        await inSlices(removed, (key) => cache.freeze(key, now));
        countStreams(appKey, app);
        const places = Math.min(unknown.length, quota.free());
        app.dropped = unknown.length - places;
        // Take the places at once, because the lists of other accounts are applied at the same time.
        countStreams(appKey, app, places);
        const added = await addNew(appKey, app, unknown.slice(0, places), now);
        app.listedAt = now;
        await parts.collector()?.change({ added, removed: [] }, now, inSlices);
        countStreams(appKey, app);
      });
    },
  };
}
