import { parsePageQuery } from '../../src/server/page-query.ts';
import { type StatusPage, statusPage } from '../../src/server/status-page.ts';
import { streamsTable } from '../../src/server/streams-table.ts';
import { english } from '../../src/server/words-en.ts';
import type { StreamView } from '../../src/status/stream-view.ts';
import type { StatusView } from '../../src/status/view.ts';
import { inOneSlice } from '../support/slices.ts';
import { at, overviewOf, statusView, streamView } from './start.ts';

export const allStreams = parsePageQuery({});

export function page(part: Partial<StatusPage> = {}): Promise<string> {
  return statusPage(
    { ...overviewOf(), telemetryPath: '/metrics', query: allStreams, language: 'en', ...part },
    inOneSlice,
  );
}

/** Removes the tags. */
export function textOf(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Times of a page whose exporter started a day ago. */
export const times = { now: at, startedAt: '2026-02-28T12:00:00.000Z', loadedAt: '2026-03-01T11:00:00.000Z' };

/** Returns the text of the only row of a streams table. */
export async function rowText(stream: StreamView): Promise<string> {
  const { markup } = await streamsTable(
    [stream],
    { ...times, query: allStreams, words: english },
    inOneSlice,
  );
  return textOf(/<tbody[\s\S]*/.exec(markup)?.[0] ?? '');
}

/** Status of streams with these numbers by state. */
export function counts(streams: Partial<StatusView['streams']>, part: Partial<StatusView> = {}): StatusView {
  return statusView({ streams: { ...statusView().streams, ...streams }, ...part });
}

/** Stream of an account whose requests fail. */
export const failing = streamView({
  state: 'unknown',
  last_failure: { kind: 'auth', message: 'tencent X: HTTP 401', at },
});

/** Collector that has had no data for twelve minutes. */
export const lateCollector = {
  account: 'tencent',
  provider: 'tencent' as const,
  collector: 'control_history',
  targets: 1,
  targets_failing: 1,
  last_success_at: '2026-03-01T11:48:00.000Z',
  last_success_age_seconds: 720,
  interval_seconds: 10,
};
