import { isEmptyTime } from './empty-ranges.ts';
import { type Condition, conditions, type Expectation, hasCondition } from './expectation.ts';
import { dueMs } from './live-schedule.ts';
import { findPublisher, type RecentPublisher, unnamedPublisher } from './publishers.ts';
import { type Freshness, freshMs, maxPublishers, type PushSample, silentAfterMs } from './push-sample.ts';
import { type EpochMs, minuteMs, type Window } from './time.ts';

/** Value of a push sample that a provider can omit: the frame rate or the bit rate. */
export type MeasuredValue = 'fps' | 'bitrate';

export const measuredValues: readonly MeasuredValue[] = ['fps', 'bitrate'];

/**
 * Totals of one stream since its ledger started. All totals are integers, so that the order of additions
 * cannot change a sum.
 */
export interface PushTotals {
  readonly samples: number;
  /**
   * Push time in ms that the samples cover. If several publishers push at the same time, the time of each of
   * them counts.
   */
  readonly observedMs: number;
  /**
   * Parts of `observedMs` whose samples contain the value. The time during which a value is unknown must not
   * lower the mean of the value.
   */
  readonly measuredMs: Readonly<Record<MeasuredValue, number>>;
  /** Number of frames, in thousandths of a frame. This is the sum of frames per second times milliseconds. */
  readonly milliframes: number;
  readonly bytes: number;
  /** Time in ms during which each condition, such as `low_fps`, applied. */
  readonly degradedMs: Readonly<Record<Condition, number>>;
  /** Time in ms during which at least one condition applied. */
  readonly badMs: number;
  /**
   * Time in ms during which the stream was expected to be live and the provider answered, but had no sample.
   */
  readonly missingMs: number;
  /** Part of `observedMs` from samples that were too old for the gauges when the exporter counted them. */
  readonly backfilledMs: number;
  /** Total length in ms of the gaps, which are time ranges that were not and will not be requested. */
  readonly gapMs: number;
  /** Number of pushes that have started. */
  readonly sessions: number;
  /**
   * Number of times that the address of the followed publisher changed, for example after a failover to
   * another encoder.
   */
  readonly clientChanges: number;
}

/**
 * Push ledger of one stream: its totals, and the state from which counting the next answer continues. It is
 * immutable: each answer creates a new ledger.
 */
export interface PushLedger {
  readonly totals: PushTotals;
  /**
   * Time of the newest counted sample (epoch ms by the provider's clock); undefined before the first sample.
   */
  readonly newestAt: EpochMs | undefined;
  /**
   * State for the totals that depend on the time order of the samples. In the state file, this field is also
   * called `judged`.
   */
  readonly judged: SettledState;
  /**
   * Whether the counters have left their zero hold. The zero hold keeps new counters at 0 until every known
   * scraper has received the 0. The release is saved before the new values are exposed.
   */
  readonly leftZero: boolean;
}

/**
 * Intermediate result of `settle` up to and including the newest settled sample; `settle` continues from
 * here. A sample is settled when it is older than the lookback, so that no new sample can come before it.
 */
export interface SettledState {
  /** Start of the time since the last gap (epoch ms). */
  readonly since: EpochMs;
  /** Time of the newest settled sample (epoch ms); equal to `since` if no sample has settled. */
  readonly coveredTo: EpochMs;
  /** Time up to which missing time is counted (epoch ms). */
  readonly missedTo: EpochMs;
  /**
   * Recent publishers, each identified by its session or address, with the time of its newest settled sample
   * (epoch ms). At most `maxPublishers`: while they all push, no session of a further publisher is counted.
   */
  readonly publishers: readonly RecentPublisher[];
  /**
   * Publisher whose address changes are counted, with the time of its newest settled sample; undefined before
   * the first sample with an address. The publisher stays followed until it has had no sample for
   * `silentAfterMs`.
   */
  readonly followed: { readonly clientIp: string; readonly lastAt: EpochMs } | undefined;
}

const noTotals: PushTotals = {
  samples: 0,
  observedMs: 0,
  measuredMs: { fps: 0, bitrate: 0 },
  milliframes: 0,
  bytes: 0,
  degradedMs: { low_fps: 0, no_video: 0, low_bitrate: 0 },
  badMs: 0,
  missingMs: 0,
  backfilledMs: 0,
  gapMs: 0,
  sessions: 0,
  clientChanges: 0,
};

