import type { Call } from '../../../calls/call.ts';
import { ProviderError } from '../../../model/answer.ts';
import type { ListAnswer, ListedApp } from '../../../model/questions.ts';
import { abortableSlices, type InSlices } from '../../../model/slices.ts';
import type { EpochMs } from '../../../model/time.ts';
import {
  foreignWarning,
  type ListPage,
  type PagedList,
  readPagedList,
  unstableWarning,
} from '../../kit/paged-list.ts';
import { readRowsInSlices } from '../../kit/rows.ts';
import { rowsOfPage } from './list-page.ts';
import { isOf } from './listed-app.ts';

/** Site of an account of API 3.0. */
export type Api3Site = 'china' | 'international';

/** Parts of the sources that read lists of API 3.0. */
export interface Api3ListParts {
  readonly site: Api3Site;
  readonly now: () => EpochMs;
  readonly inSlices: InSlices;
}

/** Operation that lists the live streams of one application of a domain, in pages. */
export interface AppListOperation<T> extends Pick<PagedList<T>, 'pageSize' | 'keyOf' | 'isOld'> {
  readonly operation: string;
  /** Name of the parameter and of the field of a row that contain the domain. */
  readonly domainField: 'DomainName' | 'PushDomain';
  /** Name of the field of the response that contains the rows. */
  readonly listField: string;
  /** Converts a row of the application; undefined if the row cannot be read. */
  readonly readRow: (row: unknown) => T | undefined;
  readonly inSlices: InSlices;
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
  const inSlices = abortableSlices(list.inSlices, signal);
  const warnings = new Set<string>();
  const query = { [domainField]: app.domain, AppName: app.appName, PageSize: list.pageSize };

  /** Converts a response; see `rowsOfPage`. */
  async function toPage(response: unknown, page: number): Promise<ListPage<T>> {
    const { pageSize } = list;
    const { rows, total } = rowsOfPage(response, { list: listField, page, pageSize, context });
    const own: unknown[] = [];
    const foreign: unknown[] = [];
    await inSlices(rows, (row) => {
      if (isOf(app, row, domainField)) own.push(row);
      else foreign.push(row);
    });
    if (foreign.length > 0) warnings.add(foreignWarning);
    const { items, malformed } = await readRowsInSlices(own, readRow, context, inSlices);
    return { items, malformed, foreign, rows: rows.length, total };
  }

  const { items, malformed, isUnstable } = await readPagedList<T>({
    ...list,
    context,
    inSlices,
    readPage: async (page) => toPage(await call(operation, { ...query, PageNum: page }, signal), page),
  });
  if (items.length === 0 && warnings.has(foreignWarning)) {
    throw new ProviderError('malformed', `${context}: all streams are of another domain or application`);
  }
  if (isUnstable) warnings.add(unstableWarning);
  return { items, malformed, warnings: [...warnings], isComplete: malformed === 0 && !isUnstable };
}
