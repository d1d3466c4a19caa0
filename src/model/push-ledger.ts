import { type Condition, conditions, type Expectation, hasCondition } from './expectation.ts';
import type { PushSample } from './push-sample.ts';
import { dueMs } from './schedule.ts';
import type { EpochMs, Window } from './time.ts';

/** What was counted of one stream since its ledger began: whole numbers, so that no order of adding changes a sum. */
export interface PushTotals {
  readonly samples: number;
  /** Push time that the samples speak for; two publishers at once both count. */
  readonly observedMs: number;
  /** Thousandths of a frame: frames per second x milliseconds. */
  readonly milliframes: number;
  readonly bytes: number;
  readonly degradedMs: Readonly<Record<Condition, number>>;
  /** In any condition. */
  readonly badMs: number;
  /** Due, answered, no sample. */
  readonly missingMs: number;
  /** The part of observedMs that was counted when it was older than fresh. */
  readonly backfilledMs: number;
  /** Time that the provider could not be asked about any more. */
  readonly gapMs: number;
  /** Pushes begun. */
  readonly sessions: number;
  readonly clientChanges: number;
}

/** Of one stream: its totals, and how far they are judged. A new one for each answer. */
export interface PushLedger {
  readonly totals: PushTotals;
  /** The time of the newest sample counted; undefined before the first. */
  readonly newestAt: EpochMs | undefined;
  /** What can only be judged in time order, up to the end of the lookback. */
  readonly judged: Judged;
  /** The counters were shown at 0 to every scraper that there was, and may leave it. Saved before it is acted on. */
  readonly leftZero: boolean;
}

export interface Judged {
  /** Watched without a break since then. */
  readonly since: EpochMs;
  /** Where the last sample's time ends, or where watching began. */
  readonly coveredTo: EpochMs;
  /** Missing time is counted up to here. */
  readonly missedTo: EpochMs;
  /** Who pushed lately, by session or address, with the time of the last sample. */
  readonly publishers: readonly (readonly [publisher: string, lastAt: EpochMs])[];
  /** The address whose changes are counted: it is kept until it falls silent. */
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

/** The ledger of a stream that is watched from `since` on. */
export function newPushLedger(since: EpochMs): PushLedger {
  return { totals: noTotals, newestAt: undefined, judged: watchedFrom(since), leftZero: false };
}

function watchedFrom(since: EpochMs): Judged {
  return { since, coveredTo: since, missedTo: since, publishers: [], followed: undefined };
}

/**
 * Adds samples never counted before; each adds what it says by itself, whatever came before it. Samples from before
 * `freshFrom` are counted as backfilled as well.
 */
export function addSamples(
  ledger: PushLedger,
  fresh: readonly PushSample[],
  { expectation, freshFrom }: { expectation: Expectation; freshFrom: EpochMs },
): PushLedger {
  if (fresh.length === 0) return ledger;
  const totals = { ...ledger.totals, degradedMs: { ...ledger.totals.degradedMs } };
  let newestAt = ledger.newestAt ?? Number.NEGATIVE_INFINITY;
  for (const sample of fresh) {
    const { measuredAt, periodMs, framesPerSecond, bitsPerSecond } = sample;
    totals.samples++;
    totals.observedMs += periodMs;
    if (framesPerSecond !== undefined) totals.milliframes += Math.round(framesPerSecond * periodMs);
    if (bitsPerSecond !== undefined) totals.bytes += Math.round((bitsPerSecond * periodMs) / 8000);
    if (measuredAt < freshFrom) totals.backfilledMs += periodMs;
    let bad = false;
    for (const condition of conditions) {
      if (!hasCondition(condition, sample, expectation)) continue;
      totals.degradedMs[condition] += periodMs;
      bad = true;
    }
    if (bad) totals.badMs += periodMs;
    if (measuredAt > newestAt) newestAt = measuredAt;
  }
  return { ...ledger, totals, newestAt };
}

export interface Settling {
  /** All samples from before `to` are known: the end of the lookback. */
  readonly to: EpochMs;
  readonly expectation: Expectation;
  /** How much time a sample speaks for, as a rule. */
  readonly periodMs: number;
  /** A publisher without a sample for longer than this has stopped. */
  readonly silentAfterMs: number;
}

/** Judges what depends on order: samples that left the lookback, in time order, and the time up to its end. */
export function settle(ledger: PushLedger, settled: readonly PushSample[], settling: Settling): PushLedger {
  const { to, expectation, periodMs, silentAfterMs } = settling;
  const { live } = expectation;
  let { coveredTo, missedTo } = ledger.judged;
  let { missingMs, sessions, clientChanges } = ledger.totals;
  const { since } = ledger.judged;
  /** Few, so they are looked through where the one who pushes changes. */
  const publishers = [...ledger.judged.publishers];
  let place = -1;
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

    const pushes = session ?? clientIp ?? '';
    if (pushes !== publisher) {
      if (publisher !== undefined) publishers[place] = [publisher, lastAt];
      publisher = pushes;
      const known = publishers.findIndex(([name]) => name === pushes);
      place = known === -1 ? publishers.length : known;
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
  if (publisher !== undefined) publishers[place] = [publisher, lastAt];
  // A sample still to come covers no time from before this.
  const holeTo = to - periodMs;
  if (isHole(coveredTo, missedTo, holeTo, periodMs)) {
    if (live !== undefined) missingMs += dueMs(live, missedTo, holeTo);
    missedTo = holeTo;
  }

  // Coming back, it begins a push whether it is remembered or not.
  const isSilent = ([, at]: Judged['publishers'][number]) => at < to - silentAfterMs;
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
      publishers: publishers.some(isSilent) ? publishers.filter((one) => !isSilent(one)) : publishers,
      followed: followedIp === undefined ? undefined : { clientIp: followedIp, lastAt: followedAt },
    },
  };
}

/** A hole between two samples is missing time when it is longer than half a period: shorter ones are the grid's jitter. */
function isHole(coveredTo: EpochMs, missedTo: EpochMs, holeTo: EpochMs, periodMs: number): boolean {
  return holeTo - coveredTo > periodMs / 2 && holeTo > missedTo;
}

/** Counts time that can't be asked about any more. Who pushed meanwhile is unknown, so nothing begins or is missing in it. */
export function addGap(ledger: PushLedger, lost: Window): PushLedger {
  const { followed } = ledger.judged;
  return {
    ...ledger,
    totals: { ...ledger.totals, gapMs: ledger.totals.gapMs + (lost.to - lost.from) },
    judged: { ...watchedFrom(lost.to), followed },
  };
}
