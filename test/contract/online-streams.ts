import { describe, expect, test } from 'vitest';
import type { Http, HttpResponse } from '../../src/calls/call.ts';
import type { ListedApp, OnlineStream, OnlineStreamsSource } from '../../src/model/questions.ts';
import { describeSource, type SourceResponses } from './source.ts';

/** A source, and the response of its provider in each case. */
export interface OnlineStreamsCase {
  /** Creates a source with the transport `http`. */
  readonly sourceOf: (http: Http) => OnlineStreamsSource;
  readonly app: ListedApp;
  readonly responses: SourceResponses & {
    /** Some streams in one page; all rows are readable. */
    readonly streams: HttpResponse;
    /** The first page of a longer list than the source has read. */
    readonly firstPage: HttpResponse;
  };
  /** The streams in `responses.streams`, in any order. */
  readonly streams: readonly OnlineStream[];
  /** Number of unreadable rows in `responses.badRows`. */
  readonly malformed: number;
  /** Texts that must not appear in any failure. */
  readonly secrets: readonly string[];
}

/** Tests the contract of OnlineStreamsSource. */
export function describeOnlineStreams(name: string, testCase: OnlineStreamsCase): void {
  const { sourceOf, app, responses } = testCase;
  const title = `${name}, as a source of live streams`;

  describeSource(title, {
    sourceOf,
    ask: (source: OnlineStreamsSource, signal) => source.listOnlineStreams(app, signal),
    responses: { ...responses, readable: responses.streams },
    items: testCase.streams,
    inOrder: (streams) => streams.toSorted((a, b) => (a.stream < b.stream ? -1 : 1)),
    malformed: testCase.malformed,
    secrets: testCase.secrets,
  });

  describe(title, () => {
    test('reads a list of one page with one request', async () => {
      let requests = 0;
      const source = sourceOf(async () => {
        requests++;
        return responses.streams;
      });

      await source.listOnlineStreams(app, new AbortController().signal);

      expect(requests).toBe(1);
    });

    test('rejects with the failure of any page', async () => {
      const [failed] = responses.failures.unavailable;
      let requests = 0;
      const source = sourceOf(async () => (++requests === 1 || !failed ? responses.firstPage : failed));

      await expect(source.listOnlineStreams(app, new AbortController().signal)).rejects.toMatchObject({
        kind: 'unavailable',
      });
      expect(requests).toBeGreaterThan(1);
    });
  });
}
