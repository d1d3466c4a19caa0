import type { Path } from './diagnostics.ts';

/** What stands at `path` below a value of which nothing is known; undefined where there is nothing. */
export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    // The cast: it is an object and has this key.
    current = (current as Readonly<Record<string | number, unknown>>)[part];
  }
  return current;
}

/** The list at `path`; an empty one where there is none. */
export function listAt(value: unknown, path: Path): readonly unknown[] {
  const list = valueAt(value, path);
  return Array.isArray(list) ? list : [];
}

/** The keys of the mapping at `path`; none where there is no mapping. */
export function keysAt(value: unknown, path: Path): readonly string[] {
  const mapping = valueAt(value, path);
  return typeof mapping === 'object' && mapping !== null && !Array.isArray(mapping)
    ? Object.keys(mapping)
    : [];
}
