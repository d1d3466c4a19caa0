/** Returns the fields of an object, unparsed; undefined if `value` is not an object. */
export function readFields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // The cast is safe: in parsed JSON and XML, an object that is no array has only string keys.
  return value as Readonly<Record<string, unknown>>;
}

/** Returns a number of at least 0, also from a quoted one; undefined for anything else, such as '', -1 or NaN. */
export function readNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** Returns the trimmed text; undefined if it is empty or not a string. */
export function readText(value: unknown): string | undefined {
  return (typeof value === 'string' && value.trim()) || undefined;
}
