import { describe, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../src/calls/call.ts';
import type { Answer } from '../../src/model/answer.ts';
import type { ListedApp } from '../../src/model/questions.ts';
import { describeSource, type SourceResponses } from './source.ts';

/** A source of a list of streams in pages, and the response of its provider in each case. */
export interface ListCase<Source, Item> {
  /** Creates a source with the transport `http`. */
  readonly sourceOf: (http: Http) => Source;
  readonly app: ListedApp;
  readonly responses: SourceResponses & {
    /** Some items in one page; all rows are readable. */
    readonly onePage: HttpResponse;
    /** The first page of a longer list than the source has read. Absent if the list has no pages. */
    readonly firstPage?: HttpResponse;
  };
  /** The items in `responses.onePage`, in any order. */
  readonly items: readonly Item[];
  /** Number of unreadable rows in `responses.badRows`. */
  readonly malformed: number;
  /** Texts that must not appear in any failure. */
  readonly secrets: readonly string[];
}

/** Tests the contract that the sources of all lists of streams have in common. */
export function describeList<
  Source extends { readonly operation: string },
  Item extends { readonly stream: string },
>(
  title: string,
  { sourceOf, app, responses, items, malformed, secrets }: ListCase<Source, Item>,
  list: (source: Source, app: ListedApp, signal: AbortSignal) => Promise<Answer<Item>>,
): void {
  const never = new AbortController().signal;

  describeSource(title, {
    sourceOf,
    ask: (source: Source, signal) => list(source, app, signal),
    responses: { ...responses, readable: responses.onePage },
    items,
    inOrder: (all) => all.toSorted((a, b) => (a.stream < b.stream ? -1 : 1)),
    malformed,
    secrets,
  });

  describe(title, () => {
    test('reads a list of one page with one request', async () => {
      let requests = 0;
      const source = sourceOf(async () => {
        requests++;
        return responses.onePage;
      });

      await list(source, app, never);

      expect(requests).toBe(1);
    });

    const { firstPage } = responses;
    if (firstPage !== undefined) {
      test('rejects with the failure of any page', async () => {
        const [failed] = responses.failures.unavailable;
        let requests = 0;
        const source = sourceOf(async () => (++requests === 1 || !failed ? firstPage : failed));

        await expect(list(source, app, never)).rejects.toMatchObject({ kind: 'unavailable' });
        expect(requests).toBeGreaterThan(1);
      });
    }
  });
}
