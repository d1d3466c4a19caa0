import { type Answer, ProviderError } from '../../model/answer.ts';
import type { InSlices } from '../../model/slices.ts';
import { readFields } from './values.ts';

/**
 * Reports whether `value` is one of the values that APIs send instead of an empty list: null, '', {} or
 * nothing (undefined). The body of a failure with HTTP status 200 can have such a value too. So the value
 * means that there are no rows only if the rest of the response says that the request succeeded.
 */
export function isBlank(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  const fields = readFields(value);
  return fields !== undefined && Object.keys(fields).length === 0;
}

/**
 * Returns the rows of a list in a response. Also accepts an object instead of a list, as a single row.
 * Returns undefined for any other value, including a blank one (see `isBlank`).
 */
export function toRows(list: unknown): readonly unknown[] | undefined {
  if (Array.isArray(list)) return list;
  return readFields(list) === undefined || isBlank(list) ? undefined : [list];
}

/**
 * Converts each row of a response with `toItem`. If `toItem` returns undefined, the row is skipped and
 * counted in `malformed`. If there are rows but all of them are malformed, throws a ProviderError
 * `malformed`, because an answer without items would mean that the provider has no data.
 */
export function readRows<T>(
  rows: readonly unknown[],
  toItem: (row: unknown) => T | undefined,
  context: string,
): Pick<Answer<T>, 'items' | 'malformed'> {
  const items: T[] = [];
  for (const row of rows) {
    const item = toItem(row);
    if (item !== undefined) items.push(item);
  }
  return toRead(rows.length, items, context);
}

/** Like `readRows`, but converts the rows in slices of the event loop. For a list, which can have many rows. */
export async function readRowsInSlices<T>(
  rows: readonly unknown[],
  toItem: (row: unknown) => T | undefined,
  context: string,
  inSlices: InSlices,
): Promise<Pick<Answer<T>, 'items' | 'malformed'>> {
  const items: T[] = [];
  await inSlices(rows, (row) => {
    const item = toItem(row);
    if (item !== undefined) items.push(item);
  });
  return toRead(rows.length, items, context);
}

function toRead<T>(
  count: number,
  items: readonly T[],
  context: string,
): Pick<Answer<T>, 'items' | 'malformed'> {
  if (count > 0 && items.length === 0) throw noReadableRow(count, context);
  return { items, malformed: count - items.length };
}

/** Builds the `malformed` failure of a response with rows of which none is readable. */
export function noReadableRow(count: number, context: string): ProviderError {
  return new ProviderError('malformed', `${context}: no row in the response is readable (${count} rows)`);
}
