import type { Path } from './diagnostics.ts';

/** Returns the value at `path` below an untyped value; undefined if there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    // The cast is safe: it is an object with this key.
    current = (current as Readonly<Record<string | number, unknown>>)[part];
  }
  return current;
}

/** Returns the list at `path`; an empty list if there is none. */
export function listAt(value: unknown, path: Path): readonly unknown[] {
  const list = valueAt(value, path);
  return Array.isArray(list) ? list : [];
}

/** Returns the keys of the mapping at `path`; an empty list if there is no mapping. */
export function keysAt(value: unknown, path: Path): readonly string[] {
  const mapping = valueAt(value, path);
  return typeof mapping === 'object' && mapping !== null && !Array.isArray(mapping)
    ? Object.keys(mapping)
    : [];
}
