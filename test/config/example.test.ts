import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { toJsonSchema } from '../../src/config/schema/config.ts';

const root = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(root, 'config', 'livestream-exporter.yaml'), 'utf8');
/** The example with file references. A secret cannot have a variable and a file reference at once. */
const withFile = text
  .replace(
    /^ *(key|secret_id|secret_key|token|access_key_id|access_key_secret|security_token)_env:.*\n/gm,
    '',
  )
  .replace(/# (\w+_file:)/g, '$1');

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly default?: unknown;
  readonly description?: string;
}

interface Key {
  readonly path: string;
  readonly schema: Schema;
}

/** Returns every key of the schema, such as `streams.*.expect.fps`. */
function keysOf(schema: Schema, path = ''): readonly Key[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [{ path: at, schema: one }, ...keysOf(one, at)];
  });
  const inner = schema.items === undefined ? [] : keysOf(schema.items, `${path}.*`);
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return [...below, ...inner, ...alternatives.flatMap((one) => keysOf(one, path))];
}

/** Returns every value at a path; `*` matches any item. */
function valuesAt(value: unknown, path: string): readonly unknown[] {
  return path.split('.').reduce<readonly unknown[]>(
    (values, part) =>
      values.flatMap((one) => {
        if (part === '*') return Array.isArray(one) ? one : [];
        return typeof one === 'object' && one !== null && part in one
          ? [(one as Record<string, unknown>)[part]]
          : [];
      }),
    [value],
  );
}

const keys = keysOf(toJsonSchema() as Schema);

test('the example is valid with variable and with file references', () => {
  expect(loadConfig(text, 'example.yaml')).toHaveProperty('config');
  expect(loadConfig(withFile, 'example.yaml')).toHaveProperty('config');
});

test('the example contains every key of the schema', () => {
  const shown = [parse(text), parse(withFile)];
  const missing = keys.filter(({ path }) => shown.every((one) => valuesAt(one, path).length === 0));

  // These keys are shown at a stream and in push_stats.
  const elsewhere = (path: string) =>
    /^defaults\.expect\.(fps|bitrate|live|video)\b/.test(path) ||
    /^(accounts|domains)\.\*\.push_stats\./.test(path) ||
    /^domains\.\*\.expect\./.test(path);
  expect(missing.map(({ path }) => path).filter((path) => !elsewhere(path))).toEqual([]);
});

test('the example shows the default of every key that has one', () => {
  const shown: unknown = parse(text);
  const withDefault = keys.filter(({ schema }) => schema.default !== undefined && !isEmpty(schema.default));
  const otherwise = withDefault.filter(({ path, schema }) => {
    // The example shows another value of these keys, with the default in a comment.
    const isInComment = /^streams\.\*\.(domain|app_name)$|^domains\.\*\.(app_name|discover)$|\.days$/.test(
      path,
    );
    const values = valuesAt(shown, path).map((value) => JSON.stringify(value));
    return !isInComment && !values.includes(JSON.stringify(schema.default));
  });

  expect(withDefault.length).toBeGreaterThan(10);
  expect(otherwise).toEqual([]);
});

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

test('the example refers editors to the schema', () => {
  expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./livestream-exporter.schema.json');
});

test('every key of the schema has a description', () => {
  const undescribed = keys.filter(({ schema }) => schema.description === undefined);

  expect(undescribed.map(({ path }) => path)).toEqual([]);
});
