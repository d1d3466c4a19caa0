import type { Answer } from '../../src/model/answer.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushHistorySource } from '../../src/model/questions.ts';
import type { StreamId } from '../../src/model/stream.ts';
import type { Window } from '../../src/model/time.ts';

export interface FakeSource extends PushHistorySource {
  /** Requested windows, in order. */
  readonly windows: Window[];
  /** Samples at the provider; a test can add more. */
  readonly samples: PushSample[];
  /** Errors of the next requests, one each. */
  readonly failures: Error[];
}

/** Creates a source that answers immediately from a list. */
export function fakeSource(samples: readonly PushSample[] = []): FakeSource {
  const source: FakeSource = {
    operation: 'ListPushes',
    limits: { spanMs: 7_200_000, retentionMs: 3 * 86_400_000, periodMs: 5000 },
    windows: [],
    samples: [...samples],
    failures: [],
    async listPushSamples(_: StreamId, window: Window): Promise<Answer<PushSample>> {
      source.windows.push(window);
      const failure = source.failures.shift();
      if (failure !== undefined) throw failure;
      const items = source.samples.filter(
        ({ measuredAt }) => measuredAt >= window.from && measuredAt <= window.to,
      );
      return { items, malformed: 0, warnings: [] };
    },
  };
  return source;
}
