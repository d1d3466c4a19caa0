/**
 * Number of entries from which on a changed map shares the entries of the map before. Copying a smaller map
 * is as fast.
 */
const minShared = 1024;

/**
 * Part of a map's entries that can have changed before the map is copied. A larger part makes copying rarer,
 * and each change slower.
 */
const maxChangedShare = 1 / 32;

/** New values by key; undefined: the entry is removed. */
type Changes<K, V> = ReadonlyMap<K, V | undefined>;

/**
 * Map that consists of an older map and the changes since. Maps that are derived from each other share the
 * older map, which is never edited. An entry that was removed and added again keeps its place in the order.
 */
class LayeredMap<K, V extends object> implements ReadonlyMap<K, V> {
  readonly base: ReadonlyMap<K, V>;
  readonly changes: Changes<K, V>;
  /**
   * From what `base` was copied: an older base and the changes since; undefined if `base` was not copied. The
   * reference is weak, because comparing with maps of the older base is its only use.
   */
  readonly origin: Origin<K, V> | undefined;
  readonly size: number;

  constructor(base: ReadonlyMap<K, V>, changes: Changes<K, V>, origin?: Origin<K, V>) {
    this.base = base;
    this.changes = changes;
    this.origin = origin;
    let { size } = base;
    for (const [key, value] of changes) size += Number(value !== undefined) - Number(base.has(key));
    this.size = size;
  }

  get(key: K): V | undefined {
    const changed = this.changes.get(key);
    return changed !== undefined || this.changes.has(key) ? changed : this.base.get(key);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  *entries(): Generator<[K, V], undefined> {
    for (const entry of this.base) {
      const changed = this.changes.get(entry[0]);
      if (changed !== undefined) yield [entry[0], changed];
      else if (!this.changes.has(entry[0])) yield entry;
    }
    for (const [key, value] of this.changes) {
      if (value !== undefined && !this.base.has(key)) yield [key, value];
    }
  }

  *keys(): Generator<K, undefined> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }
}

interface Origin<K, V> {
  readonly base: WeakRef<ReadonlyMap<K, V>>;
  readonly changes: Changes<K, V>;
}

/**
 * Returns the map with changed, added and removed entries. `map` stays as it is. In a large map, the cost
 * depends on the number of entries that changed lately; only now and then, all entries are copied.
 */
export function withChanges<K, V extends object>(
  map: ReadonlyMap<K, V>,
  changed: Changes<K, V>,
): ReadonlyMap<K, V> {
  if (changed.size === 0) return map;
  const { base, changes: known, origin } = layersOf(map);
  const changes = new Map(known);
  for (const [key, value] of changed) changes.set(key, value);
  if (base.size >= minShared && changes.size <= base.size * maxChangedShare) {
    return new LayeredMap(base, changes, origin);
  }
  const all = new Map(base);
  for (const [key, value] of changes) {
    if (value === undefined) all.delete(key);
    else all.set(key, value);
  }
  return all.size < minShared ? all : new LayeredMap(all, new Map(), { base: new WeakRef(base), changes });
}

/**
 * Returns the keys of both maps under which their values can differ, each key once. If one map is derived
 * from the other, they are normally few; otherwise, they are all keys.
 */
export function* keysThatCanDiffer<K, V extends object>(
  before: ReadonlyMap<K, V>,
  after: ReadonlyMap<K, V>,
): Generator<K, undefined> {
  const [old, current] = [layersOf(before), layersOf(after)];
  const { changes, origin } = current;
  const isCopy = origin !== undefined && origin.base.deref() === old.base;
  if (current.base === old.base) yield* new Set([...changes.keys(), ...old.changes.keys()]);
  else if (isCopy) yield* new Set([...changes.keys(), ...origin.changes.keys(), ...old.changes.keys()]);
  else {
    yield* after.keys();
    for (const key of before.keys()) if (!after.has(key)) yield key;
  }
}

/** Returns the entries of `after` that `before` lacks or has with another value. */
export function* changedEntries<K, V extends object>(
  before: ReadonlyMap<K, V>,
  after: ReadonlyMap<K, V>,
): Generator<readonly [K, V], undefined> {
  for (const key of keysThatCanDiffer(before, after)) {
    const value = after.get(key);
    if (value !== undefined && value !== before.get(key)) yield [key, value];
  }
}

/** Returns the keys of `before` that `after` lacks. */
export function* removedKeys<K, V extends object>(
  before: ReadonlyMap<K, V>,
  after: ReadonlyMap<K, V>,
): Generator<K, undefined> {
  for (const key of keysThatCanDiffer(before, after)) if (before.has(key) && !after.has(key)) yield key;
}

/**
 * Returns the older map that the map shares with those it is derived from, and the changes since. Neither is ever
 * edited, so what is computed from them can be kept. A map that shares nothing is its own older map.
 */
export function layersOf<K, V extends object>(
  map: ReadonlyMap<K, V>,
): Pick<LayeredMap<K, V>, 'base' | 'changes' | 'origin'> {
  return map instanceof LayeredMap ? map : { base: map, changes: new Map(), origin: undefined };
}
