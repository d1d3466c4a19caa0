import { isEmptyTime } from './empty-ranges.ts';
import type { Expectation } from './expectation.ts';
import { dueMs } from './live-schedule.ts';
import { findPublisher, type RecentPublisher, unnamedPublisher } from './publishers.ts';
import { maxPublishers, type PushSample, silentAfterMs } from './push-sample.ts';
import type { PushTotals } from './push-totals.ts';
import { type EpochMs, minuteMs, type Window } from './time.ts';

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

/** Returns the state of a ledger whose time without gaps starts at `since` (epoch ms). */
export function settledFrom(since: EpochMs): SettledState {
  return { since, coveredTo: since, missedTo: since, publishers: [], followed: undefined };
}

/** The parts of a push ledger that `settle` updates. */
export interface SettledLedger {
  readonly totals: PushTotals;
  readonly judged: SettledState;
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
  /**
   * Whether rows of several operations are not settled yet. Their publishers are distinguished by address only,
   * because operations do not report the same sessions.
   */
  readonly isMixed?: boolean;
  /** Receives each settled range without a sample, in order. Ranges of successive calls can be contiguous. */
  readonly onEmpty?: ((range: Window) => void) | undefined;
}

/**
 * Updates the totals that depend on time order: missing time, sessions and client changes. `settled` contains
 * the samples that have become final, sorted by time; all of them are before `to`. The function is long
 * because it runs for each answer: it keeps its state in local variables and allocates nothing per sample.
 */
export function settle<Ledger extends SettledLedger>(
  ledger: Ledger,
  settled: readonly PushSample[],
  settling: Settling,
): Ledger {
  const { to, expectation, periodMs, nextFrom, staleAfterMs, isMixed = false, onEmpty } = settling;
  const { live } = expectation;
  let { coveredTo, missedTo } = ledger.judged;
  // An unknown next sample is not before `to`, so it covers no time before `to - periodMs`.
  const lastHoleTo = Math.min(to - periodMs, nextFrom ?? to);
  // Removing silent publishers is safe: if a silent publisher returns, it starts a new push in any case.
  const silentBefore = to - Math.max(staleAfterMs, longestSilenceMs);
  const isSilent = ([, lastAt]: RecentPublisher) => lastAt < silentBefore;
  // Fast path for an answer that settles no sample and no time.
  const { publishers: known } = ledger.judged;
  const isNothing = settled.length === 0 && !isHole(coveredTo, missedTo, lastHoleTo, periodMs);
  if (isNothing && known.length <= maxPublishers && !known.some(isSilent)) return ledger;
  let { missingMs, sessions, clientChanges } = ledger.totals;
  const { since } = ledger.judged;
  // Search linearly, because the publishers are few. Search only if the publisher differs from that of the
  // previous sample. The limit also applies to the publishers that an earlier version saved without a limit.
  const publishers = known.slice(0, maxPublishers);
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
      onEmpty?.({ from: emptyFrom({ since, missedTo }), to: holeTo });
      missedTo = holeTo;
    }
    coveredTo = Math.max(coveredTo, at);
    missedTo = Math.max(missedTo, coveredTo);

    const silentMs = silentAfterMs(staleAfterMs, ownMs);
    const name = (isMixed ? clientIp : undefined) ?? session ?? clientIp ?? unnamedPublisher;
    if (name !== publisher || index === -1) {
      if (publisher !== undefined && index !== -1) publishers[index] = [publisher, lastAt];
      const found = findPublisher(publishers, name, at - silentMs, clientIp);
      index = found === -1 ? freePlace(publishers, at - silentMs) : found;
      [publisher, lastAt] = publishers[found] ?? [name, since];
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
  if (isHole(coveredTo, missedTo, lastHoleTo, periodMs)) {
    if (live !== undefined) missingMs += dueMs(live, missedTo, lastHoleTo);
    onEmpty?.({ from: emptyFrom({ since, missedTo }), to: lastHoleTo });
    missedTo = lastHoleTo;
  }

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

/**
 * Returns the exclusive start of empty time that follows the settled time (epoch ms). The time `since` itself belongs
 * to the empty time.
 */
export function emptyFrom({ since, missedTo }: Pick<SettledState, 'since' | 'missedTo'>): EpochMs {
  return missedTo === since ? since - 1 : missedTo;
}

/** Reports whether the time between `coveredTo` and `holeTo` is missing and not counted yet. */
function isHole(coveredTo: EpochMs, missedTo: EpochMs, holeTo: EpochMs, periodMs: number): boolean {
  return isEmptyTime(coveredTo, holeTo, periodMs) && holeTo > missedTo;
}
