/** Returns the fields of an object with unchecked values; undefined if `value` is not an object. */
export function readFields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // The cast is safe: in parsed JSON and XML, an object that is not an array has only string keys.
  return value as Readonly<Record<string, unknown>>;
}

/** Reports whether all fields of an object are in `known`. */
export function hasOnly(fields: Readonly<Record<string, unknown>>, known: readonly string[]): boolean {
  return Object.keys(fields).every((name) => known.includes(name));
}

/**
 * Reads a non-negative number, given as a number or as decimal digits in a string. Returns undefined for any
 * other value, such as '', -1 or NaN.
 */
export function readNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/**
 * Returns the string `value` without white space at its ends; undefined if it is not a string or if nothing
 * remains.
 */
export function readText(value: unknown): string | undefined {
  return (typeof value === 'string' && value.trim()) || undefined;
}
