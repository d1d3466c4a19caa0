import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../src/calls/call.ts';
import type { ListedPush, LivePushStatsSource } from '../../src/model/questions.ts';
import { describeList, type ListCase } from './list.ts';

/** Tests the contract of LivePushStatsSource. */
export function describeLivePushStats(
  name: string,
  testCase: ListCase<LivePushStatsSource, ListedPush>,
): void {
  const { sourceOf, app, responses } = testCase;
  const title = `${name}, as a source of live pushes`;
  const never = new AbortController().signal;
  const answerTo = (response: HttpResponse) => sourceOf(async () => response).listLivePushes(app, never);

  describeList(title, testCase, (source, requested, signal) => source.listLivePushes(requested, signal));

  describe(title, () => {
    test('is complete, also if it is empty, but not with an unreadable row', async () => {
      for (const response of [responses.onePage, ...responses.empty]) {
        await expect(answerTo(response), response.text).resolves.toMatchObject({ isComplete: true });
      }
      await expect(answerTo(responses.badRows)).resolves.toMatchObject({ isComplete: false });
    });
  });
}
