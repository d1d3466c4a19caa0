import { ProviderError } from '../../model/answer.ts';
import { readFields, readNumber } from './values.ts';

/** Page that is requested from a list. Pages start at 1. */
export interface RequestedPage {
  readonly page: number;
  readonly pageSize: number;
  /** Context of error messages. */
  readonly context: string;
}

/** Rows of one page, and the number of rows of the whole list; undefined if it is unknown. */
export interface PageRows {
  readonly rows: readonly unknown[];
  readonly total: number | undefined;
}

/**
 * Returns the total in a response with a page of `rows` rows; undefined if it is unknown. A total that is less
 * than the rows up to this page is wrong, so it counts as unknown: there can be further pages. Rejects with
 * `malformed` if the response shows that rows of the list are on no page:
 *
 * - The page is empty, although the list has rows on it or after it.
 * - The page is not full, although it is not the last one, and the response says that its pages have another
 *   size than the requested one. Not documented: whether a provider leaves out rows after it made the pages, so
 *   a page that is not full is accepted otherwise.
 */
export function totalOf(response: unknown, rows: number, { page, pageSize, context }: RequestedPage) {
  const fields = readFields(response);
  const total = readNumber(fields?.TotalNum);
  if (total === undefined) return undefined;
  const before = (page - 1) * pageSize;
  if (rows === 0 && total > before) {
    throw new ProviderError('malformed', `${context}: a page is empty, but its total says that it has rows`);
  }
  const ownSize = readNumber(fields?.PageSize) ?? pageSize;
  if (rows < pageSize && total > before + rows && ownSize !== pageSize) {
    const sizes = `${pageSize} rows, but the response has pages of ${ownSize}`;
    throw new ProviderError('malformed', `${context}: the request is for pages of ${sizes}`);
  }
  return rows > 0 && total < before + rows ? undefined : total;
}
