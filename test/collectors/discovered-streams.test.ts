import { expect, test } from 'vitest';
import type { AccountTargets } from '../../src/collectors/collector-parts.ts';
import { createDiscoveredStreams } from '../../src/collectors/discovered-streams.ts';
import { createDiscoveryQuota } from '../../src/collectors/discovery-quota.ts';
import { discoveryKey, newDiscoveryRecord } from '../../src/model/discovery.ts';
import { newPushRecord, type PushRecord } from '../../src/model/push-record.ts';
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
const app: DiscoveryTarget = {
  account: 'a',
  provider: 'tencent',
  domain: 'push.example.com',
  appName: 'live',
  intervalMs: 15_000,
  filter: { include: '.*', exclude: '' },
  push,
};
const appKey = discoveryKey(app);

function startWorld(maxStreams = 100, configured: readonly PushTarget[] = []) {
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
  const quota = createDiscoveryQuota(() => {
    dropped = quota.dropped();
  });
  quota.reset(maxStreams, configured.length);
  const targets = new Map<string, PushTarget>();
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
    names: () => [...targets.values()].map(({ stream }) => stream.stream).toSorted(),
    recordOf: (name: string) => pushRecords.read(cache.record(keyOf(name))),
    async configure(changed: Partial<AccountTargets> = {}) {
      const wanted = { push: configured, control: [], discovery: [app], ...changed };
      const all = await discovered.exclusively(() => discovered.configure(wanted, clock.now()));
      targets.clear();
      for (const target of all) targets.set(pushTargetKey(target), target);
    },
    list(...items: readonly (string | OnlineStream)[]) {
      return discovered.listed(
        appKey,
        { items: items.map(toOnline), malformed: 0, warnings: [] },
        clock.now(),
      );
    },
    listWithBadRow: (...names: readonly string[]) =>
      discovered.listed(appKey, { items: names.map(toOnline), malformed: 1, warnings: [] }, clock.now()),
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

function keyOf(name: string): string {
  return pushTargetKey({ ...pushTarget(), stream: { ...app, stream: name } });
}

function toOnline(item: string | OnlineStream): OnlineStream {
  return typeof item === 'string' ? online(item) : item;
}

function online(stream: string, firstStartedAt?: number): OnlineStream {
  return { stream, firstStartedAt };
}

const startOf = (record: PushRecord | undefined) => ((record?.target.floor ?? 0) - noon) / 1_000;
const minute = 60_000;

test('keeps streams over lists that are not complete', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a', 'b');

  for (let i = 0; i < 3; i++) {
    await world.clock.advance(20 * minute);
    for (const name of ['a', 'b']) world.poll(name);
    await world.listWithBadRow('a', 'c');
  }

  expect(world.names()).toEqual(['a', 'b', 'c']);
});

test('removes a stream after the grace period, once its history was requested up to its end', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a', 'polled', 'behind', 'back');

  await world.list('a');
  await world.clock.advance(2 * minute);
  await world.list('a', 'back');
  world.poll('polled');
  world.poll('back');
  await world.list('a', 'back');
  expect(world.names()).toEqual(['a', 'back', 'behind', 'polled']);
  await world.clock.advance(3 * minute);
  await world.list('a');
  expect(world.names()).toEqual(['a', 'back', 'behind']);
  expect(world.recordOf('polled')?.frozenAt).toBe(world.clock.now());

  world.poll('behind');
  await world.list('a');
  expect(world.names()).toEqual(['a', 'back']);

  await world.clock.advance(5 * minute);
  world.poll('back');
  await world.list('a');
  expect(world.names()).toEqual(['a']);
});

test('removes a stream whose end was listed while the records of new streams could not be read', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('ended');
  await world.list();
  await world.clock.advance(6 * minute);
  world.poll('ended');

  world.disk.isFaulty = true;
  await expect(world.list('new')).rejects.toThrow('disk failed');
  world.disk.isFaulty = false;
  await world.list('new');

  expect(world.names()).toEqual(['new']);
  expect(world.recordOf('ended')?.frozenAt).toBe(world.clock.now());
});

test('removes a stream whose history cannot be requested after a day', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a');
  await world.list();
  await world.clock.advance(23 * 60 * minute);
  await world.list();
  expect(world.names()).toEqual(['a']);

  await world.clock.advance(60 * minute);
  await world.list();
  expect(world.names()).toEqual([]);
});

test.each([
  ['a begin before the domain was watched', online('a', noon - 60 * minute), -70],
  ['a begin after that', online('a', noon + 90_000), 20],
  ['an unknown begin', online('a'), 50],
  ['a begin ahead of the clock', online('a', noon + 60 * minute), 50],
])(
  'starts to count one lookback before %s, within the time that is watched',
  async (_what, stream, start) => {
    const world = startWorld();
    await world.configure();
    await world.clock.advance(2 * minute);

    await world.list(stream);

    expect(startOf(world.recordOf('a'))).toBe(start);
  },
);

