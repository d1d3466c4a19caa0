import { type Answer, ProviderError } from '../../model/answer.ts';
import { readFields } from './values.ts';

/**
 * Returns the rows of a list. Accepts the variants that APIs use in place of a list: a single row without a list, and
 * null, '' or {} for an empty one. Returns undefined for any other value.
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
 * Converts rows leniently: rows for which `toItem` returns undefined are skipped and counted. Throws `malformed` if
 * there are rows but none is readable, because that is not an empty answer.
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
    throw new ProviderError('malformed', `${context}: none of ${rows.length} rows is readable`);
  }
  return { items, malformed: rows.length - items.length };
}
