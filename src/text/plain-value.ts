import type { Path } from './diagnostics.ts';

/** Returns the value at the key path `path` in an untyped value; undefined if there is no such value. */
export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    // The cast is safe: `current` is an object that has the key `part`.
    current = (current as Readonly<Record<string | number, unknown>>)[part];
  }
  return current;
}

/** Reports whether there is a value at the key path `path` in an untyped value. A value that is null does not count. */
export function isGiven(value: unknown, path: Path): boolean {
  return (valueAt(value, path) ?? undefined) !== undefined;
}

/** Returns the list at the key path `path` in an untyped value; an empty list if there is no list. */
export function listAt(value: unknown, path: Path): readonly unknown[] {
  const list = valueAt(value, path);
  return Array.isArray(list) ? list : [];
}

/** Reports whether a value is a mapping: an object that is not a list. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
