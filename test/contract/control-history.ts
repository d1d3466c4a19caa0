import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../src/calls/call.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import type { ControlAction } from '../../src/model/control-action.ts';
import type { ControlHistorySource, ControlledDomain } from '../../src/model/questions.ts';
import type { Window } from '../../src/model/time.ts';

/** A source, and what its provider answers in each case. */
export interface ControlHistoryCase {
  /** The source in front of a provider that answers with `http`. */
  readonly sourceOf: (http: Http) => ControlHistorySource;
  readonly domain: ControlledDomain;
  readonly window: Window;
  readonly answers: {
    /** Some actions, all rows readable. */
    readonly actions: HttpResponse;
    /** Each spelling of "I have none". */
    readonly nothing: readonly HttpResponse[];
    /** The first of `actions` three times and the others once, all rows readable. */
    readonly equalRows: HttpResponse;
    /** The rows of `actions` among ones that can't be read. */
    readonly badRows: HttpResponse;
    /** Nothing but rows that can't be read. */
    readonly onlyBadRows: HttpResponse;
    /** Each way to say "no". */
    readonly failures: Readonly<Record<Exclude<FailureKind, 'internal'>, readonly HttpResponse[]>>;
  };
  /** What the rows of `answers.actions` say, in any order. */
  readonly actions: readonly [ControlAction, ...ControlAction[]];
  /** How many rows of `answers.badRows` can't be read. */
  readonly malformed: number;
  /** What must not be seen in any failure. */
  readonly secrets: readonly string[];
}

const never = new AbortController().signal;

/** What every source of control history does, whatever its provider. */
export function describeControlHistory(name: string, one: ControlHistoryCase): void {
  const { sourceOf, domain, window, answers } = one;
  const ask = (answer: HttpResponse) =>
    sourceOf(async () => answer).listControlActions(domain, window, never);

  describe(`${name}, as every source of control history`, () => {
    test('brings the actions that the provider has', async () => {
      const { items, malformed, warnings } = await ask(answers.actions);

      expect(inOrder(items)).toEqual(inOrder(one.actions));
      expect([malformed, warnings]).toEqual([0, []]);
    });

    test('takes "I have none" for an empty answer, in each spelling', async () => {
      for (const answer of answers.nothing) {
        await expect(ask(answer), answer.text).resolves.toEqual({ items: [], malformed: 0, warnings: [] });
      }
    });

    test('keeps equal rows as often as they are told: each is an action', async () => {
      const [first, ...others] = one.actions;

      const { items, malformed } = await ask(answers.equalRows);

      expect(inOrder(items)).toEqual(inOrder([first, first, first, ...others]));
      expect(malformed).toBe(0);
    });

    test('counts the rows that cannot be read, and lets the others stand', async () => {
      const { items, malformed } = await ask(answers.badRows);

      expect(inOrder(items)).toEqual(inOrder(one.actions));
      expect(malformed).toBe(one.malformed);
    });

    test('takes an answer of which no row can be read for a failure, not for an empty one', async () => {
      await expect(ask(answers.onlyBadRows)).rejects.toMatchObject({ kind: 'malformed' });
    });

    test.each(Object.entries(answers.failures))(
      'rejects as %s where the provider says so',
      async (kind, all) => {
        expect(all).not.toEqual([]);
        for (const answer of all) {
          const failure = await ask(answer).catch((error: unknown) => error);

          expect(failure, answer.text).toBeInstanceOf(ProviderError);
          expect(failure, answer.text).toMatchObject({ kind });
        }
      },
    );

    test('names its operation in every failure, and no secret', async () => {
      const source = sourceOf(async () => answers.actions);
      for (const answer of Object.values(answers.failures).flat()) {
        const failure = await ask(answer).catch((error: unknown) => error);

        const shown = inspect(failure, { depth: 10, showHidden: true });
        expect(shown).toContain(source.operation);
        for (const secret of one.secrets) expect(shown).not.toContain(secret);
      }
    });

    test('passes on that there was no whole answer', async () => {
      const source = sourceOf(async () => {
        throw new ProviderError('unavailable', 'no whole answer: ECONNRESET');
      });

      const failure = await source.listControlActions(domain, window, never).catch((error: unknown) => error);

      expect(failure).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('ECONNRESET') });
      expect(failure).toMatchObject({ message: expect.stringContaining(source.operation) });
    });

    test('gives the signal to the transport, and rejects with its reason when aborted', async () => {
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

    test('says how far one call may reach', () => {
      const { spanMs, retentionMs } = sourceOf(async () => answers.actions).limits;

      expect(spanMs).toBeGreaterThan(0);
      expect(retentionMs).toBeGreaterThanOrEqual(spanMs);
    });
  });
}

function inOrder(actions: readonly ControlAction[]): readonly ControlAction[] {
  return actions.toSorted((a, b) => a.actedAt - b.actedAt);
}
