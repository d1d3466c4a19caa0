type CamelCase<Key> = Key extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Key;

/** Converts the keys of a mapping from the spelling of YAML to that of TypeScript: `app_name` becomes `appName`. */
export function camelKeys<T extends object>(mapping: T) {
  const entries = Object.entries(mapping).map(([key, value]) => [
    key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  // The cast is safe: TypeScript does not compute the keys. An optional key is read as undefined, so it counts as present.
  return Object.fromEntries(entries) as { [Key in keyof T as CamelCase<Key>]-?: T[Key] };
}
