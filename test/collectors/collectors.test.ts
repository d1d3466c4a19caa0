import { expect, test } from 'vitest';
import { createCollectors } from '../../src/collectors/collectors.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import type { RecordCache } from '../../src/polling/record-cache.ts';
import { providerOf } from '../../src/providers/registry.ts';
import type { Recent } from '../../src/status/recent.ts';
import { readYaml } from '../support/app.ts';
import { collectorParts } from '../support/collectors.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createDisklessRecordCache } from '../support/record-cache.ts';
import { noon } from '../support/samples.ts';

const env = { STAT_KEY_a: 'key-a', STAT_KEY_b: 'key-b' };

test('applies a config to the other accounts if one fails, and starts that one again with the next config', async () => {
  const world = startWorld();
  await world.apply({ a: ['old'], b: ['old'] });

  world.takeFault = 'bad';
  await expect(world.apply({ a: ['old', 'bad', 'new'], b: ['new'] })).rejects.toThrow('a bug');
  expect(world.watched()).toEqual({ a: ['old', 'bad'], b: ['new'] });
  expect(world.frozen()).toEqual([]);

  world.takeFault = undefined;
  await world.apply({ a: ['old', 'bad', 'new'], b: ['new'] });
  expect(world.watched()).toEqual({ a: ['old', 'bad', 'new'], b: ['new'] });
  expect(world.held()).toEqual(['a old', 'b old', 'b new', 'a bad', 'a new']);
  expect(world.frozen()).toEqual(['b old']);
  await world.close();
});

test('applies a config if an account cannot be stopped, and stops it with the next config or at shutdown', async () => {
  for (const isRepaired of [true, false]) {
    const world = startWorld();
    await world.apply({ a: ['old'], b: ['old'] });
    world.collections.run();

    world.isDropFaulty = true;
    await expect(world.apply({ b: ['old', 'new'] })).rejects.toThrow('a bug');
    expect(world.watched()).toHaveProperty('b', ['old', 'new']);

    world.isDropFaulty = false;
    if (isRepaired) {
      await world.apply({ b: ['old', 'new'] });
      expect(world.watched()).toEqual({ b: ['old', 'new'] });
    }
    await world.close();
    expect(world.clock.sleepers()).toBe(0);
  }
});

test('does not reuse an account that was stopped in part', async () => {
  const world = startWorld();
  await world.apply({ a: ['old'], b: ['old'] });
  world.collections.run();

  world.isEndFaulty = true;
  await expect(world.apply({ b: ['old'] })).rejects.toThrow('a bug');
  await expect(world.apply({ a: ['old'], b: ['old'] })).rejects.toThrow('a bug');
  world.isEndFaulty = false;
  await world.apply({ a: ['old'], b: ['old'] });

  expect(world.watched()).toEqual({ a: ['old'], b: ['old'] });
  world.asked.clear();
  await world.clock.advance(10_000);
  expect([...world.asked].toSorted()).toEqual(['a old', 'b old']);
  await world.close();
});

test('renews the sources of an account whose secret changed, and of no other', async () => {
  const world = startWorld();
  const streams = { a: ['one'], b: ['one'] };
  await world.apply(streams);
  expect(world.created.splice(0)).toEqual(['key-a', 'key-b']);

  await world.apply(streams);
  expect(world.created.splice(0)).toEqual([]);
  await world.apply(streams, { ...env, STAT_KEY_a: 'rotated' });

  expect(world.created).toEqual(['rotated']);
  await world.close();
});

/** Collectors whose record cache, recent samples or metrics throw on demand. */
function startWorld() {
  const clock = createManualClock(noon);
  const parts = collectorParts(clock);
  const cache = createDisklessRecordCache();
  const heldKeys = new Map<string, string>();
  const world = {
    clock,
    takeFault: undefined as string | undefined,
    isDropFaulty: false,
    isEndFaulty: false,
    asked: new Set<string>(),
    /** The key of each account whose sources were created. */
    created: [] as (string | undefined)[],
  };
  const faultyKeeper: RecordCache = {
    ...cache,
    progress(key) {
      world.asked.add(heldKeys.get(key) ?? key);
      return cache.progress(key);
    },
    put(record) {
      if (record.question !== 'push_stats') throw new Error('no such target is here');
      const { account, stream } = nameOf(record.streamKey);
      if (stream === world.takeFault) throw new Error('a bug');
      heldKeys.set(record.targetKey, `${account} ${stream}`);
      cache.put(record);
    },
  };
  const faultyRecent: Recent = {
    ...parts.recent,
    drop(key) {
      if (world.isDropFaulty) throw new Error('a bug');
      parts.recent.drop(key);
    },
  };
  const { exporter } = parts.metrics;
  const faultyMetrics: Metrics = {
    ...parts.metrics,
    exporter: {
      ...exporter,
      removeAccount(labels) {
        if (world.isEndFaulty) throw new Error('a bug');
        exporter.removeAccount(labels);
      },
    },
  };
  const collections = createCollectors({
    ...parts,
    metrics: faultyMetrics,
    cache: faultyKeeper,
    recent: faultyRecent,
    providerOf(name) {
      const provider = providerOf(name);
      return {
        ...provider,
        createSources(account, parts) {
          world.created.push(account.getSecret('key'));
          return provider.createSources(account, parts);
        },
      };
    },
  });
  return Object.assign(world, {
    collections,
    async apply(streams: Readonly<Record<string, readonly string[]>>, secrets = env) {
      const loaded = await readYaml(configText(streams), secrets);
      if ('problems' in loaded) throw new Error(loaded.problems.join('\n'));
      await collections.apply(loaded.config, loaded.secrets, clock.now());
    },
    /** The streams of each account. */
    watched: () =>
      Object.fromEntries(
        [...collections.accounts()].map(({ account, collectors }) => [
          account.name,
          collectors.flatMap((collector) =>
            [...collector.statuses()].flatMap(({ stream }) => stream?.target.stream.stream ?? []),
          ),
        ]),
      ),
    held: () => [...heldKeys.values()],
    frozen: () =>
      [...heldKeys].filter(([key]) => cache.record(key)?.frozenAt !== undefined).map(([, name]) => name),
    async close() {
      await Promise.all([collections.close(), clock.advance(60_000)]);
    },
  });
}

function nameOf(key: string): { readonly account: string; readonly stream: string } {
  const [account, , , , stream] = JSON.parse(key);
  return { account, stream };
}

function configText(streams: Readonly<Record<string, readonly string[]>>): string {
  return JSON.stringify({
    accounts: Object.keys(streams).map((name) => ({
      name,
      provider: 'tencent',
      statcgi: { app_id: 1234, key_env: `STAT_KEY_${name}`, endpoint: 'http://127.0.0.1:9/common_access' },
    })),
    streams: Object.entries(streams).flatMap(([account, names]) =>
      names.map((stream) => ({ account, stream })),
    ),
  });
}
