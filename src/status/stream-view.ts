import { conditions } from '../model/expectation.ts';
import { publisherCount } from '../model/live-push.ts';
import type { PushTotals } from '../model/push-totals.ts';
import { sampleTimeOf } from '../model/push-view.ts';
import type { InSlices } from '../model/slices.ts';
import type { EpochMs } from '../model/time.ts';
import { parseCursor, toCursor } from './cursor.ts';
import type { StreamInput } from './inputs.ts';
import { orNull, toFailureView, toIso, toSeconds } from './json.ts';
import { pageAfter, pageAt } from './pages.ts';
import type { RecentPoint } from './recent.ts';
import { toStreamStatus } from './stream-status.ts';

/** Selection of one page of the streams. */
export interface StreamsQuery {
  readonly limit: number;
  /**
   * Position of the page: a number of streams to skip in config order, or the cursor of the previous page,
   * which is empty for the first page. Pages by cursor are in the order of the stream keys.
   */
  readonly from: { readonly offset: number } | { readonly cursor: string };
}

export interface StreamsContext {
  readonly now: EpochMs;
  /** Returns the recent points of a stream, oldest first. */
  readonly points: (streamKey: string, now: EpochMs) => readonly RecentPoint[];
  /**
   * Returns a client address in the form that the config permits; an empty text if the config hides
   * addresses.
   */
  readonly showClientIp: (address: string) => string;
  /** Processes streams in slices of the event loop. */
  readonly inSlices: InSlices;
}

/** Response of `/api/v1/streams`. Times are ISO 8601 in UTC; null means unknown. */
export interface StreamsView {
  readonly now: string;
  /** Number of all streams, on this page and on the other pages. */
  readonly total: number;
  readonly limit: number;
  /** Only if the query has an offset. */
  readonly offset?: number;
  /** Cursor of the next page; null on the last page. Only if the query has a cursor. */
  readonly next_cursor?: string | null;
  readonly streams: readonly StreamView[];
}
export type StreamView = Readonly<ReturnType<typeof toStreamView>>;

/**
 * Returns one page of the streams. Converts only the streams of that page, so the cost of the conversion
 * depends on the page size. Resolves with undefined if the cursor of the query is invalid.
 */
export async function toStreamsView(
  streams: Iterable<StreamInput>,
  { limit, from }: StreamsQuery,
  context: StreamsContext,
): Promise<StreamsView | undefined> {
  const { now, inSlices } = context;
  if ('offset' in from) {
    const { offset } = from;
    const { inputs, total } = await pageAt(streams, offset, limit, inSlices);
    return { now: toIso(now), total, offset, limit, streams: await toStreamViews(inputs, context) };
  }
  const after = parseCursor(from.cursor);
  if (after === undefined) return undefined;
  const { inputs, total, hasMore } = await pageAfter(streams, after, limit, inSlices);
  const last = inputs.at(-1);
  return {
    now: toIso(now),
    total,
    limit,
    next_cursor: hasMore && last !== undefined ? toCursor(last.key) : null,
    streams: await toStreamViews(inputs, context),
  };
}

/** Converts streams, in slices. */
export async function toStreamViews(
  inputs: readonly StreamInput[],
  context: StreamsContext,
): Promise<readonly StreamView[]> {
  const views: StreamView[] = [];
  await context.inSlices(inputs, (input) => views.push(toStreamView(input, context)));
  return views;
}

function toStreamView(input: StreamInput, { now, points, showClientIp }: StreamsContext) {
  const { key, target, view, failure } = input;
  const ledger = input.ledger();
  const { state, isDue, attention, conditions: violated, sample } = toStreamStatus(input, now);
  const { framesPerSecond, bitsPerSecond, minFramesPerSecond, minBitsPerSecond } = target.expectation;
  // Most lists of live pushes have no times of samples.
  const hasTime = view !== undefined && sampleTimeOf(view) !== undefined;
  const shownAt = hasTime ? sample?.measuredAt : undefined;
  const sampleAt = shownAt ?? ledger?.newestAt;
  return {
    account: target.stream.account,
    provider: target.stream.provider,
    domain: target.stream.domain,
    app_name: target.stream.appName,
    stream: target.stream.stream,
    state,
    due: isDue ?? null,
    /** Reason why an operator should look at the stream; null if there is none. */
    attention: attention ?? null,
    /** Conditions, such as a low frame rate, in which the stream violates its expectation. */
    conditions: violated,
    /**
     * The next four values are from the newest fresh sample of the followed publisher; null if the state is
     * not `up`.
     */
    fps: sample?.framesPerSecond ?? null,
    bitrate_bps: sample?.bitsPerSecond ?? null,
    client_ip: orNull(sample?.clientIp, showClientIp) || null,
    server_ip: sample?.serverIp ?? null,
    /** Number of publishers that are live; null if the state is unknown. */
    publishers: state === 'unknown' ? null : view?.live === undefined ? 0 : publisherCount(view.live),
    /** Time of the newest sample by the provider's clock. */
    sample_at: orNull(sampleAt, toIso),
    sample_age_seconds: orNull(sampleAt, (at) => toSeconds(now - at)),
    watermark_at: orNull(view?.watermark, toIso),
    watermark_age_seconds: orNull(view?.watermark, (at) => toSeconds(now - at)),
    /** Totals of the stream; null if nothing was ever counted. */
    totals: orNull(ledger?.totals, toTotalsView),
    /** Failure of the last run; null if the last run succeeded. */
    last_failure: orNull(failure, toFailureView),
    expected: {
      fps: framesPerSecond ?? null,
      bitrate_bps: bitsPerSecond ?? null,
      min_fps: minFramesPerSecond ?? null,
      min_bitrate_bps: minBitsPerSecond ?? null,
    },
    labels: target.labels,
    /** Samples of the last five minutes, oldest first. */
    recent: points(key, now).map((point) => ({
      measured_at: toIso(point.measuredAt),
      fps: point.framesPerSecond ?? null,
      bitrate_bps: point.bitsPerSecond ?? null,
    })),
  };
}

function toTotalsView(totals: PushTotals) {
  const degradedSeconds = { ...totals.degradedMs };
  for (const condition of conditions) degradedSeconds[condition] = toSeconds(totals.degradedMs[condition]);
  return {
    samples: totals.samples,
    observed_seconds: toSeconds(totals.observedMs),
    measured_seconds: {
      fps: toSeconds(totals.measuredMs.fps),
      bitrate: toSeconds(totals.measuredMs.bitrate),
    },
    frames: totals.milliframes / 1000,
    bytes: totals.bytes,
    /** Null if the provider has never reported the value. */
    media_seconds: {
      video: orNull(totals.mediaMs.video, toSeconds),
      audio: orNull(totals.mediaMs.audio, toSeconds),
    },
    degraded_seconds: degradedSeconds,
    bad_seconds: toSeconds(totals.badMs),
    missing_seconds: toSeconds(totals.missingMs),
    backfilled_seconds: toSeconds(totals.backfilledMs),
    gap_seconds: toSeconds(totals.gapMs),
    sessions: totals.sessions,
    client_changes: totals.clientChanges,
  };
}
