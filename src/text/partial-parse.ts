import * as z from 'zod';
import { closestMatch, toSnakeCase } from './did-you-mean.ts';
import { isMapping } from './plain-value.ts';

/**
 * The parts of a value that are valid, if its schema rejects the value as a whole. A part is undefined if it
 * is invalid or if its key is probably misspelled. An optional key that is not given is absent, as in the
 * output of zod. Lists keep their indexes. Cross-checks skip undefined parts, because a contradiction with
 * such a part could be only a consequence of the error that is already reported.
 */
export type PartiallyParsed<T> = T extends readonly (infer Item)[]
  ? readonly PartiallyParsed<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: PartiallyParsed<T[Key]> | undefined }
    : T;

/**
 * Parses each part of a value by its own schema, so that an error in one part does not affect the other
 * parts.
 */
export function parsePartially<S extends z.ZodType>(
  schema: S,
  value: unknown,
): PartiallyParsed<z.output<S>> | undefined {
  // The cast is safe: each part of the result is undefined or the output of the part's own schema.
  return readPart(schema, value) as PartiallyParsed<z.output<S>> | undefined;
}

function readPart(schema: z.core.$ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return value === undefined ? z.safeParse(schema, value).data : readPart(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodPipe && schema.in instanceof z.ZodTransform) {
    return readPart(schema.out, z.safeParse(schema.in, value).data);
  }
  if (schema instanceof z.ZodArray && Array.isArray(value) && value.length > 0) {
    return value.map((item) => readPart(schema.element, item) ?? {});
  }
  if (!isMapping(value)) return z.safeParse(schema, value).data;
  if (schema instanceof z.ZodObject) return readObject(schema.shape, value);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    const option = schema.options.find((one) => isOption(one, discriminator, value));
    return option === undefined ? undefined : readPart(option, value);
  }
  return z.safeParse(schema, value).data;
}

function readObject(shape: z.core.$ZodShape, value: Readonly<Record<string, unknown>>): unknown {
  const unknownKeys = Object.keys(value).filter((key) => !Object.hasOwn(shape, key));
  const parts = Object.entries(shape).flatMap(([key, part]) => {
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    if (given !== undefined) return [[key, readPart(part, given)]];
    if (unknownKeys.some((name) => isSimilar(name, key))) return [[key, undefined]];
    return part instanceof z.ZodOptional ? [] : [[key, readPart(part, undefined)]];
  });
  return Object.fromEntries(parts);
}

function isOption(option: z.core.$ZodType, key: string, value: Readonly<Record<string, unknown>>): boolean {
  const part = option instanceof z.ZodObject ? option.shape[key] : undefined;
  return part !== undefined && z.safeParse(part, value[key]).success;
}

/**
 * Reports whether an unknown key can be a misspelling of the known `key`. Requires less similarity than a
 * suggestion does: `app` can mean app_name, and `push_domain` can mean domain.
 */
function isSimilar(name: string, key: string): boolean {
  const words = toSnakeCase(name).split('_');
  return closestMatch(name, [key]) !== undefined || key.split('_').some((word) => words.includes(word));
}
