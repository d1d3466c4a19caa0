import { ProviderError } from '../../model/answer.ts';
import type { InSlices } from '../../model/slices.ts';
import { createRepeatedPages } from './repeated-pages.ts';

/** Warnings of lists of live streams and of forbidden streams. */
export const foreignWarning = 'streams of another domain or application in the list are ignored; report this';
export const unstableWarning =
  'the list of live streams changes faster than it can be read, so that streams appear later';
export const unstableBansWarning =
  'the list of forbidden streams changes faster than it can be read, so that bans appear later';

/** One page of a list. */
export interface ListPage<T> {
  readonly items: readonly T[];
  /** Number of rows of the page, including those that could not be read. */
  readonly rows: number;
  readonly malformed: number;
  /** Number of rows of the whole list; undefined if the provider does not report it. */
  readonly total: number | undefined;
  /** Rows that are readable, but no items of the list. Absent if there are none. */
  readonly foreign?: readonly unknown[];
}

/** List that a provider returns in pages, and that can change between the requests. */
export interface PagedList<T> {
  readonly pageSize: number;
  /** Reads a page. Pages start at 1. */
  readonly readPage: (page: number) => Promise<ListPage<T>>;
  readonly keyOf: (item: T) => string;
  /** Reports whether the item can have been in the list before its first page was requested. */
  readonly isOld: (item: T) => boolean;
  /** Context of error messages. */
  readonly context: string;
  readonly inSlices: InSlices;
}

export interface ReadList<T> {
  /** Items, each key once. */
  readonly items: readonly T[];
  readonly malformed: number;
  /** Whether the list changed so fast that an item can be missing that was in the list all the time. */
  readonly isUnstable: boolean;
}

/** Maximum number of rows of a list. */
const maxRows = 100_000;

/** Maximum number of times that a list of several pages is read. Two suffice unless it changes fast. */
const maxPasses = 4;

/**
 * Reads all pages of a list, so that no row is missed that is in the list all the time. If another row leaves
 * the list between two requests, all rows after it move up, and one of them can move from a page that is not
 * read yet to a page that was read. So the pages are read from the last to the first: rows that move up are
 * then read twice. If a row enters the list, rows move down, and one can be missed. But the new row itself is
 * then on a page that is not read yet. So the list is read again until a pass finds no new row, or after
 * three passes no row that earlier passes missed. Rejects with `malformed` if the list has too many rows, or if
 * the provider repeats a page: the other rows of the list are then unknown.
 */
export async function readPagedList<T>(list: PagedList<T>): Promise<ReadList<T>> {
  const { pageSize, keyOf, isOld, inSlices } = list;
  const found = new Map<string, T>();
  const repeated = createRepeatedPages(list.context);
  let malformed = 0;

  /**
   * Adds the items of a page to those found. Returns the items that were not found before. Of items with the
   * same key, the first one stays: the others are then garbage that V8 frees cheaply.
   */
  const add = async ({ items, foreign = [], total }: ListPage<T>): Promise<readonly T[]> => {
    const added: T[] = [];
    const page = repeated.startPage(total);
    await inSlices(items, (item) => {
      const key = keyOf(item);
      page.addRow(key);
      if (found.has(key)) return;
      added.push(item);
      found.set(key, item);
    });
    await inSlices(foreign, (row) => page.addRow(JSON.stringify([row])));
    page.end();
    return added;
  };
  const result = (isUnstable: boolean) => ({ items: [...found.values()], malformed, isUnstable });

  let last = await readToEnd(list, async (page) => {
    await add(page);
    malformed += page.malformed;
  });
  if (last === 1) return result(false);
  for (let pass = 1; ; pass++) {
    const { pages, added } = await readBackward(list, last, { add, startPass: repeated.startPass });
    malformed = Math.max(malformed, sumOf([...pages.values()]));
    if (pass > 1 && added.length === 0) return result(false);
    const missed = pass > 2 ? added.filter(isOld).length : added.length;
    if (missed === 0) return result(false);
    if (pass === maxPasses) return result(true);
    last = Math.max(
      ...[...pages].map(([number, page]) => Math.max(number, lastPage(page, number, pageSize))),
    );
  }
}

/** Counts of a page, from which the number of the last page follows. */
type PageCounts = Pick<ListPage<unknown>, 'rows' | 'malformed' | 'total'>;

/** Returns the number of the last page. Without a total, a page that is not full is the last one. */
export function lastPage(
  { total, rows }: Pick<PageCounts, 'rows' | 'total'>,
  number: number,
  pageSize: number,
): number {
  if (total !== undefined) return Math.max(1, Math.ceil(total / pageSize));
  return rows < pageSize ? number : number + 1;
}

/**
 * Reads the first page, and further pages if they are necessary to find the last one. Returns the number of
 * the last page.
 */
async function readToEnd<T>(list: PagedList<T>, add: (page: ListPage<T>) => Promise<void>): Promise<number> {
  for (let number = 1; ; number++) {
    const page = await readBoundedPage(list, number);
    await add(page);
    const last = lastPage(page, number, list.pageSize);
    if (page.total !== undefined || last <= number) return last;
  }
}

/** Reads a page. Rejects if the list has more rows than a list can have. */
async function readBoundedPage<T>(list: PagedList<T>, number: number): Promise<ListPage<T>> {
  const page = await list.readPage(number);
  const total = page.total ?? (lastPage(page, number, list.pageSize) - 1) * list.pageSize;
  if (total > maxRows) {
    const text = `the list has ${total} rows, more than the limit of ${maxRows}`;
    throw new ProviderError('malformed', `${list.context}: ${text}`);
  }
  return page;
}

/** Functions that `readBackward` calls. */
interface PassSteps<T> {
  /** Receives each page. Returns its items that were not found before. */
  readonly add: (page: ListPage<T>) => Promise<readonly T[]>;
  /** Called before pages are read that can have been read before. */
  readonly startPass: () => void;
}

/**
 * Reads the pages from number `last` to the first, one after the other: the order matters. If page `last` shows
 * that there are further pages, because the list grew or because the total is wrong, reads them first. Returns
 * the counts of the pages by number, and all items that `add` returns. Adding all pages at the end would block
 * the event loop.
 */
async function readBackward<T>(
  list: PagedList<T>,
  last: number,
  { add, startPass }: PassSteps<T>,
): Promise<{ readonly pages: ReadonlyMap<number, PageCounts>; readonly added: readonly T[] }> {
  const pages = new Map<number, PageCounts>();
  const added: T[] = [];
  const read = async (number: number) => {
    const page = await readBoundedPage(list, number);
    for (const item of await add(page)) added.push(item);
    const { rows, malformed, total } = page;
    pages.set(number, { rows, malformed, total });
    return lastPage(page, number, list.pageSize);
  };
  startPass();
  let end = last;
  for (let further = await read(end); further > end; further = await read(end)) end = further;
  if (end > last) startPass();
  for (let number = end - 1; number >= 1; number--) await read(number);
  return { pages, added };
}

function sumOf(pages: readonly PageCounts[]): number {
  return pages.reduce((sum, { malformed }) => sum + malformed, 0);
}
