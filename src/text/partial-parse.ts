import type * as z from 'zod';
import { mostLike, toSnakeCase } from './did-you-mean.ts';
import { valueAt } from './plain-value.ts';

/**
 * In place of a value that has a mistake, or that likely stands under another key: whatever is wrong between it and
 * others may be only a consequence of that mistake.
 */
export const unreadable = Symbol('unreadable');

export type Readable<T> = T | typeof unreadable;

/** Values by key, some of which could not be read. */
export type PartiallyParsed<T> = { readonly [Key in keyof T]: Readable<T[Key]> };

type Shape = Readonly<Record<string, z.ZodType>>;

/** These keys of a mapping, each read by itself, whatever is wrong with the others. */
export function parsePartially<S extends Shape, Key extends keyof S & string>(
  shape: S,
  value: unknown,
  keys: readonly Key[],
): PartiallyParsed<{ [K in Key]: z.output<S[K]> }> {
  const read = keys.map((key) => [key, readKey(shape, value, key)]);
  // The cast: each key has what its own schema made of it.
  return Object.fromEntries(read) as PartiallyParsed<{ [K in Key]: z.output<S[K]> }>;
}

function readKey(shape: Shape, value: unknown, key: string): unknown {
  const raw = rawAt(shape, value, key);
  const parsed = raw === unreadable ? undefined : shape[key]?.safeParse(raw);
  return parsed?.success === true ? parsed.data : unreadable;
}

/** What stands at `key` of a mapping with the keys of `shape`; undefined where it is not given. */
export function rawAt<S extends Shape>(shape: S, value: unknown, key: keyof S & string): Readable<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return unreadable;
  const own = valueAt(value, [key]) ?? undefined;
  if (own !== undefined) return own;
  const isElsewhere = Object.keys(value).some((name) => !Object.hasOwn(shape, name) && isLike(name, key));
  return isElsewhere ? unreadable : undefined;
}

/** More is alike here than what is worth a suggestion: `app` may be meant for app_name, `push_domain` for domain. */
function isLike(name: string, key: string): boolean {
  const words = toSnakeCase(name).split('_');
  return mostLike(name, [key]) !== undefined || key.split('_').some((word) => words.includes(word));
}
