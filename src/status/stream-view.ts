import { type Condition, conditions } from '../model/expectation.ts';
import type { PushTotals } from '../model/push-ledger.ts';
import { streamKey } from '../model/stream.ts';
import type { EpochMs } from '../model/time.ts';
import { type FailureView, toFailureView } from './failure-view.ts';
import type { StreamInput } from './inputs.ts';
import { orNull, toIso, toSeconds } from './json.ts';
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
  /** Otherwise in the order of the config, which stays the same from page to page. */
  readonly worstFirst: boolean;
}

export interface StreamsContext {
  readonly now: EpochMs;
  /** The last minutes of a stream, the oldest first. */
  readonly points: (streamKey: string, now: EpochMs) => readonly PointInput[];
  /** A publisher's address as far as the operator wants it shown; empty: not at all. */
  readonly showClientIp: (address: string) => string;
}

export interface PointInput {
  readonly measuredAt: EpochMs;
  readonly framesPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
}

/** `/api/v1/streams`. Moments are ISO 8601 in UTC; null is what is not known. */
export interface StreamsView {
  readonly now: string;
  /** Of all streams, not only of those in `streams`. */
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
  /** null: nothing is the matter. */
  readonly attention: Attention | null;
  readonly conditions: readonly Condition[];
  /** Of the publisher that is followed, as all that comes from a sample. Only while `up`. */
  readonly fps: number | null;
  readonly bitrate_bps: number | null;
  readonly client_ip: string | null;
  readonly server_ip: string | null;
  /** How many publishers are live. */
  readonly publishers: number;
  /** The provider's time of the newest sample. */
  readonly sample_at: string | null;
  readonly sample_age_seconds: number | null;
  readonly watermark_at: string | null;
  readonly watermark_age_seconds: number | null;
  /** null: nothing was ever counted. */
  readonly totals: TotalsView | null;
  /** Of the newest run; null when that brought an answer. */
  readonly last_failure: FailureView | null;
  readonly expected: {
    readonly fps: number | null;
    readonly bitrate_bps: number | null;
    readonly min_fps: number | null;
    readonly min_bitrate_bps: number | null;
  };
  readonly labels: Readonly<Record<string, string>>;
  /** The last five minutes, the oldest first. */
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

/** One page of the streams. Only those on it are drawn in full, so a page of many thousands costs little. */
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

/** Within one urgency the order of the config stays. */
function byUrgency(inputs: readonly StreamInput[], now: EpochMs): readonly StreamInput[] {
  const ranks: StreamInput[][] = [[], [], [], [], []];
  for (const input of inputs) ranks[urgency(toStreamStatus(input, now))]?.push(input);
  return ranks.flat();
}

function toStreamView(input: StreamInput, context: StreamsContext): StreamView {
  const { target, view, failure } = input;
  const ledger = input.ledger();
  const { now, points } = context;
  const judgement = toStreamStatus(input, now);
  const { framesPerSecond, bitsPerSecond, minFramesPerSecond, minBitsPerSecond } = target.expectation;
  const sampleAt = judgement.sample?.measuredAt ?? ledger?.newestAt;
  return {
    account: target.stream.account,
    provider: target.stream.provider,
    domain: target.stream.domain,
    app_name: target.stream.appName,
    stream: target.stream.stream,
    state: judgement.state,
    due: judgement.isDue ?? null,
    attention: judgement.attention ?? null,
    conditions: judgement.conditions,
    ...toSampleView(judgement, context),
    publishers: judgement.state === 'up' ? 1 + (view?.live?.others.length ?? 0) : 0,
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
