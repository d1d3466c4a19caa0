/** JSON Schema in the part of the language that `docs/openapi.yaml` uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema;
}

const keywords = [
  '$ref',
  'description',
  'type',
  'format',
  'enum',
  'items',
  'required',
  'properties',
  'additionalProperties',
];

/**
 * Returns the problems of a value, each with its path. A member that the schema does not list is a problem too,
 * although JSON Schema allows it: the document must list all members. Throws if a schema has an unknown keyword,
 * because its rule would not be checked.
 */
export function problemsOf(
  value: unknown,
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
  path = '',
): readonly string[] {
  const unknown = Object.keys(schema).filter((keyword) => !keywords.includes(keyword));
  if (unknown.length > 0) throw new Error(`${path}: unknown keyword ${unknown.join()}`);
  if (schema.$ref !== undefined) {
    const target = schemas[schema.$ref.replace('#/components/schemas/', '')];
    if (target === undefined) throw new Error(`${path}: no schema ${schema.$ref}`);
    return problemsOf(value, target, schemas, path);
  }
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (!types.some((type) => hasType(value, type)))
    return [`${path}: ${JSON.stringify(value)} is not ${types}`];
  if (value === null) return [];
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${path}: unexpected ${value}`];
  if (schema.format === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(value))) {
    return [`${path}: ${value} is not a time`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => problemsOf(item, schema.items ?? {}, schemas, `${path}/${i}`));
  }
  if (typeof value !== 'object') return [];
  const { required = [], properties = {}, additionalProperties } = schema;
  const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}: no ${name}`);
  const members = Object.entries(value).flatMap(([name, member]) => {
    const memberSchema = properties[name] ?? additionalProperties;
    if (memberSchema === undefined) return [`${path}: ${name} is not documented`];
    return problemsOf(member, memberSchema, schemas, `${path}/${name}`);
  });
  return [...missing, ...members];
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
