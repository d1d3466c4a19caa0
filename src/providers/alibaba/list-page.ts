import { unexpectedShape } from '../kit/json.ts';
import { type PageRows, type RequestedPage, totalOf } from '../kit/page-total.ts';
import { isBlank } from '../kit/rows.ts';
import { readFields } from '../kit/values.ts';
import { recordsOf } from './rows.ts';

/** List of Alibaba's API. */
interface RequestedList extends RequestedPage {
  /** Names of the field that contains the list, and of the list in it. */
  readonly outer: string;
  readonly inner: string;
  /** Whether the rows are texts: a single one can then be a text instead of a list, as in XML. */
  readonly hasTextRows?: boolean;
}

/** Other documented fields of a page of a list. */
const pageFields = ['PageNum', 'PageSize', 'TotalNum', 'TotalPage', 'DomainName'] as const;

/**
 * Returns the rows of a page of a list. Throws `malformed` if the shape is unknown. An empty list would end all
 * streams or bans, so a blank or missing list is accepted only together with a total. The total must not
 * exceed the number of rows of the pages before this one; see `totalOf`.
 */
export function rowsOfPage(response: unknown, requested: RequestedList): PageRows {
  const { outer, inner, hasTextRows = false, ...page } = requested;
  const list = readFields(response)?.[outer];
  const rows =
    (hasTextRows ? textRowOf(list, inner) : undefined) ?? recordsOf(response, outer, inner, pageFields);
  if (rows === undefined) throw unexpectedShape(page.context, outer);
  const total = totalOf(response, rows.length, page);
  const isList = Array.isArray(list) || Array.isArray(readFields(list)?.[inner]);
  if (rows.length === 0 && total === undefined && !isList) throw unexpectedShape(page.context, outer);
  return { rows, total };
}

/** Returns the only row of a list whose rows are texts, if there is a text instead of the list. */
function textRowOf(list: unknown, inner: string): readonly string[] | undefined {
  const only = readFields(list)?.[inner] ?? list;
  return typeof only === 'string' && !isBlank(only) ? [only] : undefined;
}