/** Creates the ledger of a stream that is polled from the time `since` (epoch ms) on. */
export function newPushLedger(since: EpochMs): PushLedger {
  return { totals: noTotals, newestAt: undefined, judged: settledFrom(since), leftZero: false };
}

function settledFrom(since: EpochMs): SettledState {
  return { since, coveredTo: since, missedTo: since, publishers: [], followed: undefined };
}

/** Settings of `addSamples`. */
export interface Counting {
  readonly expectation: Expectation;
  readonly freshness: Freshness;
  /** Wall time of the request (epoch ms). */
  readonly now: EpochMs;
}

/**
 * Adds samples that were not counted before. Each sample contributes independently of all other samples, so
 * the order of the samples does not matter. The time of samples that are no longer fresh at `now` (wall clock)
 * also counts as backfilled.
 */
export function addSamples(
  ledger: PushLedger,
  added: readonly PushSample[],
  { expectation, freshness, now }: Counting,
): PushLedger {
  if (added.length === 0) return ledger;
  const totals = {
    ...ledger.totals,
    measuredMs: { ...ledger.totals.measuredMs },
    degradedMs: { ...ledger.totals.degradedMs },
  };
  let newestAt = ledger.newestAt ?? Number.NEGATIVE_INFINITY;
  for (const sample of added) {
    const { measuredAt, periodMs, framesPerSecond, bitsPerSecond } = sample;
    totals.samples++;
    totals.observedMs += periodMs;
    if (framesPerSecond !== undefined) {
      totals.measuredMs.fps += periodMs;
      totals.milliframes += Math.round(framesPerSecond * periodMs);
    }
    if (bitsPerSecond !== undefined) {
      totals.measuredMs.bitrate += periodMs;
      totals.bytes += Math.round((bitsPerSecond * periodMs) / 8000);
    }
    if (measuredAt < now - freshMs(freshness, periodMs)) totals.backfilledMs += periodMs;
    let isBad = false;
    for (const condition of conditions) {
      if (!hasCondition(condition, sample, expectation)) continue;
      totals.degradedMs[condition] += periodMs;
      isBad = true;
    }
    if (isBad) totals.badMs += periodMs;
    if (measuredAt > newestAt) newestAt = measuredAt;
  }
  return { ...ledger, totals, newestAt };
}

/** Settings of `settle`. */
export interface Settling {
  /** End of the settled time (epoch ms). All samples that were measured before this time are known. */
  readonly to: EpochMs;
  readonly expectation: Expectation;
  /** Time that a sample normally covers, in ms. */
  readonly periodMs: number;
  /**
   * Start of the time that the first unsettled sample covers (epoch ms). undefined if all samples are settled.
   */
  readonly nextFrom?: EpochMs | undefined;
  /**
   * Time in ms without a sample after which the push of a publisher has ended. Longer for samples with a long
   * period.
   */
  readonly staleAfterMs: number;
  /** Receives each settled range without a sample, in order. Ranges of successive calls can be contiguous. */
  readonly onEmpty?: ((range: Window) => void) | undefined;
}

/**
 * Updates the totals that depend on time order: missing time, sessions and client changes. `settled` contains
 * the samples that have become final, sorted by time; all of them are before `to`. The function is long
 * because it runs for each answer: it keeps its state in local variables and allocates nothing per sample.
 */
