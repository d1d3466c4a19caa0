import { pushTargetKeyOf } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import type { AccountInput, ExporterInput } from './inputs.ts';
import { orNull, toFailureView, toIso, toSeconds } from './json.ts';
import type { LoggedRequest } from './request-log.ts';
import { type StreamsContext, toStreamView } from './stream-view.ts';
import { parseUrlKey } from './url-key.ts';

/** Response of `/api/v1/streams/{key}`. Times are ISO 8601 in UTC; null means unknown. */
export type StreamDetail = Readonly<NonNullable<ReturnType<typeof toStreamDetail>>>;

export interface DetailContext extends StreamsContext {
  /** Returns the last requests of a target, newest first. */
  readonly requestsOf: (targetKey: string) => readonly LoggedRequest[];
}

/**
 * Returns one stream with its last requests; undefined if there is no stream with this key. Looks the stream up,
 * so the cost does not depend on the number of streams.
 */
export function toStreamDetail(
  { startedAt, configLoadedAt }: Pick<ExporterInput, 'startedAt' | 'configLoadedAt'>,
  accounts: readonly AccountInput[],
  urlKey: string,
  context: DetailContext,
) {
  const streamKey = parseUrlKey(urlKey);
  if (streamKey === undefined) return undefined;
  const targetKey = pushTargetKeyOf(streamKey);
  for (const { collectors } of accounts) {
    for (const { question, poller, statusOf } of collectors) {
      const stream = question === 'push_stats' ? statusOf(targetKey)?.stream : undefined;
      if (stream === undefined) continue;
      const { now, requestsOf } = context;
      const dueInMs = poller.dueInMs(targetKey);
      return {
        now: toIso(now),
        /** Start of the exporter, since which the troubles of the stream are known. */
        exporter_started_at: toIso(startedAt),
        /** Time at which the active config was loaded. */
        config_loaded_at: toIso(configLoadedAt),
        stream: toStreamView(stream, context),
        /** Time at which the stream is requested next, at the earliest; null while a request is in progress. */
        next_request_at: orNull(dueInMs, (ms) => toIso(now + Math.max(0, ms))),
        next_request_seconds: orNull(dueInMs, (ms) => toSeconds(Math.max(0, ms))),
        /** Time between two requests at the current rate limit. */
        interval_seconds: toSeconds(poller.state().effectiveIntervalMs),
        /** Last requests, newest first. */
        requests: requestsOf(targetKey).map((request) => toRequestView(request, now)),
      };
    }
  }
  return undefined;
}

function toRequestView({ at, window, tookMs, failure, ...request }: LoggedRequest, now: EpochMs) {
  const { rows, counted, skipped } = request;
  return {
    at: toIso(at),
    age_seconds: toSeconds(now - at),
    window_from_at: toIso(window.from),
    window_to_at: toIso(window.to),
    /** Duration, including the wait for the rate limit and all retries. */
    took_seconds: toSeconds(tookMs),
    /** `ok`, or the kind of the failure. */
    status: failure?.kind ?? 'ok',
    message: orNull(failure, ({ kind, message }) => toFailureView({ kind, message, at }).message),
    rows,
    /** Rows that were counted. The others were counted before, or were skipped. */
    counted,
    skipped,
  };
}
