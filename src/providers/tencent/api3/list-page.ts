import { unexpectedShape } from '../../kit/json.ts';
import { type PageRows, type RequestedPage, totalOf } from '../../kit/page-total.ts';
import { isBlank, toRows } from '../../kit/rows.ts';
import { readFields, readNumber } from '../../kit/values.ts';

/** List of API 3.0. */
interface RequestedList extends RequestedPage {
  /** Name of the field with the rows. */
  readonly list: string;
}

/**
 * Returns the rows of a page of a list of API 3.0. Throws `malformed` if the shape is unknown. An empty list
 * would end all streams, so only an error code (`undefined` here), a list without rows, or the total 0 makes
 * a response empty. Not documented: whether an empty response has the field with the rows,
 * so a blank or missing one is accepted with the total 0. A page without rows is not empty if the total says
 * that it has some; see `totalOf`.
 */
export function rowsOfPage(response: unknown, { list, ...page }: RequestedList): PageRows {
  if (response === undefined) return { rows: [], total: 0 };
  const fields = readFields(response);
  const value = fields?.[list];
  const rows = isBlank(value) && readNumber(fields?.TotalNum) !== undefined ? [] : toRows(value);
  if (rows === undefined) throw unexpectedShape(page.context, list);
  return { rows, total: totalOf(response, rows.length, page) };
}
