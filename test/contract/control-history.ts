import { describe, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../src/calls/call.ts';
import type { ControlAction } from '../../src/model/control-action.ts';
import type { ControlHistorySource, ControlledDomain } from '../../src/model/questions.ts';
import type { Window } from '../../src/model/time.ts';
import { describeSource, type SourceResponses } from './source.ts';

/** A source, and the response of its provider in each case. */
export interface ControlHistoryCase {
  /** Creates a source with the transport `http`. */
  readonly sourceOf: (http: Http) => ControlHistorySource;
  readonly domain: ControlledDomain;
  readonly window: Window;
  readonly responses: SourceResponses & {
    /** Some actions; all rows are readable. */
    readonly actions: HttpResponse;
    /**
     * The first of `actions` three times and the others once; all rows are readable. Absent if equal rows are
     * one action, because the provider does not record the actions themselves.
     */
    readonly equalRows?: HttpResponse;
  };
  /** The actions in `responses.actions`, in any order. */
  readonly actions: readonly [ControlAction, ...ControlAction[]];
  /** Number of unreadable rows in `responses.badRows`. */
  readonly malformed: number;
  /** Texts that must not appear in any failure. */
  readonly secrets: readonly string[];
}

/** Tests the contract of ControlHistorySource. */
export function describeControlHistory(name: string, testCase: ControlHistoryCase): void {
  const { sourceOf, domain, window, responses } = testCase;
  const ask = (source: ControlHistorySource, signal: AbortSignal) =>
    source.listControlActions(domain, window, signal);
  const title = `${name}, as a source of control history`;

  describeSource(title, {
    sourceOf,
    ask,
    responses: { ...responses, readable: responses.actions },
    items: testCase.actions,
    inOrder,
    malformed: testCase.malformed,
    secrets: testCase.secrets,
  });

  describe(title, () => {
    const { equalRows } = responses;
    if (equalRows !== undefined) {
      test('keeps equal rows, because each is an action', async () => {
        const [first, ...others] = testCase.actions;

        const { items, malformed } = await ask(
          sourceOf(async () => equalRows),
          new AbortController().signal,
        );

        expect(inOrder(items)).toEqual(inOrder([first, first, first, ...others]));
        expect(malformed).toBe(0);
      });
    }

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
