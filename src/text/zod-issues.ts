import type * as z from 'zod';
import { type Path, toPathText, type UnlocatedDiagnostic } from './diagnostics.ts';
import { closestMatch, didYouMean, toSnakeCase } from './did-you-mean.ts';
import { valueAt } from './plain-value.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What the translation of issues needs to know about a schema. */
export interface SchemaFacts {
  /** Returns the JSON Schema of the input, which is plain data. Called for unknown keys only. */
  readonly jsonSchema: () => JsonSchema;
  /** Returns the text for an unknown key with a special meaning, and the key to use instead. */
  readonly explainKey?: (
    path: Path,
    raw: unknown,
  ) => { readonly text: string; readonly meant?: string | undefined } | undefined;
}

/**
 * Translates the issues of a schema into diagnostics. A missing key that is probably present under a misspelled name
 * is reported once, as an unknown key.
 */
export function toDiagnostics(
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
  facts: SchemaFacts,
): readonly UnlocatedDiagnostic[] {
  const schema = facts.jsonSchema;
  let jsonSchema: JsonSchema | undefined;
  const context: Context = {
    raw,
    explainKey: facts.explainKey ?? (() => undefined),
    schemasAt(path) {
      jsonSchema ??= schema();
      return schemasAt(jsonSchema, path, raw);
    },
  };
  const found = issues.flatMap((issue) => toFound(issue, [], context));
  const misspelled = new Set(found.map(({ meant }) => meant));
  return found.filter(({ path, text }) => text !== missing || !misspelled.has(toPathText(path)));
}

interface Context {
  readonly raw: unknown;
  readonly explainKey: NonNullable<SchemaFacts['explainKey']>;
  /** Returns the schemas that apply to the value at a path. */
  schemasAt(path: Path): readonly JsonSchema[];
}

const missing = 'missing';

