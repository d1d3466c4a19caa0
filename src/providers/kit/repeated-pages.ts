import { ProviderError } from '../../model/answer.ts';

/** Page whose rows are compared with those of the earlier pages of the same pass. */
interface ComparedPage {
  /** Adds a row by its key. A row can appear twice. */
  addRow(key: string): void;
  /** Throws a ProviderError `malformed` if the page repeats an earlier one. */
  end(): void;
}

/**
 * Creates a detector of a provider that returns the same rows for different pages of a list, as it does if it
 * ignores the number of the page. Such a list never ends, and the rows on its other pages are unknown.
 *
 * A page is a repetition if an earlier page of the same pass had exactly its rows and its total. Single rows appear on
 * two pages when other rows enter or leave the list meanwhile. For a whole page to do so, exactly as many rows
 * as it has would have to enter or leave between two requests, and others the other way.
 */
export function createRepeatedPages(context: string) {
  /** Number of the last page on which each row appeared, in the order of the requests. */
  const pageOf = new Map<string, number>();
  const pages: { total: number | undefined; rows: number }[] = [];
  let passStart = 0;

  function startPage(total: number | undefined): ComparedPage {
    const number = pages.length;
    const page = { total, rows: 0 };
    pages.push(page);
    let earlier: number | undefined;
    let isRepeated = true;
    return {
      addRow(key) {
        const before = pageOf.get(key);
        if (before === number) return;
        page.rows++;
        pageOf.set(key, number);
        earlier ??= before;
        if (before === undefined || before < passStart || before !== earlier) isRepeated = false;
      },
      end() {
        const other = earlier === undefined ? undefined : pages[earlier];
        if (!isRepeated || other?.rows !== page.rows || other.total !== total) return;
        throw new ProviderError(
          'malformed',
          `${context}: a page of the list repeats another one, so that rows are missing`,
        );
      },
    };
  }

  return {
    /** Starts to read the list again. Then, pages of the passes before are no repetitions. */
    startPass: () => {
      passStart = pages.length;
    },
    startPage,
  };
}
