import { layersOf } from './layered-map.ts';

/** Keys of the entries of a map by group, in the order of the map. */
type KeysByGroup = ReadonlyMap<string, readonly string[]>;

/**
 * Creates a function that returns the entries of a map that belong to a group. `groupOf` returns the group of a value;
 * undefined if it belongs to none. Maps that are derived from each other share the groups of their older map, so the
 * cost depends on the size of the group and on the number of entries that changed lately; only the first call for an
 * older map walks all its entries. Entries that have entered the group lately come last.
 */
export function createMapGroups<V extends object>(groupOf: (value: V) => string | undefined) {
  const ofBases = new WeakMap<object, KeysByGroup>();
  const ofChanges = new WeakMap<object, KeysByGroup>();

  /** Returns the groups of the entries for which `isNew` is true, from the cache if they are known. */
  function groupsOf(
    cache: WeakMap<object, KeysByGroup>,
    entries: ReadonlyMap<string, V | undefined>,
    isNew: (key: string, group: string) => boolean,
  ): KeysByGroup {
    const known = cache.get(entries);
    if (known !== undefined) return known;
    const groups = new Map<string, string[]>();
    for (const [key, value] of entries) {
      const group = value && groupOf(value);
      if (group === undefined || !isNew(key, group)) continue;
      const keys = groups.get(group);
      if (keys === undefined) groups.set(group, [key]);
      else keys.push(key);
    }
    cache.set(entries, groups);
    return groups;
  }

  return (map: ReadonlyMap<string, V>, group: string): readonly (readonly [string, V])[] => {
    const { base, changes } = layersOf(map);
    const entries: [string, V][] = [];
    for (const key of groupsOf(ofBases, base, () => true).get(group) ?? []) {
      const value = map.get(key);
      if (value === undefined || (changes.has(key) && groupOf(value) !== group)) continue;
      entries.push([key, value]);
    }
    if (changes.size === 0) return entries;
    const wasElsewhere = (key: string, of: string) => {
      const before = base.get(key);
      return before === undefined || groupOf(before) !== of;
    };
    for (const key of groupsOf(ofChanges, changes, wasElsewhere).get(group) ?? []) {
      const value = map.get(key);
      if (value !== undefined) entries.push([key, value]);
    }
    return entries;
  };
}