/** Returns the text of an issue for which the schema has none. The text never contains the value. */
export function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? missing : typeText(issue.expected, issue.input);
    case 'invalid_value':
      return issue.input === undefined ? missing : expectedOneOf(issue.values.map(String));
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      if (issue.origin === 'array') return 'expected at least one item';
      return `expected a number ${issue.inclusive === false ? 'above' : 'of at least'} ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `longer than ${issue.maximum} characters`;
      return `expected a number up to ${issue.maximum}`;
    default:
      return undefined;
  }
}

function expectedOneOf(values: readonly string[]): string {
  return values.length > 2 ? `expected one of ${values.join(', ')}` : `expected ${values.join(' or ')}`;
}

const typeTexts: Readonly<Record<string, string>> = {
  string: 'expected text',
  number: 'expected a number',
  int: 'expected a whole number',
  boolean: 'expected true or false',
  array: 'expected a list',
  object: 'expected a mapping',
  record: 'expected a mapping',
};

function typeText(expected: string, input: unknown): string {
  const text = typeTexts[expected] ?? `expected ${expected}`;
  if (typeof input === 'string' && isQuoted(expected, input)) return `${text} without quotes`;
  const isBare = typeof input === 'number' || typeof input === 'boolean';
  return expected === 'string' && isBare ? `${text}; put it in quotes` : text;
}

/** Reports whether a text has the expected type without its quotes. */
function isQuoted(expected: string, text: string): boolean {
  if (expected === 'boolean') return text === 'true' || text === 'false';
  return (expected === 'number' || expected === 'int') && /^-?\d+(\.\d+)?$/.test(text);
}

interface Found extends UnlocatedDiagnostic {
  /** Path of the key that was probably meant. */
  readonly meant?: string;
}

function toFound(issue: z.core.$ZodIssue, base: Path, context: Context): readonly Found[] {
  const path = [...base, ...toPath(issue.path)];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => toUnknownKey(path, key, context));
  const inner = issue.code === 'invalid_union' ? bestAlternative(issue.errors) : undefined;
  if (inner !== undefined) return inner.flatMap((error) => toFound(error, path, context));
  return [{ path, text: issue.message }];
}

type Issues = readonly z.core.$ZodIssue[];

/** Returns the alternative of a union with the fewest errors, among those whose type fits; undefined if none fits. */
function bestAlternative(alternatives: readonly Issues[]): Issues | undefined {
  const fitting = alternatives.filter((issues) => issues.every(isInside));
  return fitting.toSorted((a, b) => countErrors(a) - countErrors(b))[0];
}

/** Reports whether the type fits and the error is in a part of the value. Zod runs custom checks only if it fits. */
function isInside({ path, code }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys' || code === 'custom';
}

function countErrors(issues: Issues): number {
  return issues
    .map((issue) => (issue.code === 'unrecognized_keys' ? issue.keys.length : 1))
    .reduce((sum, count) => sum + count, 0);
}

/** Converts the path of an issue. YAML has no symbols as keys. */
function toPath(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

function toUnknownKey(parent: Path, key: string, { raw, explainKey, schemasAt }: Context): Found {
  const path = [...parent, key];
  const toResult = (text: string, meant?: string): Found => ({
    path,
    atKey: true,
    text,
    ...(meant === undefined ? {} : { meant: toPathText([...parent, meant]) }),
  });
  const explained = explainKey(path, raw);
  if (explained !== undefined) return toResult(explained.text, explained.meant);
  if (key === '<<') return toResult('merge keys are not supported; use an alias for a whole value');
  const schemas = schemasAt(parent);
  const known = schemas.flatMap(({ properties = {} }) => Object.keys(properties));
  const match = closestMatch(key, known);
  if (isSecretName(key)) return toResult(inlineSecret(key, known), match);
  const section = sectionOf(key, schemas);
  if (section !== undefined) return toResult(`unknown key; move it to ${section}`);
  return toResult(`unknown key${didYouMean(key, known)}`, match);
}

function isSecretName(key: string): boolean {
  return /(^|_)(key|key_id|secret|password|passwd|token|credentials?)$/.test(toSnakeCase(key));
}

/** Names the reference keys of the secret, if they can be determined. */
function inlineSecret(key: string, known: readonly string[]): string {
  const stems = known.filter((name) => name.endsWith('_file')).map((name) => name.replace(/_file$/, ''));
  const stem = stems.length === 1 ? stems[0] : closestMatch(toSnakeCase(key), stems);
  const keys = stem === undefined ? 'a key that ends in _env or _file' : `${stem}_env or ${stem}_file`;
  return `secrets are not allowed in this file; reference it with ${keys}`;
}

/** Returns the only section of a mapping that has this key; undefined if none or several have it. */
function sectionOf(key: string, schemas: readonly JsonSchema[]): string | undefined {
  const sections = schemas.flatMap((schema) =>
    Object.keys(schema.properties ?? {}).filter((name) =>
      schemasBelow(schema, name).some(({ properties = {} }) => Object.hasOwn(properties, key)),
    ),
  );
  const [section, ...others] = new Set(sections);
  return others.length === 0 ? section : undefined;
}

function schemasAt(root: JsonSchema, path: Path, raw: unknown): readonly JsonSchema[] {
  let schemas: readonly JsonSchema[] = [root];
  for (const [depth, part] of path.entries()) {
    const value = valueAt(raw, path.slice(0, depth + 1));
    schemas = schemas.flatMap((schema) => schemasBelow(schema, part)).filter((schema) => fits(schema, value));
  }
  return schemas;
}

function schemasBelow({ items, properties = {} }: JsonSchema, part: string | number): readonly JsonSchema[] {
  const below =
    typeof part === 'number' ? items : Object.hasOwn(properties, part) ? properties[part] : undefined;
  if (typeof below !== 'object' || Array.isArray(below)) return [];
  return [below, ...(below.anyOf ?? []), ...(below.oneOf ?? [])];
}

/** Reports whether no constant of the schema, such as the provider of an account, contradicts the value. */
function fits({ properties = {} }: JsonSchema, value: unknown): boolean {
  return Object.entries(properties).every(([key, property]) => {
    const own = valueAt(value, [key]);
    return (
      typeof property !== 'object' ||
      property.const === undefined ||
      own === undefined ||
      own === property.const
    );
  });
}
