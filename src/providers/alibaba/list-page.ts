import { plausibleTotal } from '../kit/paged-list.ts';
import { isBlank } from '../kit/rows.ts';
import { readFields, readNumber } from '../kit/values.ts';
import { recordsOf } from './rows.ts';

/** Page that is requested from a list. Pages start at 1. */
interface RequestedPage {
  /** Names of the field that contains the list, and of the list in it. */
  readonly outer: string;
  readonly inner: string;
  readonly page: number;
  readonly pageSize: number;
  /** Whether the rows are texts: a single one can then be a text instead of a list, as in XML. */
  readonly hasTextRows?: boolean;
}

/** Rows of one page, and the number of rows of the whole list; undefined if it is unknown. */
interface PageRows {
  readonly rows: readonly unknown[];
  readonly total: number | undefined;
}

/** Other documented fields of a page of a list. */
const pageFields = ['PageNum', 'PageSize', 'TotalNum', 'TotalPage', 'DomainName'] as const;

/**
 * Returns the rows of a page of a list; undefined if the shape is unknown. An empty list would end all
 * streams or bans, so a blank or missing list is accepted only together with a total. The total must not
 * exceed the number of rows of the pages before this one.
 */
export function rowsOfPage(response: unknown, requested: RequestedPage): PageRows | undefined {
  const { outer, inner, page, pageSize, hasTextRows = false } = requested;
  const list = readFields(response)?.[outer];
  const rows =
    (hasTextRows ? textRowOf(list, inner) : undefined) ?? recordsOf(response, outer, inner, pageFields);
  const total = readNumber(readFields(response)?.TotalNum);
  const before = (page - 1) * pageSize;
  if (rows === undefined) return undefined;
  if (rows.length === 0) {
    const isList = Array.isArray(list) || Array.isArray(readFields(list)?.[inner]);
    if (total === undefined ? !isList : total > before) return undefined;
  }
  return { rows, total: plausibleTotal(total, before, rows.length) };
}

/** Returns the only row of a list whose rows are texts, if there is a text instead of the list. */
function textRowOf(list: unknown, inner: string): readonly string[] | undefined {
  const only = readFields(list)?.[inner] ?? list;
  return typeof only === 'string' && !isBlank(only) ? [only] : undefined;
}
