import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../src/calls/call.ts';
import { type FailureKind, ProviderError } from '../../src/model/answer.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushHistorySource } from '../../src/model/questions.ts';
import type { StreamId } from '../../src/model/stream.ts';
import type { Window } from '../../src/model/time.ts';

/** A source, and the response of its provider in each case. */
export interface PushHistoryCase {
  /** Creates a source with the transport `http`. */
  readonly sourceOf: (http: Http) => PushHistorySource;
  readonly stream: StreamId;
  readonly window: Window;
  readonly responses: {
    /** Some samples; all rows are readable. */
    readonly samples: HttpResponse;
    /** Each form of an empty response. */
    readonly empty: readonly HttpResponse[];
    /** The rows of `samples` among unreadable ones. */
    readonly badRows: HttpResponse;
    /** Only unreadable rows. */
    readonly onlyBadRows: HttpResponse;
    /** Each form of a failure, by kind. */
    readonly failures: Readonly<Record<Exclude<FailureKind, 'internal'>, readonly HttpResponse[]>>;
  };
  /** The samples in `responses.samples`, in any order. */
  readonly samples: readonly PushSample[];
  /** Number of unreadable rows in `responses.badRows`. */
  readonly malformed: number;
  /** Texts that must not appear in any failure. */
  readonly secrets: readonly string[];
}

const never = new AbortController().signal;

/** Tests the contract of PushHistorySource. */
export function describePushHistory(name: string, testCase: PushHistoryCase): void {
  const { sourceOf, stream, window, responses } = testCase;
  const answerTo = (response: HttpResponse) =>
    sourceOf(async () => response).listPushSamples(stream, window, never);

  describe(`${name}, as a source of push history`, () => {
    test('returns the samples', async () => {
      const { items, malformed, warnings } = await answerTo(responses.samples);

      expect(inOrder(items)).toEqual(inOrder(testCase.samples));
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

    test('counts unreadable rows and keeps the readable ones', async () => {
      const { items, malformed } = await answerTo(responses.badRows);

      expect(inOrder(items)).toEqual(inOrder(testCase.samples));
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
      const source = sourceOf(async () => responses.samples);
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

      const failure = await source.listPushSamples(stream, window, never).catch((error: unknown) => error);

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

      await expect(source.listPushSamples(stream, window, stop.signal)).rejects.toBe(reason);
    });

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
