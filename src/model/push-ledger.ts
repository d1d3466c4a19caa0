import { type Condition, conditions, type Expectation, hasCondition } from './expectation.ts';
import { dueMs } from './live-schedule.ts';
import type { PushSample } from './push-sample.ts';
import type { EpochMs, Window } from './time.ts';

/** Totals of one stream since its ledger started. Integers, so that the order cannot change a sum. */
export interface PushTotals {
  readonly samples: number;
  /** Push time that the samples cover; simultaneous publishers both count. */
  readonly observedMs: number;
  /** Thousandths of a frame: frames per second times milliseconds. */
  readonly milliframes: number;
  readonly bytes: number;
  readonly degradedMs: Readonly<Record<Condition, number>>;
  /** Time in any condition. */
  readonly badMs: number;
  /** Time expected live and answered, without a sample. */
  readonly missingMs: number;
  /** Part of `observedMs` from samples that were stale when they were counted. */
  readonly backfilledMs: number;
  /** Time that could no longer be requested. */
  readonly gapMs: number;
  /** Pushes started. */
  readonly sessions: number;
  readonly clientChanges: number;
}

/** Push ledger of one stream. Immutable: each answer creates a new one. */
export interface PushLedger {
  readonly totals: PushTotals;
  /** Time of the newest counted sample; undefined before the first. */
  readonly newestAt: EpochMs | undefined;
  /** State of the totals that depend on time order. The state file stores this name. */
  readonly judged: SettledState;
  /** Whether the zero hold has released the counters: all known scrapers received them at 0. Saved first. */
  readonly leftZero: boolean;
}

/**
 * State of `settle` after the settled samples: those older than the lookback, which no new row can precede.
 */
export interface SettledState {
  /** Start of the time without gaps. */
  readonly since: EpochMs;
  /** Time of the newest settled sample, or `since`. */
  readonly coveredTo: EpochMs;
  /** End of the time for which missing time is counted. */
  readonly missedTo: EpochMs;
  /** Recent publishers by session or address, with the time of their newest settled sample. */
  readonly publishers: readonly (readonly [publisher: string, lastAt: EpochMs])[];
  /** Publisher whose changes are counted. It is kept until it has no sample for `silentAfterMs`. */
  readonly followed: { readonly clientIp: string; readonly lastAt: EpochMs } | undefined;
}

const noTotals: PushTotals = {
  samples: 0,
  observedMs: 0,
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

/** Creates the ledger of a stream that is polled from `since` on. */
export function newPushLedger(since: EpochMs): PushLedger {
  return { totals: noTotals, newestAt: undefined, judged: settledFrom(since), leftZero: false };
}

function settledFrom(since: EpochMs): SettledState {
  return { since, coveredTo: since, missedTo: since, publishers: [], followed: undefined };
}

/**
 * Adds new samples. Each sample contributes independently of the others, so their order does not matter.
 * Samples from before `freshFrom` also count as backfilled.
 */
export function addSamples(
  ledger: PushLedger,
  added: readonly PushSample[],
  { expectation, freshFrom }: { expectation: Expectation; freshFrom: EpochMs },
): PushLedger {
  if (added.length === 0) return ledger;
  const totals = { ...ledger.totals, degradedMs: { ...ledger.totals.degradedMs } };
  let newestAt = ledger.newestAt ?? Number.NEGATIVE_INFINITY;
  for (const sample of added) {
    const { measuredAt, periodMs, framesPerSecond, bitsPerSecond } = sample;
    totals.samples++;
    totals.observedMs += periodMs;
    if (framesPerSecond !== undefined) totals.milliframes += Math.round(framesPerSecond * periodMs);
    if (bitsPerSecond !== undefined) totals.bytes += Math.round((bitsPerSecond * periodMs) / 8000);
    if (measuredAt < freshFrom) totals.backfilledMs += periodMs;
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

export interface Settling {
  /** End of the settled time: all samples from before `to` are known. */
  readonly to: EpochMs;
  readonly expectation: Expectation;
  /** Time that a sample normally covers. */
  readonly periodMs: number;
  /** A publisher without a sample for longer than this has ended its push. */
  readonly silentAfterMs: number;
}

/**
 * Updates the totals that depend on time order (missing time, sessions, client changes) with settled samples,
 * sorted by time, and with the time up to `to`. Long, because it runs for each answer: it keeps its state in
 * local variables and allocates nothing per sample.
 */
export function settle(ledger: PushLedger, settled: readonly PushSample[], settling: Settling): PushLedger {
  const { to, expectation, periodMs, silentAfterMs } = settling;
  const { live } = expectation;
  let { coveredTo, missedTo } = ledger.judged;
  let { missingMs, sessions, clientChanges } = ledger.totals;
  const { since } = ledger.judged;
  // Few, so a linear search is sufficient, and only if the publisher changes between two samples.
  const publishers = [...ledger.judged.publishers];
  let index = -1;
  let publisher: string | undefined;
  let lastAt = since;
  let followedIp = ledger.judged.followed?.clientIp;
  let followedAt = ledger.judged.followed?.lastAt ?? since;

  for (const { measuredAt: at, periodMs: ownMs, clientIp, session } of settled) {
    const holeTo = at - ownMs;
    if (isHole(coveredTo, missedTo, holeTo, periodMs)) {
      if (live !== undefined) missingMs += dueMs(live, missedTo, holeTo);
      missedTo = holeTo;
    }
    coveredTo = Math.max(coveredTo, at);
    missedTo = Math.max(missedTo, coveredTo);

    const name = session ?? clientIp ?? '';
    if (name !== publisher) {
      if (publisher !== undefined) publishers[index] = [publisher, lastAt];
      publisher = name;
      const known = publishers.findIndex(([other]) => other === name);
      index = known === -1 ? publishers.length : known;
      lastAt = publishers[known]?.[1] ?? since;
    }
    if (at - lastAt > silentAfterMs) sessions++;
    lastAt = at;

    if (clientIp === undefined) continue;
    if (followedIp !== undefined && followedIp !== clientIp) {
      if (at - followedAt <= silentAfterMs) continue;
      clientChanges++;
    }
    followedIp = clientIp;
    followedAt = at;
  }
  if (publisher !== undefined) publishers[index] = [publisher, lastAt];
  // The next sample is not before `to`, so it covers no time before this.
  const holeTo = to - periodMs;
  if (isHole(coveredTo, missedTo, holeTo, periodMs)) {
    if (live !== undefined) missingMs += dueMs(live, missedTo, holeTo);
    missedTo = holeTo;
  }

  // Eviction is safe: if a silent publisher returns, it starts a push in any case.
  const isSilent = ([, at]: SettledState['publishers'][number]) => at < to - silentAfterMs;
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

/** Reports whether the time up to `holeTo` is missing. Up to half a period is jitter of the sample times. */
function isHole(coveredTo: EpochMs, missedTo: EpochMs, holeTo: EpochMs, periodMs: number): boolean {
  return holeTo - coveredTo > periodMs / 2 && holeTo > missedTo;
}

/** Counts a gap. Its publishers are unknown, so it contains no missing time and starts no session. */
export function addGap(ledger: PushLedger, gap: Window): PushLedger {
  const { followed } = ledger.judged;
  return {
    ...ledger,
    totals: { ...ledger.totals, gapMs: ledger.totals.gapMs + (gap.to - gap.from) },
    judged: { ...settledFrom(gap.to), followed },
  };
}
