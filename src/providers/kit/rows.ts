import { type Answer, ProviderError } from '../../model/answer.ts';
import { readFields } from './values.ts';

/**
 * Returns the rows of a list in a response. Also accepts values that APIs send instead of a list: an object
 * is a single row, and null, '' and {} are an empty list. A missing list (undefined) is empty. Returns
 * undefined for any other value.
 */
export function toRows(list: unknown): readonly unknown[] | undefined {
  if (Array.isArray(list)) return list;
  if (list === undefined || list === null) return [];
  if (typeof list === 'string') return list.trim() === '' ? [] : undefined;
  const fields = readFields(list);
  if (fields === undefined) return undefined;
  return Object.keys(fields).length === 0 ? [] : [list];
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
  if (rows.length > 0 && items.length === 0) {
    throw new ProviderError(
      'malformed',
      `${context}: no row in the response is readable (${rows.length} rows)`,
    );
  }
  return { items, malformed: rows.length - items.length };
}
