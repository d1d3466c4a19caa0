import { describe, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../src/calls/call.ts';
import type { ListedApp, ListedPush, LivePushStatsSource } from '../../src/model/questions.ts';
import { describeSource, type SourceResponses } from './source.ts';

/** A source, and the response of its provider in each case. */
export interface LivePushStatsCase {
  /** Creates a source with the transport `http`. */
  readonly sourceOf: (http: Http) => LivePushStatsSource;
  readonly app: ListedApp;
  readonly responses: SourceResponses & {
    /** Some pushes in one page; all rows are readable. */
    readonly pushes: HttpResponse;
    /** The first page of a longer list than the source has read. */
    readonly firstPage: HttpResponse;
  };
  /** The pushes in `responses.pushes`, in any order. */
  readonly pushes: readonly ListedPush[];
  /** Number of unreadable rows in `responses.badRows`. */
  readonly malformed: number;
  /** Texts that must not appear in any failure. */
  readonly secrets: readonly string[];
}

/** Tests the contract of LivePushStatsSource. */
export function describeLivePushStats(name: string, testCase: LivePushStatsCase): void {
  const { sourceOf, app, responses } = testCase;
  const title = `${name}, as a source of live pushes`;
  const never = new AbortController().signal;
  const answerTo = (response: HttpResponse) => sourceOf(async () => response).listLivePushes(app, never);

  describeSource(title, {
    sourceOf,
    ask: (source: LivePushStatsSource, signal) => source.listLivePushes(app, signal),
    responses: { ...responses, readable: responses.pushes },
    items: testCase.pushes,
    inOrder: (pushes) => pushes.toSorted((a, b) => (a.stream < b.stream ? -1 : 1)),
    malformed: testCase.malformed,
    secrets: testCase.secrets,
  });

  describe(title, () => {
    test('is complete, also if it is empty, but not with an unreadable row', async () => {
      for (const response of [responses.pushes, ...responses.empty]) {
        await expect(answerTo(response), response.text).resolves.toMatchObject({ isComplete: true });
      }
      await expect(answerTo(responses.badRows)).resolves.toMatchObject({ isComplete: false });
    });

    test('reads a list of one page with one request', async () => {
      let requests = 0;
      const source = sourceOf(async () => {
        requests++;
        return responses.pushes;
      });

      await source.listLivePushes(app, never);

      expect(requests).toBe(1);
    });

    test('rejects with the failure of any page', async () => {
      const [failed] = responses.failures.unavailable;
      let requests = 0;
      const source = sourceOf(async () => (++requests === 1 || !failed ? responses.firstPage : failed));

      await expect(source.listLivePushes(app, never)).rejects.toMatchObject({ kind: 'unavailable' });
      expect(requests).toBeGreaterThan(1);
    });
  });
}
