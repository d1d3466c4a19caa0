import type { Call } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
import type { ListAnswer, ListedApp } from '../../../model/questions.ts';
import { unexpectedShape } from '../../kit/json.ts';
import {
  foreignWarning,
  type ListPage,
  type PagedList,
  readPagedList,
  unstableWarning,
} from '../../kit/paged-list.ts';
import { readRows } from '../../kit/rows.ts';
import { rowsOfPage } from './list-page.ts';
import { isOf } from './listed-app.ts';

/** Site of an account of API 3.0. */
export type Api3Site = 'china' | 'international';

/** Operation that lists the live streams of one application of a domain, in pages. */
export interface AppListOperation<T> extends Pick<PagedList<T>, 'pageSize' | 'keyOf' | 'isOld'> {
  readonly operation: string;
  /** Name of the parameter and of the field of a row that contain the domain. */
  readonly domainField: 'DomainName' | 'PushDomain';
  /** Name of the field of the response that contains the rows. */
  readonly listField: string;
  /** Converts a row of the application; undefined if the row cannot be read. */
  readonly readRow: (row: unknown) => T | undefined;
}

/**
 * Reads all pages of a list of API 3.0. Domain and application are always sent: without them, the provider
 * would list the application `live`, and the documentation requires the domain if an account has several.
 */
export async function readAppList<T>(
  call: Call,
  { operation, domainField, listField, readRow, ...list }: AppListOperation<T>,
  app: ListedApp,
  signal: AbortSignal,
): Promise<ListAnswer<T>> {
  const context = `tencent ${operation}`;
  const warnings = new Set<string>();
  const query = { [domainField]: app.domain, AppName: app.appName, PageSize: list.pageSize };

  /** Converts a response; see `rowsOfPage`. */
  function toPage(response: unknown, page: number): ListPage<T> {
    const read = rowsOfPage(response, { list: listField, page, pageSize: list.pageSize });
    if (read === undefined) throw unexpectedShape(context, listField);
    const { rows, total } = read;
    const own = rows.filter((row) => isOf(app, row, domainField));
    if (own.length < rows.length) warnings.add(foreignWarning);
    return { ...readRows(own, readRow, context), rows: rows.length, total };
  }

  const { items, malformed, isUnstable } = await readPagedList<T>({
    ...list,
    context,
    readPage: async (page) => toPage(await call(operation, { ...query, PageNum: page }, signal), page),
  });
  if (items.length === 0 && warnings.has(foreignWarning)) {
    throw new ProviderError('malformed', `${context}: all streams are of another domain or application`);
  }
  if (isUnstable) warnings.add(unstableWarning);
  return { items, malformed, warnings: [...warnings], isComplete: malformed === 0 && !isUnstable };
}
