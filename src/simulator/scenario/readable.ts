import * as z from 'zod';
import { nearestWord } from './spelling.ts';

/** Of a value with mistakes what is right by itself; undefined in place of the rest. Lists keep their places. */
export type ReadableParts<T> = T extends readonly (infer Item)[]
  ? readonly ReadableParts<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: ReadableParts<T[Key]> | undefined }
    : T;

/** What can be read of a value that `schema` objects to. A key that likely stands there misspelt is not filled in. */
export function readableParts<S extends z.ZodType>(
  schema: S,
  value: unknown,
): ReadableParts<z.output<S>> | undefined {
  // The cast: part by part it is what the schema makes of it.
  return readPart(schema, value) as ReadableParts<z.output<S>> | undefined;
}

function readPart(schema: z.core.$ZodType, value: unknown): unknown {
  if (value === undefined) return z.safeParse(schema, undefined).data;
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return readPart(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodArray && Array.isArray(value) && value.length > 0) {
    return value.map((item) => readPart(schema.element, item ?? null) ?? {});
  }
  if (schema instanceof z.ZodObject && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { shape } = schema;
    const given = new Map<string, unknown>(Object.entries(value));
    const misspelt = new Set(
      [...given.keys()].filter((key) => !Object.hasOwn(shape, key)).map((key) => nearestWord(key)),
    );
    return Object.fromEntries(
      Object.entries(shape)
        .filter(([key]) => given.has(key) || !misspelt.has(key))
        .map(([key, part]) => [key, readPart(part, given.get(key))]),
    );
  }
  return z.safeParse(schema, value).data;
}
