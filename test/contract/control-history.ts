import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../src/calls/call.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import type { ControlAction } from '../../src/model/control-action.ts';
import type { ControlHistorySource, ControlledDomain } from '../../src/model/questions.ts';
import type { Window } from '../../src/model/time.ts';

/** A source, and the response of its provider in each case. */
export interface ControlHistoryCase {
  /** Creates a source with the transport `http`. */
  readonly sourceOf: (http: Http) => ControlHistorySource;
  readonly domain: ControlledDomain;
  readonly window: Window;
  readonly responses: {
    /** Some actions; all rows are readable. */
    readonly actions: HttpResponse;
    /** Each form of an empty response. */
    readonly empty: readonly HttpResponse[];
    /** The first of `actions` three times and the others once; all rows are readable. */
    readonly equalRows: HttpResponse;
    /** The rows of `actions` among unreadable ones. */
    readonly badRows: HttpResponse;
    /** Only unreadable rows. */
    readonly onlyBadRows: HttpResponse;
    /** Each form of a failure, by kind. */
    readonly failures: Readonly<Record<Exclude<FailureKind, 'internal'>, readonly HttpResponse[]>>;
  };
  /** The actions in `responses.actions`, in any order. */
  readonly actions: readonly [ControlAction, ...ControlAction[]];
  /** Number of unreadable rows in `responses.badRows`. */
  readonly malformed: number;
  /** Texts that must not appear in any failure. */
  readonly secrets: readonly string[];
}

const never = new AbortController().signal;

/** Tests the contract of ControlHistorySource. */
export function describeControlHistory(name: string, testCase: ControlHistoryCase): void {
  const { sourceOf, domain, window, responses } = testCase;
  const answerTo = (response: HttpResponse) =>
    sourceOf(async () => response).listControlActions(domain, window, never);

  describe(`${name}, as a source of control history`, () => {
    test('returns the actions', async () => {
      const { items, malformed, warnings } = await answerTo(responses.actions);

      expect(inOrder(items)).toEqual(inOrder(testCase.actions));
      expect([malformed, warnings]).toEqual([0, []]);
    });

    test('returns an empty answer for each form of an empty response', async () => {
      for (const response of responses.empty) {
        await expect(answerTo(response), response.text).resolves.toEqual({
          items: [],
          malformed: 0,
          warnings: [],
        });
      }
    });

    test('keeps equal rows, because each is an action', async () => {
      const [first, ...others] = testCase.actions;

      const { items, malformed } = await answerTo(responses.equalRows);

      expect(inOrder(items)).toEqual(inOrder([first, first, first, ...others]));
      expect(malformed).toBe(0);
    });

    test('counts unreadable rows and keeps the readable ones', async () => {
      const { items, malformed } = await answerTo(responses.badRows);

      expect(inOrder(items)).toEqual(inOrder(testCase.actions));
      expect(malformed).toBe(testCase.malformed);
    });

    test('rejects a response without a readable row as malformed', async () => {
      await expect(answerTo(responses.onlyBadRows)).rejects.toMatchObject({ kind: 'malformed' });
    });

    test.each(Object.entries(responses.failures))('rejects with the kind %s', async (kind, all) => {
      expect(all).not.toEqual([]);
      for (const response of all) {
        const failure = await answerTo(response).catch((error: unknown) => error);

        expect(failure, response.text).toBeInstanceOf(ProviderError);
        expect(failure, response.text).toMatchObject({ kind });
      }
    });

    test('names the operation and no secret in every failure', async () => {
      const source = sourceOf(async () => responses.actions);
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

      const failure = await source.listControlActions(domain, window, never).catch((error: unknown) => error);

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

      await expect(source.listControlActions(domain, window, stop.signal)).rejects.toBe(reason);
    });

    test('has plausible limits', () => {
      const { spanMs, retentionMs } = sourceOf(async () => responses.actions).limits;

      expect(spanMs).toBeGreaterThan(0);
      expect(retentionMs).toBeGreaterThanOrEqual(spanMs);
    });
  });
}

function inOrder(actions: readonly ControlAction[]): readonly ControlAction[] {
  return actions.toSorted((a, b) => a.actedAt - b.actedAt);
}
