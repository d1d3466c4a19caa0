type CamelCase<Key> = Key extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Key;

/**
 * Converts the keys of a mapping from snake case, as in YAML, to camel case, as in TypeScript: `app_name`
 * becomes `appName`.
 */
export function camelKeys<T extends object>(mapping: T) {
  const entries = Object.entries(mapping).map(([key, value]) => [
    key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  // The cast is necessary because TypeScript does not compute the new keys. It is safe although the type
  // declares optional keys as present: reading an absent key returns undefined too.
  return Object.fromEntries(entries) as { [Key in keyof T as CamelCase<Key>]-?: T[Key] };
}
