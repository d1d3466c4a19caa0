import { ProviderError } from '../../model/answer.ts';
import type { InSlices } from '../../model/slices.ts';

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
 * three passes no row that earlier passes missed.
 */
export async function readPagedList<T>(list: PagedList<T>): Promise<ReadList<T>> {
  const { pageSize, keyOf, isOld, inSlices } = list;
  const found = new Map<string, T>();
  let malformed = 0;

  /**
   * Adds the items of a page to those found. Returns the items that were not found before. Of items with the
   * same key, the first one stays: the others are then garbage that V8 frees cheaply.
   */
  const add = async ({ items }: ListPage<T>): Promise<readonly T[]> => {
    const added: T[] = [];
    await inSlices(items, (item) => {
      const key = keyOf(item);
      if (found.has(key)) return;
      added.push(item);
      found.set(key, item);
    });
    return added;
  };
  const result = (isUnstable: boolean) => ({ items: [...found.values()], malformed, isUnstable });

  let last = await readToEnd(list, async (page) => {
    await add(page);
    malformed += page.malformed;
  });
  if (last === 1) return result(false);
  for (let pass = 1; ; pass++) {
    const { pages, added } = await readBackward(list, last, add);
    malformed = Math.max(malformed, sumOf(pages));
    if (pass > 1 && added.length === 0) return result(false);
    const missed = pass > 2 ? added.filter(isOld).length : added.length;
    if (missed === 0) return result(false);
    if (pass === maxPasses) return result(true);
    const lastPages = pages.map((page, i) => lastPage(page, last - i, pageSize));
    last = Math.max(last, ...lastPages);
  }
}

/**
 * Returns the total that a page of a list reports. A total that is less than the rows up to this page
 * (`before` this page and `rows` on it) is wrong, so it counts as unknown: there can be further pages.
 */
export function plausibleTotal(total: number | undefined, before: number, rows: number): number | undefined {
  return total !== undefined && rows > 0 && total < before + rows ? undefined : total;
}

/**
 * Reads the first page, and further pages if they are necessary to find the last one. Returns the number of
 * the last page.
 */
async function readToEnd<T>(list: PagedList<T>, add: (page: ListPage<T>) => Promise<void>): Promise<number> {
  for (let number = 1; ; number++) {
    const page = await list.readPage(number);
    await add(page);
    const last = lastPage(page, number, list.pageSize);
    const total = page.total ?? (last - 1) * list.pageSize;
    if (total > maxRows) {
      const text = `the list has ${total} rows, more than the limit of ${maxRows}`;
      throw new ProviderError('malformed', `${list.context}: ${text}`);
    }
    if (page.total !== undefined || last <= number) return last;
  }
}

/** Returns the number of the last page. Without a total, a page that is not full is the last one. */
function lastPage({ total, rows }: PageCounts, number: number, pageSize: number): number {
  if (total !== undefined) return Math.max(1, Math.ceil(total / pageSize));
  return rows < pageSize ? number : number + 1;
}

/** Page without its items. */
type PageCounts = Omit<ListPage<unknown>, 'items'>;

/**
 * Reads the pages from number `last` to the first, one after the other: the order matters. Passes each page
 * to `add`, and returns all items that `add` returns. Adding all pages at the end would block the event loop.
 */
async function readBackward<T>(
  { readPage }: PagedList<T>,
  last: number,
  add: (page: ListPage<T>) => Promise<readonly T[]>,
): Promise<{ readonly pages: readonly PageCounts[]; readonly added: readonly T[] }> {
  const pages: PageCounts[] = [];
  const added: T[] = [];
  for (let number = last; number >= 1; number--) {
    const page = await readPage(number);
    for (const item of await add(page)) added.push(item);
    const { rows, malformed, total } = page;
    pages.push({ rows, malformed, total });
  }
  return { pages, added };
}

function sumOf(pages: readonly PageCounts[]): number {
  return pages.reduce((sum, { malformed }) => sum + malformed, 0);
}
