import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../src/calls/call.ts';
import { type Answer, type FailureKind, ProviderError } from '../../src/model/answer.ts';

/** Responses of a provider, one or more for each case that every source handles. */
export interface SourceResponses {
  /** Each form of an empty response. */
  readonly empty: readonly HttpResponse[];
  /** The rows of the readable response among unreadable ones. */
  readonly badRows: HttpResponse;
  /** Only unreadable rows. */
  readonly onlyBadRows: HttpResponse;
  /** Only rows outside the requested window. Absent if requests have no window. */
  readonly outsideWindow?: HttpResponse;
  /** Each form of a failure, by kind. */
  readonly failures: Readonly<Record<Exclude<FailureKind, 'internal'>, readonly HttpResponse[]>>;
}

/** A source of any question. */
export interface SourceCase<Source extends { readonly operation: string }, Item> {
  /** Creates a source with the transport `http`. */
  readonly sourceOf: (http: Http) => Source;
  /** Requests the items of one target and window. */
  readonly ask: (source: Source, signal: AbortSignal) => Promise<Answer<Item>>;
  readonly responses: SourceResponses & {
    /** Some items; all rows are readable. */
    readonly readable: HttpResponse;
  };
  /** The items in `responses.readable`, in any order. */
  readonly items: readonly Item[];
  /** Sorts items, so that they can be compared. */
  readonly inOrder: (items: readonly Item[]) => readonly Item[];
  /** Number of unreadable rows in `responses.badRows`. */
  readonly malformed: number;
  /** Texts that must not appear in any failure. */
  readonly secrets: readonly string[];
}

const never = new AbortController().signal;

/** Tests the contract that the sources of all questions have in common. */
export function describeSource<Source extends { readonly operation: string }, Item>(
  name: string,
  testCase: SourceCase<Source, Item>,
): void {
  const { sourceOf, ask, responses, items, inOrder } = testCase;
  const answerTo = (response: HttpResponse) =>
    ask(
      sourceOf(async () => response),
      never,
    );

  describe(name, () => {
    test('returns the items', async () => {
      const answer = await answerTo(responses.readable);

      expect(inOrder(answer.items)).toEqual(inOrder(items));
      expect([answer.malformed, answer.warnings]).toEqual([0, []]);
    });

    test('returns an empty answer for each form of an empty response', async () => {
      for (const response of responses.empty) {
        await expect(answerTo(response), response.text).resolves.toMatchObject({
          items: [],
          malformed: 0,
          warnings: [],
        });
      }
    });

    test('counts unreadable rows and keeps the readable ones', async () => {
      const answer = await answerTo(responses.badRows);

      expect(inOrder(answer.items)).toEqual(inOrder(items));
      expect(answer.malformed).toBe(testCase.malformed);
    });

    test('rejects a response without a readable row as malformed', async () => {
      await expect(answerTo(responses.onlyBadRows)).rejects.toMatchObject({ kind: 'malformed' });
    });

    const { outsideWindow } = responses;
    // A source that requests a list has no window.
    if (outsideWindow !== undefined) {
      test('rejects a response whose rows are all outside the requested window as malformed', async () => {
        await expect(answerTo(outsideWindow)).rejects.toMatchObject({
          kind: 'malformed',
          message: expect.stringContaining('rows are outside the requested window'),
        });
      });
    }

    test.each(Object.entries(responses.failures))('rejects with the kind %s', async (kind, all) => {
      expect(all).not.toEqual([]);
      for (const response of all) {
        const failure = await answerTo(response).catch((error: unknown) => error);

        expect(failure, response.text).toBeInstanceOf(ProviderError);
        expect(failure, response.text).toMatchObject({ kind });
      }
    });

    test('names the operation and no secret in every failure', async () => {
      const source = sourceOf(async () => responses.readable);
      for (const response of Object.values(responses.failures).flat()) {
        const failure = await answerTo(response).catch((error: unknown) => error);

        const shown = inspect(failure, { depth: 10, showHidden: true });
        expect(shown).toContain(source.operation);
        for (const secret of testCase.secrets) expect(shown).not.toContain(secret);
      }
    });

    test('adds the operation to an error of the transport', async () => {
      const source = sourceOf(async () => {
        throw new ProviderError('unavailable', 'incomplete response: ECONNRESET');
      });

      const failure = await ask(source, never).catch((error: unknown) => error);

      expect(failure).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('ECONNRESET') });
      expect(failure).toMatchObject({ message: expect.stringContaining(source.operation) });
    });

    test('passes the signal to the transport, and rejects with its reason if aborted', async () => {
      const stop = new AbortController();
      const reason = new Error('stopping');
      const source = sourceOf(
        (_, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
            stop.abort(reason);
          }),
      );

      await expect(ask(source, stop.signal)).rejects.toBe(reason);
    });
  });
}
