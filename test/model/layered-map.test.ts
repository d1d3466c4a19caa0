import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedEntries, removedKeys, withChanges } from '../../src/model/layered-map.ts';

/** Keys of the maps at the start, and keys that are added. */
const startSize = 1100;
const key = fc.oneof(fc.integer({ min: startSize - 10, max: startSize + 10 }), fc.nat(startSize + 100));

/** Derivation of a map from any map before, which does not have to be used for further maps. */
const derivation = fc.record({
  /** Map from which the new one is derived, counted from the newest. */
  age: fc.oneof(fc.constant(0), fc.nat(4)),
  put: fc.oneof(fc.array(key, { maxLength: 12 }), fc.array(key, { minLength: 40, maxLength: 80 })),
  removed: fc.oneof(fc.constant([]), fc.array(key, { maxLength: 4 }), fc.constant([...Array(400).keys()])),
});

interface Value {
  readonly id: number;
}

/** Map, and the one of JavaScript that it must equal. */
interface Derived {
  readonly map: ReadonlyMap<number, Value>;
  readonly expected: ReadonlyMap<number, Value>;
}

/** Returns all maps of a chain of derivations. All values are different objects. */
function derive(derivations: readonly (typeof derivation extends fc.Arbitrary<infer T> ? T : never)[]) {
  let id = 0;
  const start = new Map(Array.from({ length: startSize }, (_, key) => [key, { id: id++ }]));
  const all: Derived[] = [{ map: start, expected: new Map(start) }];
  for (const { age, put, removed } of derivations) {
    const before = all.at(-1 - Math.min(age, all.length - 1)) as Derived;
    const changes = new Map<number, Value | undefined>(put.map((each) => [each, { id: id++ }]));
    for (const each of removed) changes.set(each, undefined);
    const expected = new Map(before.expected);
    for (const [each, value] of changes) {
      if (value === undefined) expected.delete(each);
      else expected.set(each, value);
    }
    all.push({ map: withChanges(before.map, changes), expected });
  }
  return all;
}

test('derived maps equal copies of a map with the same changes, and the maps before stay as they are', () => {
  fc.assert(
    fc.property(fc.array(derivation, { maxLength: 12 }), (derivations) => {
      for (const { map, expected } of derive(derivations)) {
        expect(map.size).toBe(expected.size);
        const entries = [...map];
        // Only an entry that was removed and added again can have another place.
        expect(entries.toSorted(byKey)).toEqual([...expected].sort(byKey));
        if (derivations.every(({ removed }) => removed.length === 0)) expect(entries).toEqual([...expected]);
        expect([...map.keys()]).toEqual(entries.map(([each]) => each));
        expect([...map.values()]).toEqual(entries.map(([, value]) => value));
        const visited: [number, Value][] = [];
        map.forEach((value, each) => {
          visited.push([each, value]);
        });
        expect(visited).toEqual(entries);
        const keys = [...Array(startSize + 100).keys()];
        expect(keys.map((each) => map.get(each))).toEqual(keys.map((each) => expected.get(each)));
        expect(keys.map((each) => map.has(each))).toEqual(keys.map((each) => expected.has(each)));
      }
    }),
  );
});

test('finds the differences of any two maps', () => {
  fc.assert(
    fc.property(fc.array(derivation, { maxLength: 8 }), fc.nat(8), fc.nat(8), (derivations, i, j) => {
      const all = derive(derivations);
      const [before, after] = [all[i % all.length] as Derived, all[j % all.length] as Derived];
      expect([...changedEntries(before.map, after.map)].sort(byKey)).toEqual(
        [...after.expected].filter(([each, value]) => before.expected.get(each) !== value).sort(byKey),
      );
      expect([...removedKeys(before.map, after.map)].sort()).toEqual(
        [...before.expected.keys()].filter((each) => !after.expected.has(each)).sort(),
      );
    }),
  );
});

test('reads few entries to change a large map, also to compare it, however often it changes', () => {
  const start = new Map(Array.from({ length: 10_000 }, (_, id) => [id, { id }]));
  const reads = countReads(start);
  let before: ReadonlyMap<number, Value> = start;

  for (let i = 0; i < 100; i++) {
    const after = withChanges(before, new Map([[i, { id: -1 }]]).set(-1 - i, { id: i }));
    expect([...changedEntries(before, after)].map(([each]) => each)).toEqual([i, -1 - i]);
    expect([...removedKeys(before, after)]).toEqual([]);
    before = after;
  }

  expect(reads()).toBeLessThan(100_000);
});

test('compares few entries when a large map was copied', () => {
  const start = new Map(Array.from({ length: 10_000 }, (_, id) => [id, { id }]));
  const before = withChanges(start, new Map([[7, { id: -1 }]]));

  const after = withChanges(before, new Map(Array.from({ length: 500 }, (_, id) => [id, { id: -2 }])));
  const reads = countReads(start);

  expect([...changedEntries(before, after)].length).toBe(500);
  expect(reads()).toBeLessThan(1000);
});

test('returns the same map if nothing changes, and a map of JavaScript if it is small', () => {
  const map = new Map([['a', {}]]);

  expect(withChanges(map, new Map())).toBe(map);
  expect(withChanges(map, new Map([['b', {}]]))).toEqual(new Map([...map, ['b', {}]]));
});

function byKey(a: readonly [number, Value], b: readonly [number, Value]): number {
  return a[0] - b[0];
}

/** Counts the entries of a map that are read, one by one or all in an iteration. */
function countReads(map: Map<number, Value>): () => number {
  let reads = 0;
  const [get, has, entries] = [map.get.bind(map), map.has.bind(map), map.entries.bind(map)];
  const counted = <T>(count: number, result: T) => {
    reads += count;
    return result;
  };
  map.get = (each) => counted(1, get(each));
  map.has = (each) => counted(1, has(each));
  map[Symbol.iterator] = map.entries = () => counted(map.size, entries());
  map.keys = () => counted(map.size, Map.prototype.keys.call(map));
  map.values = () => counted(map.size, Map.prototype.values.call(map));
  return () => reads;
}
