import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastKnownAt, newControlLedger } from '../../src/model/control-ledger.ts';
import { withChanges } from '../../src/model/layered-map.ts';
import { createMapGroups } from '../../src/model/map-groups.ts';
import { withoutOldest } from '../../src/model/stream-eviction.ts';
import { noon, streamId } from '../support/samples.ts';

const startSize = 1100;

/** Changes of a map: entries that get a value, by key and value, and keys that are removed. */
const changes = fc.record({
  put: fc.array(fc.tuple(fc.nat(startSize + 20), fc.nat(3)), { maxLength: 30 }),
  removed: fc.array(fc.nat(startSize + 20), { maxLength: 4 }),
});

type Changes = typeof changes extends fc.Arbitrary<infer T> ? T : never;

/** Returns the map of keys and values after each change. */
function derive<V extends object>(all: readonly Changes[], toValue: (n: number) => V) {
  const start = new Map(Array.from({ length: startSize }, (_, i) => [`${i}`, toValue(i % 4)]));
  const maps: ReadonlyMap<string, V>[] = [withChanges(new Map(), start)];
  for (const { put, removed } of all) {
    const changed = new Map<string, V | undefined>(put.map(([key, value]) => [`${key}`, toValue(value)]));
    for (const key of removed) changed.set(`${key}`, undefined);
    maps.push(withChanges(maps.at(-1) ?? start, changed));
  }
  return maps;
}

test('returns the entries of each group of derived maps', () => {
  const groupsOf = createMapGroups(({ group }: { group: string }) => (group === '3' ? undefined : group));
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 8 }), (all) => {
      for (const map of derive(all, (n) => ({ group: `${n}` }))) {
        for (const group of ['0', '1', '2', '4']) {
          const expected = [...map].filter(([, value]) => value.group === group).sort();
          expect([...groupsOf(map, group)].sort()).toEqual(expected);
        }
        expect(groupsOf(map, '3')).toEqual([]);
      }
    }),
    { numRuns: 20 },
  );
});

test('keeps the order of the map, but returns entries that entered the group lately at the end', () => {
  const groupsOf = createMapGroups(({ group }: { group: string }) => group);
  const [start] = derive([], (n) => ({ group: `${n}` }));
  const changed = new Map([
    ['1', { group: '0' }],
    ['4', { group: '0' }],
    ['8', { group: '1' }],
    ['12', undefined],
    ['new', { group: '0' }],
  ]);

  const keys = groupsOf(withChanges(start ?? new Map(), changed), '0').map(([key]) => key);

  expect([...keys.slice(0, 4), ...keys.slice(-2)]).toEqual(['0', '4', '16', '20', '1', 'new']);
});

test('removes the streams of derived maps whose newest actions are the oldest', () => {
  const ledgerAt = (n: number) => ({
    ...newControlLedger(streamId()),
    ban: { isForbidden: true, since: noon + n, expiresAt: undefined },
  });
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 8 }), fc.nat(40), (all, count) => {
      for (const map of [...derive(all, ledgerAt), new Map([['a', ledgerAt(1)]])]) {
        const { streams, removed } = withoutOldest(map, count);

        // Equal times have no order, so only the times are compared.
        const times = [...map.values()].map(lastKnownAt).sort();
        expect(removed.map(({ lastAt }) => lastAt)).toEqual(times.slice(0, count));
        for (const { streamKey, lastAt } of removed) {
          const ledger = map.get(streamKey);
          expect(ledger && lastKnownAt(ledger)).toBe(lastAt);
          expect(streams.has(streamKey)).toBe(false);
        }
        expect(streams.size).toBe(Math.max(0, map.size - count));
      }
    }),
    { numRuns: 20 },
  );
});

test('removes more of the oldest streams than are kept for the next removal', () => {
  const map = withChanges(
    new Map(),
    new Map(
      Array.from({ length: 2000 }, (_, i) => [
        `${i}`,
        {
          ...newControlLedger(streamId()),
          ban: { isForbidden: true, since: noon + i, expiresAt: undefined },
        },
      ]),
    ),
  );

  const few = withoutOldest(map, 10).streams;

  expect([...withoutOldest(few, 1900).streams.keys()]).toEqual(
    Array.from({ length: 90 }, (_, i) => `${i + 1910}`),
  );
});