export function settle(ledger: PushLedger, settled: readonly PushSample[], settling: Settling): PushLedger {
  const { to, expectation, periodMs, nextFrom, staleAfterMs, onEmpty } = settling;
  const { live } = expectation;
  let { coveredTo, missedTo } = ledger.judged;
  let { missingMs, sessions, clientChanges } = ledger.totals;
  const { since } = ledger.judged;
  // Search linearly, because the publishers are few. Search only if the publisher differs from that of the
  // previous sample. The limit also applies to the publishers that an earlier version saved without a limit.
  const publishers = ledger.judged.publishers.slice(0, maxPublishers);
  /** Index of `publisher` in `publishers`; -1 if the publisher has no place there. */
  let index = -1;
  let publisher: string | undefined;
  let lastAt = since;
  let followedIp = ledger.judged.followed?.clientIp;
  let followedAt = ledger.judged.followed?.lastAt ?? since;

  for (const { measuredAt: at, periodMs: ownMs, clientIp, session } of settled) {
    const holeTo = at - ownMs;
    if (isHole(coveredTo, missedTo, holeTo, periodMs)) {
      if (live !== undefined) missingMs += dueMs(live, missedTo, holeTo);
      onEmpty?.({ from: missedTo === since ? since - 1 : missedTo, to: holeTo });
      missedTo = holeTo;
    }
    coveredTo = Math.max(coveredTo, at);
    missedTo = Math.max(missedTo, coveredTo);

    const silentMs = silentAfterMs(staleAfterMs, ownMs);
    const name = session ?? clientIp ?? unnamedPublisher;
    if (name !== publisher || index === -1) {
      if (publisher !== undefined && index !== -1) publishers[index] = [publisher, lastAt];
      const known = findPublisher(publishers, name, at - silentMs);
      index = known === -1 ? freePlace(publishers, at - silentMs) : known;
      [publisher, lastAt] = publishers[known] ?? [name, since];
    }
    if (index !== -1) {
      if (at - lastAt > silentMs) sessions++;
      lastAt = at;
    }

    if (clientIp === undefined) continue;
    if (followedIp !== undefined && followedIp !== clientIp) {
      if (at - followedAt <= silentMs) continue;
      clientChanges++;
    }
    followedIp = clientIp;
    followedAt = at;
  }
  if (publisher !== undefined && index !== -1) publishers[index] = [publisher, lastAt];
  // An unknown next sample is not before `to`, so it covers no time before `to - periodMs`.
  const holeTo = Math.min(to - periodMs, nextFrom ?? to);
  if (isHole(coveredTo, missedTo, holeTo, periodMs)) {
    if (live !== undefined) missingMs += dueMs(live, missedTo, holeTo);
    onEmpty?.({ from: missedTo === since ? since - 1 : missedTo, to: holeTo });
    missedTo = holeTo;
  }

  // Removing silent publishers is safe: if a silent publisher returns, it starts a new push in any case.
  const longestMs = Math.max(staleAfterMs, longestSilenceMs);
  const isSilent = ([, at]: SettledState['publishers'][number]) => at < to - longestMs;
  const before = ledger.totals;
  const isSame =
    missingMs === before.missingMs && sessions === before.sessions && clientChanges === before.clientChanges;
  return {
    ...ledger,
    totals: isSame ? before : { ...before, missingMs, sessions, clientChanges },
    judged: {
      since,
      coveredTo,
      missedTo,
      publishers: publishers.some(isSilent) ? publishers.filter((each) => !isSilent(each)) : publishers,
      followed: followedIp === undefined ? undefined : { clientIp: followedIp, lastAt: followedAt },
    },
  };
}

/**
 * Returns the index at which `publishers` has a place for a further publisher: after the last one, or instead
 * of a publisher without a sample since `silentBefore` (epoch ms), whose push has ended. Returns -1 if there
 * is no place. The result depends only on the publishers that still push, so that sessions do not depend on
 * how a history is split.
 */
function freePlace(publishers: SettledState['publishers'], silentBefore: EpochMs): number {
  if (publishers.length < maxPublishers) return publishers.length;
  return publishers.findIndex(([, lastAt]) => lastAt < silentBefore);
}

/**
 * Time in ms for which a silent publisher is remembered: twice the longest known period of samples (one minute).
 */
const longestSilenceMs = 2 * minuteMs;

/** Reports whether the time between `coveredTo` and `holeTo` is missing and not counted yet. */
function isHole(coveredTo: EpochMs, missedTo: EpochMs, holeTo: EpochMs, periodMs: number): boolean {
  return isEmptyTime(coveredTo, holeTo, periodMs) && holeTo > missedTo;
}

/**
 * Counts a gap, and restarts the settled state at the end of the gap. Nothing is known about the publishers
 * during the gap, so it adds no missing time and starts no session.
 */
export function addGap(ledger: PushLedger, gap: Window): PushLedger {
  const { followed } = ledger.judged;
  return {
    ...ledger,
    totals: { ...ledger.totals, gapMs: ledger.totals.gapMs + (gap.to - gap.from) },
    judged: { ...settledFrom(gap.to), followed },
  };
}