test('starts to count at the previous list if the begin is unknown', async () => {
  const world = startWorld();
  await world.configure();
  await world.clock.advance(5 * minute);
  await world.list();
  await world.clock.advance(minute);

  await world.list('a');

  expect(startOf(world.recordOf('a'))).toBe(230);
});

test('does not start before the retention of the provider', async () => {
  const world = startWorld();
  await world.configure();
  const days = 24 * 60 * minute;
  await world.clock.advance(10 * days);

  await world.list(online('a', noon + days));

  expect(startOf(world.recordOf('a'))).toBe((3 * days + 2 * minute) / 1_000);
});

test('resumes a frozen record at the begin of the new push, without a gap', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a');
  world.poll('a');
  await world.clock.advance(minute);
  await world.list();
  await world.clock.advance(10 * minute);
  world.poll('a');
  await world.list();
  const ended = world.recordOf('a');
  await world.clock.advance(60 * minute);
  const begin = world.clock.now() - 20_000;

  await world.list(online('a', begin));

  const resumed = world.recordOf('a');
  expect(ended?.frozenAt).toBeDefined();
  expect(resumed?.frozenAt).toBeUndefined();
  expect(resumed?.target).toMatchObject({ watermark: begin - 70_000, floor: begin - 70_000 });
  expect(resumed?.push.totals.gapMs).toBe(0);
});

test('continues a frozen record at its watermark if the push began before', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a');
  await world.list();
  await world.clock.advance(10 * minute);
  world.poll('a');
  await world.list();
  const ended = world.recordOf('a');

  await world.list(online('a', noon - minute));

  expect(world.recordOf('a')).toEqual({ ...ended, frozenAt: undefined });
});

test('gives places to the streams that began first, and lets them keep their places', async () => {
  const configured = [pushTarget()];
  const world = startWorld(3, configured);
  await world.configure();

  await world.list(online('late', noon - 1_000), online('b', noon - 2_000), online('a', noon - 3_000));
  expect(world.names()).toEqual(['a', 'b', 'news']);
  expect(world.dropped()).toBe(1);

  await world.list('late', 'b', 'a', online('earliest', noon - 9_000));
  expect(world.names()).toEqual(['a', 'b', 'news']);
  expect(world.dropped()).toBe(2);

  await world.list('late', 'b');
  await world.clock.advance(6 * minute);
  world.poll('a');
  await world.list('late', 'b');
  expect(world.names()).toEqual(['b', 'late', 'news']);
  expect(world.dropped()).toBe(0);
});

test('gives a stream of the config no place of a discovered one', async () => {
  const own = pushTarget({ stream: { ...app, stream: 'own' } });
  const world = startWorld(2, [own]);
  await world.configure();

  await world.list(online('own', noon - 9_000), online('a', noon - 1_000));

  expect(world.names()).toEqual(['a', 'own']);
  expect(world.dropped()).toBe(0);
});

test('forgets the streams of a domain that leaves the config, also if a list arrives later', async () => {
  const world = startWorld(1);
  await world.configure();
  await world.list('a', 'b');
  expect(world.dropped()).toBe(1);

  await world.configure({ discovery: [] });
  await world.list('a', 'b');

  expect(world.names()).toEqual([]);
  expect(world.dropped()).toBe(0);
});

test('applies a changed filter and changed settings to the streams', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('room-1', 'room-2', 'test');

  const filter = { include: 'room-.*', exclude: '.*2' };
  await world.configure({ discovery: [{ ...app, filter, push: { ...push, labels: { team: 'x' } } }] });
  expect(world.names()).toEqual(['room-1']);
  await world.list('room-1', 'room-2', 'test', 'room-3');

  expect(world.names()).toEqual(['room-1', 'room-3']);
});

test('lets a stream of the config replace a discovered one, and the other way round', async () => {
  const world = startWorld();
  await world.configure();
  await world.list('a');
  const own = pushTarget({ stream: { ...app, stream: 'a' }, labels: { own: 'yes' } });

  await world.configure({ push: [own] });
  expect(world.names()).toEqual(['a']);
  await world.list('a');
  await world.configure();

  expect(world.names()).toEqual(['a']);
});

test('follows the streams again that were targets when the exporter stopped', async () => {
  const world = startWorld();
  const target = (name: string) => ({ ...pushTarget(), stream: { ...app, stream: name } });
  for (const name of ['a"]', 'b', 'frozen']) world.cache.put(newPushRecord(target(name), noon));
  world.cache.freeze(keyOf('frozen'), noon);
  world.cache.put(newPushRecord(pushTarget(), noon));

  await world.configure();
  expect(world.names()).toEqual(['a"]', 'b']);
  await world.list('b');
  await world.clock.advance(5 * minute);
  world.poll('a"]');
  await world.list('b');

  expect(world.names()).toEqual(['b']);
});

test('follows the streams again if their records could not be read at first', async () => {
  const world = startWorld();
  world.cache.put(newPushRecord({ ...pushTarget(), stream: { ...app, stream: 'a' } }, noon));

  world.disk.isFaulty = true;
  await expect(world.configure()).rejects.toThrow('disk failed');
  world.disk.isFaulty = false;
  await world.configure();

  expect(world.names()).toEqual(['a']);
});
