import type { AccountTargets } from '../../src/collectors/collector-parts.ts';
import { createDiscoveredStreams } from '../../src/collectors/discovered-streams.ts';
import { createDiscoveryQuota } from '../../src/collectors/discovery-quota.ts';
import { createStreamLimit } from '../../src/collectors/stream-limit.ts';
import { discoveryKey, newDiscoveryRecord } from '../../src/model/discovery.ts';
import type { OnlineStream } from '../../src/model/questions.ts';
import { pushRecords } from '../../src/model/saved-record.ts';
import { createSlices } from '../../src/model/slices.ts';
import { type DiscoveryTarget, type PushTarget, pushTargetKey } from '../../src/model/target.ts';
import type { RecordCache } from '../../src/polling/record-cache.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createDisklessRecordCache } from '../support/record-cache.ts';
import { noon, pushTarget } from '../support/samples.ts';

const limits = { spanMs: 10_800_000, retentionMs: 604_800_000, periodMs: 5_000 };
const { stream: _, ...push } = pushTarget({ expectedDelayMs: 10_000, lookbackMs: 60_000 });
/** Application whose streams are discovered. */
export const app: DiscoveryTarget = {
  account: 'a',
  provider: 'tencent',
  domain: 'push.example.com',
  appName: 'live',
  intervalMs: 15_000,
  filter: { include: '.*', exclude: '' },
  push,
};
const appKey = discoveryKey(app);

/**
 * Creates the discovered streams of an account with `maxStreams` places, and what they change. `configured`
 * are the streams of the config.
 */
export function startWorld(maxStreams = 100, configured: readonly PushTarget[] = []) {
  const clock = createManualClock(noon);
  const disk = { isFaulty: false };
  const diskless = createDisklessRecordCache();
  const cache: RecordCache = {
    ...diskless,
    async load(keys, now) {
      if (disk.isFaulty) throw new Error('disk failed');
      await diskless.load(keys, now);
    },
  };
  let dropped = 0;
  const streamLimit = createStreamLimit(() => {});
  const quota = createDiscoveryQuota(() => {
    dropped = quota.dropped();
    streamLimit.setDiscovered(quota.targets());
  });
  quota.reset(maxStreams, configured.length);
  streamLimit.reset(maxStreams, configured.length);
  const targets = new Map<string, PushTarget>();
  /** Names of the streams with control actions, the one with the oldest action first. */
  let actedUpon: readonly string[] = [];
  const onlyActedUpon = () => actedUpon.filter((name) => !targets.has(keyOf(name)));
  streamLimit.add('domain', {
    totalSize: () => actedUpon.length,
    size: () => onlyActedUpon().length,
    isPushTarget: (name) => targets.has(keyOf(name)),
    evictOldest(count) {
      const evicted = onlyActedUpon().slice(0, count);
      actedUpon = actedUpon.filter((name) => !evicted.includes(name));
      return evicted.map((streamKey) => ({ streamKey, lastAt: noon }));
    },
  });
  const discovered = createDiscoveredStreams({
    cache,
    quota,
    clock,
    limits: () => limits,
    collector: () => ({
      async change({ added, removed }) {
        for (const target of added) targets.set(pushTargetKey(target), target);
        for (const key of removed) targets.delete(key);
      },
    }),
    inSlices: createSlices({ ...clock, sliceMs: 4 }),
  });
  const world = {
    clock,
    cache,
    disk,
    dropped: () => dropped,
    act(...names: readonly string[]) {
      actedUpon = [...actedUpon, ...names];
      streamLimit.counted('domain', names, clock.now());
    },
    actedUpon: () => actedUpon,
    names: () => [...targets.values()].map(({ stream }) => stream.stream).toSorted(),
    recordOf: (name: string) => pushRecords.read(cache.record(keyOf(name))),
    async configure(changed: Partial<AccountTargets> = {}) {
      const wanted = { push: configured, control: [], discovery: [app], ...changed };
      const all = await discovered.exclusively(() => discovered.configure(wanted, clock.now()));
      targets.clear();
      for (const target of all) targets.set(pushTargetKey(target), target);
    },
    list(...items: readonly (string | OnlineStream)[]) {
      return discovered.listed(appKey, { items: items.map(toOnline), isComplete: true }, clock.now());
    },
    listIncompletely: (...names: readonly string[]) =>
      discovered.listed(appKey, { items: names.map(toOnline), isComplete: false }, clock.now()),
    /** Moves the watermark of a stream to now, as an answer does. */
    poll(name: string) {
      const record = world.recordOf(name);
      if (record !== undefined)
        cache.put({ ...record, target: { ...record.target, watermark: clock.now() } });
    },
  };
  cache.put(newDiscoveryRecord(app, noon));
  return world;
}

export function keyOf(name: string): string {
  return pushTargetKey({ ...pushTarget(), stream: { ...app, stream: name } });
}

function toOnline(item: string | OnlineStream): OnlineStream {
  return typeof item === 'string' ? online(item) : item;
}

export function online(stream: string, firstStartedAt?: number): OnlineStream {
  return { stream, firstStartedAt };
}

export const minute = 60_000;
