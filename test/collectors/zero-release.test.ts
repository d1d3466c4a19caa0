import { expect, test } from 'vitest';
import { createZeroRelease } from '../../src/collectors/zero-release.ts';
import { addAction } from '../../src/model/control-ledger.ts';
import type { PushRecord } from '../../src/model/push-record.ts';
import { type SavedRecord, startOrResumeControl, startOrResumePush } from '../../src/model/saved-record.ts';
import { createSlices } from '../../src/model/slices.ts';
import { streamKey } from '../../src/model/stream.ts';
import { controlTargetKey, pushTargetKey } from '../../src/model/target.ts';
import { createRecordCache } from '../../src/polling/record-cache.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { disklessParts } from '../support/record-cache.ts';
import { noon, pushTarget, streamId } from '../support/samples.ts';

const streams = Array.from({ length: 70 }, (_, i) => streamId({ stream: `s${i}` }));
const keys = streams.map(streamKey);

/** A record cache of 70 streams. Each read of the clock finds that the time of a slice has passed. */
async function setUp() {
  const saved = new Map<string, SavedRecord>();
  const shown: string[] = [];
  let looks = 0;
  let turns = 0;
  let atTurn: (turn: number) => void | Promise<void> = () => undefined;
  const cache = createRecordCache({
    ...disklessParts,
    saveBatch: async (changes) => {
      for (const { record } of changes) saved.set(record.targetKey, record);
    },
    publish(record) {
      if (record.question === 'push_stats' && record.push.leftZero) shown.push(record.streamKey);
    },
    onFailed: (error) => expect.unreachable(String(error)),
  });
  const errors: unknown[] = [];
  const broken = new Set<string>();
  const put = (record: SavedRecord) => {
    if (record.question === 'push_stats' && broken.delete(record.streamKey)) throw new Error('a bug');
    cache.put(record);
  };
  const recordOf = (i: number): PushRecord => {
    const record = cache.record(pushTargetKey(pushTarget({ stream: streams[i] ?? streamId() })));
    if (record?.question !== 'push_stats') throw new Error('no record');
    return record;
  };
  for (const stream of streams) cache.put(startOrResumePush(undefined, pushTarget({ stream }), noon));
  await cache.flush(noon);
  const inSlices = createSlices({
    sliceMs: 2,
    elapsed: () => 2 * looks++,
    yieldNow: async () => void (await atTurn(++turns)),
  });
  return {
    cache,
    saved,
    shown,
    recordOf,
    zeroRelease: createZeroRelease({ ...cache, put }, inSlices, (error) => errors.push(error)),
    errors,
    /** Makes the next change of this stream fail. */
    breakOnce: (key: string) => void broken.add(key),
    turns: () => turns,
    onTurn(then: typeof atTurn) {
      atTurn = then;
    },
  };
}

test('exposes 0 until a release is applied, and yields meanwhile', async () => {
  const { cache, shown, zeroRelease, turns } = await setUp();

  zeroRelease.releasePushes(keys);
  await cache.flush(noon);
  expect(shown).toEqual([]);

  await zeroRelease.apply();
  expect(turns()).toBeGreaterThan(3);
  expect(shown).toEqual([]);
  await cache.flush(noon);
  expect(shown).toEqual(keys);

  await zeroRelease.apply();
  await cache.flush(noon);
  expect(shown).toEqual(keys);
});

test('publishes releases of finished slices in a flush between two slices', async () => {
  const { cache, shown, zeroRelease, onTurn } = await setUp();
  const early: number[] = [];
  onTurn(async () => {
    await cache.flush(noon);
    early.push(shown.length);
  });

  zeroRelease.releasePushes(keys);
  await zeroRelease.apply();
  await cache.flush(noon);

  expect(early.some((count) => count > 0 && count < keys.length)).toBe(true);
  expect(shown).toEqual(keys);
});

test('holds the rest at 0 again after a kill between two slices', async () => {
  const { cache, saved, shown, zeroRelease, onTurn } = await setUp();
  const killed = Promise.withResolvers<ReadonlyMap<string, SavedRecord>>();
  onTurn(async (turn) => {
    if (turn !== 3) return;
    await cache.flush(noon);
    killed.resolve(new Map(saved));
  });

  zeroRelease.releasePushes(keys);
  const handingOver = zeroRelease.apply();
  const onDisk = [...(await killed.promise).values()].filter((record) => record.question === 'push_stats');
  const left = onDisk.filter(({ push }) => push.leftZero).map((record) => record.streamKey);

  // No value above 0 was exposed that would decrease to 0.
  expect(left).toEqual(shown);
  expect(left.length).toBeGreaterThan(0);
  expect(left.length).toBeLessThan(keys.length);
  await handingOver;
});

test('defers a release between two slices, and keeps what was counted meanwhile', async () => {
  const { cache, recordOf, zeroRelease, onTurn } = await setUp();
  onTurn((turn) => {
    if (turn !== 1) return;
    zeroRelease.releasePushes([keys[69] ?? '']);
    const last = recordOf(68);
    cache.put({ ...last, push: { ...last.push, totals: { ...last.push.totals, samples: 7 } } });
  });

  zeroRelease.releasePushes(keys.slice(0, 69));
  await zeroRelease.apply();
  expect(recordOf(68).push).toMatchObject({ leftZero: true, totals: { samples: 7 } });
  expect(recordOf(69).push.leftZero).toBe(false);

  await zeroRelease.apply();
  expect(recordOf(69).push.leftZero).toBe(true);
});

test('releases actions likewise, and ignores unknown records', async () => {
  const { cache, zeroRelease } = await setUp();
  const target = controlTarget();
  const targetKey = controlTargetKey(target);
  const begun = startOrResumeControl(undefined, target, noon);
  cache.put({ ...begun, domain: { ...begun.domain, actions: addAction({}, 'forbid', controlAction()) } });

  zeroRelease.releasePushes([streamKey(streamId({ stream: 'gone' }))]);
  zeroRelease.releaseActions([
    { targetKey, streamKey: undefined, action: 'forbid' },
    {
      targetKey: controlTargetKey(controlTarget({ domain: 'gone' })),
      streamKey: undefined,
      action: 'forbid',
    },
  ]);
  await zeroRelease.apply();

  const record = cache.record(targetKey);
  if (record?.question !== 'control_history') throw new Error('no record');
  expect(record.domain.actions.forbid?.leftZero).toBe(true);
});

test('applies the other releases if one cannot be applied, and that one with the next call', async () => {
  const { cache, shown, zeroRelease, errors, breakOnce } = await setUp();
  const [first = ''] = keys;
  zeroRelease.releasePushes(keys);
  breakOnce(first);

  await zeroRelease.apply();
  await cache.flush(noon);
  expect(shown).toEqual(keys.slice(1));
  expect(errors).toEqual([new Error('a bug')]);

  await zeroRelease.apply();
  await cache.flush(noon);
  expect(shown).toEqual([...keys.slice(1), first]);
  expect(errors).toHaveLength(1);
});
