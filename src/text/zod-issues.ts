import * as z from 'zod';
import { type Path, toPathText, type UnlocatedDiagnostic } from './diagnostics.ts';
import { closestMatch, didYouMean, toSnakeCase } from './did-you-mean.ts';
import { type PartiallyParsed, parsePartially } from './partial-parse.ts';
import { valueAt } from './plain-value.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

export interface Checks<S extends z.ZodType> {
  /**
   * Returns contradictions between parts of a value. `readable` contains only the parts that the schema
   * accepts.
   */
  readonly crossCheck: (readable: PartiallyParsed<z.output<S>>) => readonly UnlocatedDiagnostic[];
}

/**
 * Parses a value by its schema and cross-checks it. `data` is the parsed value; undefined if the schema
 * rejects the value. `diagnostics` contains the errors from the schema and from the cross-checks.
 */
export function parseAndCheck<S extends z.ZodType>(schema: S, raw: unknown, { crossCheck }: Checks<S>) {
  const { data, error } = schema.safeParse(raw, { error: messageOf });
  const issues = error === undefined ? [] : toDiagnostics(error.issues, { raw, root: toJsonSchema(schema) });
  // The cast is safe: if the schema accepts a value, all its parts are present.
  const readable = (data as PartiallyParsed<z.output<S>> | undefined) ?? parsePartially(schema, raw);
  const contradictions = readable === undefined ? [] : crossCheck(readable);
  return { data, diagnostics: [...issues, ...contradictions] };
}

interface Context {
  readonly raw: unknown;
  /** JSON Schema of the whole value. */
  readonly root: JsonSchema;
}

/**
 * Converts a schema to the JSON Schema of the input that it accepts. A JSON Schema is plain data, so it is
 * easier to search than a zod schema.
 */
function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

/**
 * Converts zod issues to diagnostics. If a required key is missing and an unknown key is probably its
 * misspelled name, only the unknown key is reported.
 */
function toDiagnostics(issues: Issues, context: Context): readonly UnlocatedDiagnostic[] {
  const found = issues.flatMap((issue) => toFound(issue, [], context));
  const misspelled = new Set(found.map(({ meant }) => meant));
  return found.filter(({ path, text }) => text !== missing || !misspelled.has(toPathText(path)));
}

const missing = 'missing';

/**
 * Returns the text of a zod issue, for issues whose schema defines no text of its own. If the result is
 * undefined, zod uses its own text. The text never contains the value.
 */
function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
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

/** Reports whether a text would have the expected type without its quotes. */
function isQuoted(expected: string, text: string): boolean {
  if (expected === 'boolean') return text === 'true' || text === 'false';
  return (expected === 'number' || expected === 'int') && /^-?\d+(\.\d+)?$/.test(text);
}

interface Found extends UnlocatedDiagnostic {
  /** Key path, as text, of the known key that the operator probably meant. */
  readonly meant?: string | undefined;
}

function toFound(issue: z.core.$ZodIssue, base: Path, context: Context): readonly Found[] {
  // Convert symbols to strings: zod's type allows symbols in a path, but a key in YAML is never a symbol.
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => toUnknownKey(path, key, context));
  const inner = issue.code === 'invalid_union' ? bestAlternative(issue.errors) : undefined;
  if (inner !== undefined) return inner.flatMap((error) => toFound(error, path, context));
  return [{ path, text: issue.message }];
}

type Issues = readonly z.core.$ZodIssue[];

/**
 * Returns the issues of one alternative of a union: the one that the operator probably meant. This is the
 * alternative with the fewest errors among those whose type fits the value. Returns undefined if no type
 * fits.
 */
function bestAlternative(alternatives: readonly Issues[]): Issues | undefined {
  const fitting = alternatives.filter((issues) => issues.every(isInside));
  return fitting.toSorted((a, b) => countErrors(a) - countErrors(b))[0];
}

/**
 * Reports whether an issue shows that the type of the value fits. This is the case if the error is in a part
 * of the value, is an unknown key, or comes from a custom check, which zod runs only if the type fits.
 */
function isInside({ path, code }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys' || code === 'custom';
}

/**
 * Counts the errors of one alternative. An unknown key counts twice: a key that the operator wrote says more about
 * the intended alternative than a key that is missing.
 */
function countErrors(issues: Issues): number {
  return issues.reduce(
    (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1),
    0,
  );
}

function toUnknownKey(parent: Path, key: string, { raw, root }: Context): Found {
  const path = [...parent, key];
  const toResult = (text: string, meant?: string): Found => ({
    path,
    atKey: true,
    text,
    meant: meant === undefined ? undefined : toPathText([...parent, meant]),
  });
  if (key === '<<') return toResult('merge keys are not supported; use an alias for a whole value');
  const schemas = schemasAt(root, parent, raw);
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

/**
 * Returns the diagnostic text for a key that probably contains a secret. The text names the keys that can
 * refer to the secret instead, if the known keys determine them.
 */
function inlineSecret(key: string, known: readonly string[]): string {
  const stems = known.filter((name) => name.endsWith('_file')).map((name) => name.replace(/_file$/, ''));
  const stem = stems.length === 1 ? stems[0] : closestMatch(toSnakeCase(key), stems);
  const refs = known.filter((name) => name === `${stem}_env` || name === `${stem}_file`).sort();
  const keys = refs.length === 0 ? 'a key that ends in _env or _file' : refs.join(' or ');
  return `secrets are not allowed in this file; reference the secret with ${keys}`;
}

/**
 * Returns the name of the section (a key whose value is a mapping) in which the unknown key `key` is known.
 * Returns undefined if there is no such section or more than one.
 */
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

/**
 * Reports whether a value can match an object schema. It cannot if the value has a different constant than
 * the schema for some key, such as the provider of an account.
 */
function fits({ properties = {} }: JsonSchema, value: unknown): boolean {
  return Object.entries(properties).every(([key, property]) => {
    const [constant, own] = [valueAt(property, ['const']), valueAt(value, [key])];
    return constant === undefined || own === undefined || own === constant;
  });
}
