import { plausibleTotal } from '../../kit/paged-list.ts';
import { isBlank, toRows } from '../../kit/rows.ts';
import { readFields, readNumber } from '../../kit/values.ts';

/** Page that is requested from a list. Pages start at 1. */
interface RequestedPage {
  /** Name of the field with the rows. */
  readonly list: string;
  readonly page: number;
  readonly pageSize: number;
}

/** Rows of one page, and the number of rows of the whole list; undefined if it is unknown. */
interface PageRows {
  readonly rows: readonly unknown[];
  readonly total: number | undefined;
}

/**
 * Returns the rows of a page of a list of API 3.0; undefined if the shape is unknown. An empty list would end
 * all streams, so a response is only empty if it says so: by an error code (`undefined` here), by a list
 * without rows, or by the total 0. Not documented: whether an empty response has the field with the rows, so
 * a blank or missing one is accepted with the total 0. A page without rows is not empty if the total says
 * that it has some.
 */
export function rowsOfPage(response: unknown, { list, page, pageSize }: RequestedPage): PageRows | undefined {
  if (response === undefined) return { rows: [], total: 0 };
  const fields = readFields(response);
  const total = readNumber(fields?.TotalNum);
  const value = fields?.[list];
  const rows = isBlank(value) && total !== undefined ? [] : toRows(value);
  const before = (page - 1) * pageSize;
  if (rows === undefined || (rows.length === 0 && (total ?? 0) > before)) return undefined;
  return { rows, total: plausibleTotal(total, before, rows.length) };
}
