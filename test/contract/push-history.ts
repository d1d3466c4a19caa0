import { describe, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../src/calls/call.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushHistorySource } from '../../src/model/questions.ts';
import type { StreamId } from '../../src/model/stream.ts';
import type { Window } from '../../src/model/time.ts';
import { describeSource, type SourceResponses } from './source.ts';

/** A source, and the response of its provider in each case. */
export interface PushHistoryCase {
  /** Creates a source with the transport `http`. */
  readonly sourceOf: (http: Http) => PushHistorySource;
  readonly stream: StreamId;
  readonly window: Window;
  readonly responses: SourceResponses & {
    /** Some samples; all rows are readable. */
    readonly samples: HttpResponse;
  };
  /** The samples in `responses.samples`, in any order. */
  readonly samples: readonly PushSample[];
  /** Number of unreadable rows in `responses.badRows`. */
  readonly malformed: number;
  /** Texts that must not appear in any failure. */
  readonly secrets: readonly string[];
}

/** Tests the contract of PushHistorySource. */
export function describePushHistory(name: string, testCase: PushHistoryCase): void {
  const { sourceOf, stream, window, responses } = testCase;
  const ask = (source: PushHistorySource, signal: AbortSignal) =>
    source.listPushSamples(stream, window, signal);
  const title = `${name}, as a source of push history`;

  describeSource(title, {
    sourceOf,
    ask,
    responses: { ...responses, readable: responses.samples },
    items: testCase.samples,
    inOrder,
    malformed: testCase.malformed,
    secrets: testCase.secrets,
  });

  describe(title, () => {
    test('has plausible limits', () => {
      const { spanMs, retentionMs, periodMs } = sourceOf(async () => responses.samples).limits;

      expect(periodMs).toBeGreaterThan(0);
      expect(spanMs).toBeGreaterThanOrEqual(periodMs);
      expect(retentionMs).toBeGreaterThanOrEqual(spanMs);
    });
  });
}

function inOrder(samples: readonly PushSample[]): readonly PushSample[] {
  return samples.toSorted((a, b) => a.measuredAt - b.measuredAt);
}
