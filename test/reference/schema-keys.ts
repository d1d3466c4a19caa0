/** Part of a JSON Schema (draft 7) that zod writes. */
export interface Schema {
  readonly $comment?: string;
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
}

/** A key of a config file. */
export interface Key {
  /** Such as `streams[].expect.fps`; `[]` is any item of a list, and `NAME` any key of a mapping. */
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Returns all keys below a schema, those of a section after the section. */
export function keysOf(schema: Schema, path = ''): readonly Key[] {
  const { properties = {}, required = [], items, anyOf = [], additionalProperties } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, child]) => {
      const childPath = path === '' ? name : `${path}.${name}`;
      return [
        { path: childPath, schema: child, isRequired: required.includes(name) },
        ...keysOf(child, childPath),
      ];
    }),
    ...(items === undefined ? [] : keysOf(items, `${path}[]`)),
    ...anyOf.flatMap((each) => keysOf(each, path)),
    ...(typeof additionalProperties === 'object' ? keysOf(additionalProperties, `${path}.NAME`) : []),
  ];
}

/** Words for types in one language. */
export interface TypeWords {
  readonly section: string;
  readonly integer: string;
  readonly number: string;
  readonly text: string;
  anyOf(types: readonly string[]): string;
  listOf(item: string, minItems: number): string;
  mappingTo(value: string): string;
  range(min: string | undefined, max: string | undefined): string;
  unit(name: string): string;
  characters(min: number, max: number | undefined): string;
  /** Translates a type in words, such as "duration from 1s to 1h". */
  named(comment: string): string;
}

/** Maximum of an integer for which the schema sets none. */
const noMaximum = Number.MAX_SAFE_INTEGER;

/** Returns the type of a value with its limits, in words. */
export function typeText(schema: Schema, words: TypeWords): string {
  const { $comment, type, enum: values, anyOf, items, additionalProperties } = schema;
  if ('const' in schema) return code(schema.const);
  if (values !== undefined) return words.anyOf(values.map(code));
  if (schema.oneOf !== undefined) return words.section;
  if (anyOf !== undefined) return words.anyOf([...new Set(anyOf.map((each) => typeText(each, words)))]);
  switch (type) {
    case 'array':
      return words.listOf(typeText(items ?? {}, words), schema.minItems ?? 0);
    case 'boolean':
      return words.anyOf([code(true), code(false)]);
    case 'integer':
    case 'number':
      return `${words[type]}${rangeOf(schema, words)}${unitOf($comment, words)}`;
    case 'object':
      return typeof additionalProperties === 'object'
        ? words.mappingTo(typeText(additionalProperties, words))
        : words.section;
    case 'string':
      if ($comment !== undefined) return words.named($comment);
      return `${words.text}${words.characters(schema.minLength ?? 0, schema.maxLength)}`;
    default:
      throw new Error(`unknown type ${type}: ${schema.description}`);
  }
}

/** Returns the default of a key as it is written in YAML; undefined if it has none. */
export function defaultText({ default: value }: Schema): string | undefined {
  return value === undefined ? undefined : code(value);
}

function code(value: unknown): string {
  const isPlain = typeof value === 'string' && /^[\w.][\w./:*-]*$/.test(value);
  return `\`${isPlain ? value : JSON.stringify(value)}\``;
}

function rangeOf(schema: Schema, words: TypeWords): string {
  const { minimum, maximum, exclusiveMinimum } = schema;
  const max = maximum === undefined || maximum === noMaximum ? undefined : String(maximum);
  if (exclusiveMinimum !== undefined) return words.range(`>${exclusiveMinimum}`, max);
  return words.range(minimum === undefined ? undefined : String(minimum), max);
}

function unitOf(comment: string | undefined, words: TypeWords): string {
  return comment === undefined ? '' : words.unit(words.named(comment));
}
