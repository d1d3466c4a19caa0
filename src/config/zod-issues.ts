import type * as z from 'zod';
import { type Path, toPathText, type UnlocatedDiagnostic } from '../text/diagnostics.ts';
import { mostLike, toSnakeCase } from '../text/did-you-mean.ts';
import { valueAt } from '../text/plain-value.ts';
import { toJsonSchema } from './schema/config.ts';

/** What the schema objects to. A key that is missing, and likely there under another name, is one mistake. */
export function toDiagnostics(
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
): readonly UnlocatedDiagnostic[] {
  const found = issues.flatMap((issue) => findingsOf(issue, [], raw));
  const otherwiseNamed = new Set(found.map(({ meant }) => meant));
  return found.filter(({ path, text }) => text !== missing || !otherwiseNamed.has(toPathText(path)));
}

const missing = 'missing';

/** A sentence for every issue that the schema gives none for. Never with the value in it. */
export function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? missing : typeSentence(issue.expected, issue.input);
    case 'invalid_value':
      return issue.input === undefined ? missing : `expected ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      if (issue.origin === 'array') return 'expected at least one';
      return `expected a number ${issue.inclusive === false ? 'above' : 'of at least'} ${issue.minimum}`;
    case 'too_big':
      if (issue.origin === 'string') return `longer than ${issue.maximum} characters`;
      return `expected a number up to ${issue.maximum}`;
    default:
      return undefined;
  }
}

const typeSentences: Readonly<Record<string, string>> = {
  string: 'expected text',
  number: 'expected a number',
  int: 'expected a whole number',
  boolean: 'expected true or false',
  array: 'expected a list',
  object: 'expected keys with values',
  record: 'expected keys with values',
};

function typeSentence(expected: string, input: unknown): string {
  const sentence = typeSentences[expected] ?? `expected ${expected}`;
  if (typeof input === 'string' && isQuoted(expected, input)) return `${sentence} without quotes`;
  const isBare = typeof input === 'number' || typeof input === 'boolean';
  return expected === 'string' && isBare ? `${sentence}; put it in quotes` : sentence;
}

/** Without quotes it would have been what was expected. */
function isQuoted(expected: string, text: string): boolean {
  if (expected === 'boolean') return text === 'true' || text === 'false';
  return (expected === 'number' || expected === 'int') && /^-?\d+(\.\d+)?$/.test(text);
}

interface Found extends UnlocatedDiagnostic {
  /** The path of the key that was likely meant. */
  readonly meant?: string;
}

function findingsOf(issue: z.core.$ZodIssue, base: Path, raw: unknown): readonly Found[] {
  const path = [...base, ...toPath(issue.path)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, raw));
    case 'invalid_union': {
      const within = likeliest(issue.errors);
      if (within !== undefined) return within.flatMap((error) => findingsOf(error, path, raw));
      return [{ path, text: issue.message }];
    }
    default:
      return [{ path, text: issue.message }];
  }
}

type Issues = readonly z.core.$ZodIssue[];

/** Of the alternatives that fit on the outside, so that what is wrong is within, the one with the fewest mistakes. */
function likeliest(alternatives: readonly Issues[]): Issues | undefined {
  const fitting = alternatives.filter((issues) => issues.every(isWithin));
  return fitting.toSorted((a, b) => countMistakes(a) - countMistakes(b))[0];
}

/** A custom objection is to what fits on the outside. */
function isWithin({ path, code }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys' || code === 'custom';
}

function countMistakes(issues: Issues): number {
  return issues
    .map((issue) => (issue.code === 'unrecognized_keys' ? issue.keys.length : 1))
    .reduce((sum, count) => sum + count, 0);
}

/** YAML has no symbols for keys. */
function toPath(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

/** What the contract lists for a later version, and what serves in its place now. */
const laterKeys: ReadonlyMap<string, string | undefined> = new Map([
  ['alertmanager', undefined],
  ['accounts.tencent.api3', 'statcgi'],
  ['accounts.tencent.expected_delay.control_history', undefined],
  ['accounts.alibaba.push_stats', undefined],
  ['accounts.alibaba.expected_delay.push_stats', undefined],
  ['domains.*.push_domains', undefined],
  ['domains.*.discover', undefined],
  ['domains.*.streams', undefined],
  ['domains.*.expect', undefined],
  ['domains.*.push_stats', undefined],
]);

function unknownKey(parent: Path, key: string, raw: unknown): Found {
  const path = [...parent, key];
  const finding = (text: string, meant?: string): Found => ({
    path,
    atKey: true,
    text,
    ...(meant === undefined ? {} : { meant: toPathText([...parent, meant]) }),
  });
  const general = toGeneralPath(path, raw);
  if (laterKeys.has(general)) return finding('not supported by this version yet', laterKeys.get(general));
  if (key === '<<') return finding('merge keys are not supported; an alias for a whole value is');
  const known = knownKeys(parent, raw);
  const likely = mostLike(key, known);
  if (looksSecret(key)) return finding(noSecret(key, known), likely);
  const section = sectionWith(key, parent, raw);
  if (section !== undefined) return finding(`unknown key; it belongs in ${section}`);
  return finding(likely === undefined ? 'unknown key' : `unknown key; did you mean "${likely}"?`, likely);
}

/** For any item of a list; of accounts, for any of the same provider. */
function toGeneralPath(path: Path, raw: unknown): string {
  const provider = path[0] === 'accounts' ? valueAt(raw, [...path.slice(0, 2), 'provider']) : undefined;
  const item = typeof provider === 'string' ? provider : '*';
  return path.map((part) => (typeof part === 'number' ? item : part)).join('.');
}

function looksSecret(key: string): boolean {
  return /(^|_)(key|key_id|secret|password|passwd|token|credentials?)$/.test(toSnakeCase(key));
}

/** Names the keys that say where such a secret is, where it is plain which. */
function noSecret(key: string, known: readonly string[]): string {
  const stems = known.filter((name) => name.endsWith('_file')).map((name) => name.replace(/_file$/, ''));
  const stem = stems.length === 1 ? stems[0] : mostLike(toSnakeCase(key), stems);
  const keys = stem === undefined ? 'a key that ends in _env or _file' : `${stem}_env or ${stem}_file`;
  return `no secret belongs in this file: name where it is with ${keys}`;
}

let jsonSchema: JsonSchema | undefined;

/** The keys that the schema has for a mapping at `path`. Read from the JSON Schema, which is plain data. */
function knownKeys(path: Path, raw: unknown): readonly string[] {
  return schemasAt(path, raw).flatMap((schema) => Object.keys(schema.properties ?? {}));
}

/** The one section of the mapping at `parent` that has this key; undefined where none has it, or several have. */
function sectionWith(key: string, parent: Path, raw: unknown): string | undefined {
  const sections = schemasAt(parent, raw).flatMap((schema) =>
    Object.keys(schema.properties ?? {}).filter((name) =>
      schemasBelow(schema, name).some(({ properties = {} }) => Object.hasOwn(properties, key)),
    ),
  );
  const [section, ...others] = new Set(sections);
  return others.length === 0 ? section : undefined;
}

function schemasAt(path: Path, raw: unknown): readonly JsonSchema[] {
  jsonSchema ??= toJsonSchema();
  let schemas: readonly JsonSchema[] = [jsonSchema];
  for (const [depth, part] of path.entries()) {
    const value = valueAt(raw, path.slice(0, depth + 1));
    schemas = schemas.flatMap((schema) => schemasBelow(schema, part)).filter((schema) => fits(schema, value));
  }
  return schemas;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function schemasBelow({ items, properties = {} }: JsonSchema, part: string | number): readonly JsonSchema[] {
  const below =
    typeof part === 'number' ? items : Object.hasOwn(properties, part) ? properties[part] : undefined;
  if (typeof below !== 'object' || Array.isArray(below)) return [];
  return [below, ...(below.anyOf ?? []), ...(below.oneOf ?? [])];
}

/** An account of another provider than the one it names has other keys. */
function fits({ properties }: JsonSchema, value: unknown): boolean {
  const provider = properties?.provider;
  const own = valueAt(value, ['provider']);
  return typeof provider !== 'object' || own === undefined || provider.const === own;
}
