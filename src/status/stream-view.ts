import { isForbidden } from '../model/control-ledger.ts';
import { publisherCount } from '../model/live-push.ts';
import { sampleTimeOf } from '../model/push-view.ts';
import type { InSlices } from '../model/slices.ts';
import type { EpochMs } from '../model/time.ts';
import { type ControlLedgerOf, forbiddenSince } from './forbidden.ts';
import type { StreamInput } from './inputs.ts';
import { type Interruption, interruptionOf } from './interruption.ts';
import { orNull, toFailureView, toIso, toSeconds } from './json.ts';
import type { RecentPoint } from './recent.ts';
import { beginOf, toStreamStatus } from './stream-status.ts';
import { toTotalsView } from './totals-view.ts';
import type { Trouble } from './troubles.ts';
import { toUrlKey } from './url-key.ts';

export interface StreamsContext {
  readonly now: EpochMs;
  /** Returns the recent points of a stream, oldest first. */
  readonly points: (streamKey: string, now: EpochMs) => readonly RecentPoint[];
  /** Returns the troubles of a stream in the last hours, oldest first. */
  readonly troubles: (streamKey: string, now: EpochMs) => readonly Trouble[];
  /** Returns the interruption of a stream; undefined if its push is not interrupted. */
  readonly interruption: (streamKey: string) => Interruption | undefined;
  readonly controlLedgerOf: ControlLedgerOf;
  /**
   * Returns a client address in the form that the config permits; an empty text if the config hides
   * addresses.
   */
  readonly showClientIp: (address: string) => string;
  /** Processes streams in slices of the event loop. */
  readonly inSlices: InSlices;
}

/** One stream in the JSON API. Times are ISO 8601 in UTC; null means unknown. */
export type StreamView = Readonly<ReturnType<typeof toStreamView>>;

/** Converts streams, in slices. */
export async function toStreamViews(
  inputs: readonly StreamInput[],
  context: StreamsContext,
): Promise<readonly StreamView[]> {
  const views: StreamView[] = [];
  await context.inSlices(inputs, (input) => views.push(toStreamView(input, context)));
  return views;
}

export function toStreamView(input: StreamInput, context: StreamsContext) {
  const { now, points, troubles, interruption, showClientIp } = context;
  const { key, target, view, failure } = input;
  const ledger = input.ledger();
  const status = toStreamStatus(input, now);
  const { state, isDue, conditions: violated, sample } = status;
  const begin = beginOf(input, status, now);
  const interrupted = interruptionOf(input, status, interruption, now);
  const { framesPerSecond, bitsPerSecond, minFramesPerSecond, minBitsPerSecond } = target.expectation;
  // Most lists of live pushes have no times of samples.
  const hasTime = view !== undefined && sampleTimeOf(view) !== undefined;
  const shownAt = hasTime ? sample?.measuredAt : undefined;
  const sampleAt = shownAt ?? ledger?.newestAt;
  const address = sample?.clientIp;
  const shownAddress = address === undefined ? '' : showClientIp(address);
  return {
    /** Key of the stream in URLs, such as `/api/v1/streams/{key}`. */
    key: toUrlKey(key),
    account: target.stream.account,
    provider: target.stream.provider,
    domain: target.stream.domain,
    app_name: target.stream.appName,
    stream: target.stream.stream,
    state,
    /** Time since which the stream has been in this state; null before the first answer. */
    state_since_at: orNull(begin?.at, toIso),
    state_age_seconds: orNull(begin?.at, (at) => toSeconds(now - at)),
    /** Whether the state began at `state_since_at`. If false, it can have begun earlier. */
    state_since_is_exact: begin?.isExact ?? false,
    due: isDue ?? null,
    /** Conditions, such as a low frame rate, in which the stream violates its expectation. */
    conditions: violated,
    /**
     * Begin of the first break of a push that is interrupted now; null if it is not. A push is interrupted if the
     * stream is expected to be live, and at least 30 % of the last five minutes were without samples.
     */
    interrupted_since_at: orNull(interrupted?.since, toIso),
    /** Time without samples between the samples of the last five minutes; null if the push is not interrupted. */
    interrupted_seconds: orNull(interrupted?.ms, toSeconds),
    /**
     * The next five values are from the newest fresh sample of the followed publisher; null (false) if the state is
     * neither `up` nor `degraded`.
     */
    fps: sample?.framesPerSecond ?? null,
    bitrate_bps: sample?.bitsPerSecond ?? null,
    client_ip: shownAddress || null,
    /** Whether `client_ip` is null only because the config hides addresses. */
    client_ip_is_hidden: address !== undefined && shownAddress === '',
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
    ...toBanView(context.controlLedgerOf(target.stream.account, key)),
    /** Times in which the stream was bad or missing, in the last six hours since the start of the exporter. */
    troubles: troubles(key, now).map(({ from, to, ms, kinds }) => ({
      from_at: toIso(from),
      to_at: toIso(to),
      seconds: toSeconds(ms),
      kinds,
    })),
    /** Samples of the last five minutes, oldest first. */
    recent: points(key, now).map((point) => ({
      measured_at: toIso(point.measuredAt),
      fps: point.framesPerSecond ?? null,
      bitrate_bps: point.bitsPerSecond ?? null,
    })),
  };
}

function toBanView(ledger: ReturnType<ControlLedgerOf>) {
  return {
    /** Whether the stream is forbidden now; null if no control action on the stream is known. */
    forbidden: (ledger && isForbidden(ledger, undefined)) ?? null,
    forbidden_since_at: orNull(ledger && forbiddenSince(ledger), toIso),
  };
}
