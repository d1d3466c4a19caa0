import { conditions } from '../model/expectation.ts';
import { publisherCount } from '../model/live-push.ts';
import type { PushTotals } from '../model/push-totals.ts';
import { streamKey } from '../model/stream.ts';
import type { EpochMs } from '../model/time.ts';
import type { StreamInput } from './inputs.ts';
import { orNull, toFailureView, toIso, toSeconds } from './json.ts';
import type { RecentPoint } from './recent.ts';
import { byUrgency, toStreamStatus } from './stream-status.ts';

export interface StreamsQuery {
  readonly offset: number;
  readonly limit: number;
  /**
   * Whether the most urgent streams come first. If false, the streams are in config order, so that the pages
   * of one listing do not overlap.
   */
  readonly worstFirst: boolean;
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
}

/** Response of `/api/v1/streams`. Times are ISO 8601 in UTC; null means unknown. */
export type StreamsView = Readonly<ReturnType<typeof toStreamsView>>;
export type StreamView = Readonly<ReturnType<typeof toStreamView>>;

/**
 * Returns one page of the streams. Converts only the streams of that page, so the cost of the conversion
 * depends on the page size.
 */
export function toStreamsView(
  inputs: readonly StreamInput[],
  { offset, limit, worstFirst }: StreamsQuery,
  context: StreamsContext,
) {
  const ordered = worstFirst ? byUrgency(inputs, context.now) : inputs;
  return {
    now: toIso(context.now),
    /** Number of all streams, on this page and on the other pages. */
    total: inputs.length,
    offset,
    limit,
    streams: ordered.slice(offset, offset + limit).map((input) => toStreamView(input, context)),
  };
}

function toStreamView(input: StreamInput, { now, points, showClientIp }: StreamsContext) {
  const { target, view, failure } = input;
  const ledger = input.ledger();
  const { state, isDue, attention, conditions: violated, sample } = toStreamStatus(input, now);
  const { framesPerSecond, bitsPerSecond, minFramesPerSecond, minBitsPerSecond } = target.expectation;
  const sampleAt = sample?.measuredAt ?? ledger?.newestAt;
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
    recent: points(streamKey(target.stream), now).map((point) => ({
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
    degraded_seconds: degradedSeconds,
    bad_seconds: toSeconds(totals.badMs),
    missing_seconds: toSeconds(totals.missingMs),
    backfilled_seconds: toSeconds(totals.backfilledMs),
    gap_seconds: toSeconds(totals.gapMs),
    sessions: totals.sessions,
    client_changes: totals.clientChanges,
  };
}
