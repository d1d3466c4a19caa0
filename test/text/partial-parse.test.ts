import { expect, test } from 'vitest';
import * as z from 'zod';
import { parsePartially } from '../../src/text/partial-parse.ts';

const Schema = z.strictObject({
  name: z.string(),
  app_name: z.string().default('live'),
  limit: z.number().optional(),
  section: z.preprocess((value) => value ?? {}, z.strictObject({ count: z.int().default(1) })),
  items: z.array(z.strictObject({ id: z.int() })).default([]),
});

test('returns the readable parts with their defaults, and undefined for invalid ones', () => {
  expect(parsePartially(Schema, { name: 7, limit: 2, section: { count: 'x' } })).toStrictEqual({
    name: undefined,
    app_name: 'live',
    limit: 2,
    section: { count: undefined },
    items: [],
  });
});

test('keeps the indexes of a list with invalid items', () => {
  expect(parsePartially(Schema, { items: [{ id: 1 }, 5, { id: 'x' }] })?.items).toEqual([
    { id: 1 },
    {},
    { id: undefined },
  ]);
});

test('omits an optional key that is not given, and returns undefined for one that is misspelled', () => {
  expect(parsePartially(Schema, { name: 'a' })).not.toHaveProperty('limit');
  expect(parsePartially(Schema, { name: 'a', limmit: 2, app: 'tv' })).toMatchObject({
    name: 'a',
    limit: undefined,
    app_name: undefined,
  });
  expect(parsePartially(Schema, { name: 'a', limmit: 2 })).toHaveProperty('limit');
});

test('selects the alternative of a union by its discriminator', () => {
  const Union = z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('a'), size: z.int() }),
    z.strictObject({ kind: z.literal('b'), length: z.int() }),
  ]);

  expect(parsePartially(Union, { kind: 'b', length: 5, extra: 1 })).toEqual({ kind: 'b', length: 5 });
  expect(parsePartially(Union, { kind: 'c', length: 5 })).toBeUndefined();
});

test('returns undefined for a value of another type', () => {
  expect([5, [], null].map((value) => parsePartially(Schema, value))).toEqual(Array(3).fill(undefined));
});
