import { type Condition, conditions } from '../model/expectation.ts';
import type { PushTotals } from '../model/push-ledger.ts';
import { streamKey } from '../model/stream.ts';
import type { EpochMs } from '../model/time.ts';
import { type FailureView, toFailureView } from './failure-view.ts';
import type { StreamInput } from './inputs.ts';
import { orNull, toIso, toSeconds } from './json.ts';
import type { RecentPoint } from './recent.ts';
import {
  type Attention,
  type PushState,
  type StreamStatus,
  toStreamStatus,
  urgency,
} from './stream-status.ts';

export interface StreamsQuery {
  readonly offset: number;
  readonly limit: number;
  /** False: config order, which is stable across pages. */
  readonly worstFirst: boolean;
}

export interface StreamsContext {
  readonly now: EpochMs;
  /** Recent points of a stream, oldest first. */
  readonly points: (streamKey: string, now: EpochMs) => readonly RecentPoint[];
  /** Masks a client address as configured; an empty result hides it. */
  readonly showClientIp: (address: string) => string;
}

/** Response of `/api/v1/streams`. Times are ISO 8601 in UTC; null means unknown. */
export interface StreamsView {
  readonly now: string;
  /** Number of all streams, not only of this page. */
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
  readonly streams: readonly StreamView[];
}

export interface StreamView {
  readonly account: string;
  readonly provider: string;
  readonly domain: string;
  readonly app_name: string;
  readonly stream: string;
  readonly state: PushState;
  readonly due: boolean | null;
  /** Null: no problem. */
  readonly attention: Attention | null;
  readonly conditions: readonly Condition[];
  /** This and all other sample fields: of the followed publisher; null unless `up`. */
  readonly fps: number | null;
  readonly bitrate_bps: number | null;
  readonly client_ip: string | null;
  readonly server_ip: string | null;
  /** Number of live publishers. */
  readonly publishers: number;
  /** Provider time of the newest sample. */
  readonly sample_at: string | null;
  readonly sample_age_seconds: number | null;
  readonly watermark_at: string | null;
  readonly watermark_age_seconds: number | null;
  /** Null: nothing was ever counted. */
  readonly totals: TotalsView | null;
  /** Failure of the newest run; null if it succeeded. */
  readonly last_failure: FailureView | null;
  readonly expected: {
    readonly fps: number | null;
    readonly bitrate_bps: number | null;
    readonly min_fps: number | null;
    readonly min_bitrate_bps: number | null;
  };
  readonly labels: Readonly<Record<string, string>>;
  /** Last five minutes, oldest first. */
  readonly recent: readonly {
    readonly measured_at: string;
    readonly fps: number | null;
    readonly bitrate_bps: number | null;
  }[];
}

export interface TotalsView {
  readonly samples: number;
  readonly observed_seconds: number;
  readonly frames: number;
  readonly bytes: number;
  readonly degraded_seconds: Readonly<Record<Condition, number>>;
  readonly bad_seconds: number;
  readonly missing_seconds: number;
  readonly backfilled_seconds: number;
  readonly gap_seconds: number;
  readonly sessions: number;
  readonly client_changes: number;
}

/** Returns one page of the streams. Only the streams of the page are converted, so the cost depends on its size. */
export function toStreamsView(
  inputs: readonly StreamInput[],
  { offset, limit, worstFirst }: StreamsQuery,
  context: StreamsContext,
): StreamsView {
  const ordered = worstFirst ? byUrgency(inputs, context.now) : inputs;
  return {
    now: toIso(context.now),
    total: inputs.length,
    offset,
    limit,
    streams: ordered.slice(offset, offset + limit).map((input) => toStreamView(input, context)),
  };
}

/** Sorts by urgency; streams of the same urgency stay in config order. */
function byUrgency(inputs: readonly StreamInput[], now: EpochMs): readonly StreamInput[] {
  const ranks: StreamInput[][] = [[], [], [], [], []];
  for (const input of inputs) ranks[urgency(toStreamStatus(input, now))]?.push(input);
  return ranks.flat();
}

function toStreamView(input: StreamInput, context: StreamsContext): StreamView {
  const { target, view, failure } = input;
  const ledger = input.ledger();
  const { now, points } = context;
  const status = toStreamStatus(input, now);
  const { framesPerSecond, bitsPerSecond, minFramesPerSecond, minBitsPerSecond } = target.expectation;
  const sampleAt = status.sample?.measuredAt ?? ledger?.newestAt;
  return {
    account: target.stream.account,
    provider: target.stream.provider,
    domain: target.stream.domain,
    app_name: target.stream.appName,
    stream: target.stream.stream,
    state: status.state,
    due: status.isDue ?? null,
    attention: status.attention ?? null,
    conditions: status.conditions,
    ...toSampleView(status, context),
    publishers: status.state === 'up' ? 1 + (view?.live?.others.length ?? 0) : 0,
    sample_at: orNull(sampleAt, toIso),
    sample_age_seconds: orNull(sampleAt, (at) => toSeconds(now - at)),
    watermark_at: orNull(view?.watermark, toIso),
    watermark_age_seconds: orNull(view?.watermark, (at) => toSeconds(now - at)),
    totals: orNull(ledger?.totals, toTotalsView),
    last_failure: orNull(failure, toFailureView),
    expected: {
      fps: framesPerSecond ?? null,
      bitrate_bps: bitsPerSecond ?? null,
      min_fps: minFramesPerSecond ?? null,
      min_bitrate_bps: minBitsPerSecond ?? null,
    },
    labels: target.labels,
    recent: points(streamKey(target.stream), now).map((point) => ({
      measured_at: toIso(point.measuredAt),
      fps: point.framesPerSecond ?? null,
      bitrate_bps: point.bitsPerSecond ?? null,
    })),
  };
}

function toSampleView({ sample }: StreamStatus, { showClientIp }: StreamsContext) {
  const address = sample?.clientIp;
  return {
    fps: sample?.framesPerSecond ?? null,
    bitrate_bps: sample?.bitsPerSecond ?? null,
    client_ip: (address !== undefined && showClientIp(address)) || null,
    server_ip: sample?.serverIp ?? null,
  };
}

function toTotalsView(totals: PushTotals): TotalsView {
  return {
    samples: totals.samples,
    observed_seconds: toSeconds(totals.observedMs),
    frames: totals.milliframes / 1000,
    bytes: totals.bytes,
    degraded_seconds: degradedSeconds(totals),
    bad_seconds: toSeconds(totals.badMs),
    missing_seconds: toSeconds(totals.missingMs),
    backfilled_seconds: toSeconds(totals.backfilledMs),
    gap_seconds: toSeconds(totals.gapMs),
    sessions: totals.sessions,
    client_changes: totals.clientChanges,
  };
}

function degradedSeconds({ degradedMs }: PushTotals): Record<Condition, number> {
  const seconds = { ...degradedMs };
  for (const condition of conditions) seconds[condition] = toSeconds(degradedMs[condition]);
  return seconds;
}
