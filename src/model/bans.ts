import type { ControlAction } from './control-action.ts';
import {
  type BanState,
  banSince,
  type ControlLedger,
  forbiddenSince,
  forbiddenStreams,
  isBanShown,
  isForbidden,
  lastKnownAt,
  newControlLedger,
  streamsOfName,
} from './control-ledger.ts';
import { addToTotals, type ControlBounds, type ControlRecord, rescanLookbackMs } from './control-record.ts';
import { withChanges } from './layered-map.ts';
import { newActions } from './new-actions.ts';
import type { BanAction, ForbiddenStream } from './questions.ts';
import { type StreamId, streamKey } from './stream.ts';
import type { ControlTarget } from './target.ts';
import { wholeSecond } from './target-ledger.ts';
import { type EpochMs, minuteMs, secondMs } from './time.ts';

/** Settings for counting a list of forbidden streams. */
export interface BanSettings extends ControlBounds {
  /** Wall clock time of the request (epoch ms). */
  readonly now: EpochMs;
  /** See `ForbiddenStreamsSource.countedActions`. */
  readonly countedActions: readonly BanAction[];
  /** Whether the list contains all bans, so that a missing stream is not forbidden. */
  readonly isComplete: boolean;
  /** Whether the domain is the only watched one of the account, so that bans without a domain apply to it. */
  readonly isOnlyDomain: boolean;
}

/** Times of the first complete lists without a stream that was forbidden (epoch ms), by stream key. */
export type MissingBans = ReadonlyMap<string, EpochMs>;

/**
 * Minimum time in ms for which complete lists must lack a ban before it counts as lifted. So a list that
 * lacks a ban by mistake once shows no false resume.
 */
const confirmMs = 10 * secondMs;

/** Time in ms before its expected end from which a missing ban counts as expired. */
const expiryToleranceMs = minuteMs;

/** Ban on one stream of the domain. */
interface Ban extends Pick<ForbiddenStream, 'forbiddenAt' | 'expiresAt'> {
  readonly stream: StreamId;
}

/**
 * Updates the state of all streams of a domain to a list of forbidden streams, and counts the actions that
 * the list shows: a forbid when a ban begins, and a resume when a ban disappears before its expected end.
 * Bans that began before the floor of the record are not counted, like actions. Returns the new record, the
 * keys of new streams, and the bans that are missing since less than `confirmMs`.
 */
export function countBans(
  record: ControlRecord,
  list: readonly ForbiddenStream[],
  target: ControlTarget,
  settings: BanSettings,
  missing: MissingBans,
) {
  const { now, countedActions, actionLabels, isComplete } = settings;
  const bans = bansOf(record, list, target, settings);
  const { lifted, stillMissing } = isComplete
    ? liftedBans(record, bans, now, missing)
    : { lifted: [], stillMissing: new Map([...missing].filter(([key]) => !bans.has(key))) };
  const rows = [
    ...(countedActions.includes('forbid') ? newBans(record, bans).flatMap(toForbid) : []),
    ...(countedActions.includes('resume') ? lifted.flatMap(toResume) : []),
  ];
  const { watermark } = record.target;
  const { ledger, added } = newActions(
    record.target,
    // The list has no window, so it does not change the time up to which actions are known.
    { window: { from: watermark, to: watermark }, now, lookbackMs: rescanLookbackMs },
    rows,
  );
  const totals = addToTotals(record, added, target, actionLabels);
  const newStreams = new Set(totals.newStreams);
  const changed = new Map<string, ControlLedger>();
  for (const [key, ban] of bans) {
    const known = totals.streams.get(key);
    const before = known ?? newControlLedger(ban.stream);
    const after = withBan(before, ban, now);
    if (after === before) continue;
    if (known === undefined) newStreams.add(key);
    changed.set(key, after);
  }
  for (const { key, at } of lifted) {
    const known = totals.streams.get(key);
    if (known !== undefined) changed.set(key, withoutBan(known, at));
  }
  const streams = withChanges(totals.streams, changed);
  return {
    record:
      streams === record.streams ? record : { ...record, target: ledger, domain: totals.domain, streams },
    added,
    newStreams: [...newStreams],
    missing: stillMissing,
  };
}

/**
 * Updates the record to the state of a single stream, which was requested at `now` (wall clock). Returns the
 * same record if the state is known already, if it contains a newer action, or if the stream is free and has
 * no ledger. Counts no action: the state does not distinguish a resume from the expiry of a ban.
 */
export function withState(
  record: ControlRecord,
  stream: StreamId,
  isForbiddenNow: boolean,
  now: EpochMs,
): ControlRecord {
  const key = streamKey(stream);
  const before = record.streams.get(key);
  const known = before ?? newControlLedger(stream);
  const wasForbidden = before === undefined ? false : isForbidden(before, undefined);
  // A ban that only an action shows is noted, so that the stream is not removed as inactive while it lasts.
  const isNoted = !isForbiddenNow || isBanShown(known);
  if (wasForbidden === isForbiddenNow && isNoted) return record;
  const since = wasForbidden === isForbiddenNow ? forbiddenSince(known) : Math.max(now, lastKnownAt(known));
  // An action after the request was counted during the request.
  if (lastKnownAt({ ...known, ban: undefined }) > now) return record;
  const ban: BanState = isForbiddenNow
    ? banSince(since, now, undefined)
    : { isForbidden: false, since, expiresAt: undefined };
  return { ...record, streams: withChanges(record.streams, new Map([[key, { ...known, ban }]])) };
}

/**
 * Returns the bans of a list that apply to streams of the domain, by stream key: of each stream the newest
 * one.
 */
function bansOf(
  record: ControlRecord,
  list: readonly ForbiddenStream[],
  { account, provider, domain, appName, appNames }: ControlTarget,
  { isOnlyDomain }: BanSettings,
): ReadonlyMap<string, Ban> {
  const apps = appNames ?? (appName === undefined ? undefined : [appName]);
  const bans = new Map<string, Ban>();
  const add = (stream: StreamId, { forbiddenAt, expiresAt }: ForbiddenStream) => {
    const key = streamKey(stream);
    const known = bans.get(key);
    if (known === undefined || (forbiddenAt ?? 0) > (known.forbiddenAt ?? 0)) {
      bans.set(key, { stream, forbiddenAt, expiresAt });
    }
  };
  for (const row of list) {
    if (row.appName !== undefined && apps !== undefined && !apps.includes(row.appName)) continue;
    const appName = row.appName ?? (apps?.length === 1 ? apps[0] : undefined);
    const isNamed = row.domain !== undefined;
    if (isNamed && row.domain.toLowerCase() !== domain.toLowerCase()) continue;
    const own = { account, provider, domain, appName: appName ?? '', stream: row.stream };
    if (isNamed && appName !== undefined) {
      add(own, row);
      continue;
    }
    // A ban without a domain or an application applies to the stream name in each of them, so to each stream
    // that is known.
    const known = streamsOfName(record.streams, row.stream).filter(
      ([, { stream }]) => row.appName === undefined || stream.appName === row.appName,
    );
    for (const [, { stream }] of known) add(stream, row);
    if (known.length === 0 && (isNamed || isOnlyDomain)) add(own, row);
  }
  return bans;
}

/** Ban that is lifted, with the ledger of its stream before. */
interface Lifted {
  readonly key: string;
  readonly ledger: ControlLedger;
  /** Time of the first list without the ban (epoch ms, a whole second). */
  readonly at: EpochMs;
}

/**
 * Returns the bans that are lifted according to a complete list, and those that are missing but not confirmed
 * yet.
 */
function liftedBans(
  { streams }: ControlRecord,
  bans: ReadonlyMap<string, Ban>,
  now: EpochMs,
  missing: MissingBans,
): { readonly lifted: readonly Lifted[]; readonly stillMissing: MissingBans } {
  const lifted: Lifted[] = [];
  const stillMissing = new Map<string, EpochMs>();
  for (const [key, ledger] of forbiddenStreams(streams)) {
    if (bans.has(key)) continue;
    const since = missing.get(key);
    // An action after the first list without the ban is a new forbid that the list does not contain yet.
    if (since !== undefined && since <= now && since >= lastKnownAt(ledger) && now - since >= confirmMs) {
      lifted.push({ key, ledger, at: wholeSecond(since) });
    } else {
      stillMissing.set(key, since !== undefined && since >= lastKnownAt(ledger) ? since : now);
    }
  }
  return { lifted, stillMissing };
}

/**
 * Returns the bans that the record does not contain yet. Only these have to be counted: most lists change
 * little.
 */
function newBans({ streams }: ControlRecord, bans: ReadonlyMap<string, Ban>): readonly Ban[] {
  const added: Ban[] = [];
  for (const [key, ban] of bans) {
    const known = streams.get(key)?.ban;
    if (known?.isForbidden !== true || known.since !== ban.forbiddenAt) added.push(ban);
  }
  return added;
}

function toForbid({ stream, forbiddenAt }: Ban): readonly ControlAction[] {
  return forbiddenAt === undefined ? [] : [toAction(stream, 'forbid', forbiddenAt)];
}

/**
 * Returns the resume of a lifted ban; nothing if the ban can have expired, or if its expected end is unknown.
 */
function toResume({ ledger: { stream, ban }, at }: Lifted): readonly ControlAction[] {
  const expiresAt = ban?.isForbidden ? ban.expiresAt : undefined;
  return expiresAt === undefined || expiresAt <= at + expiryToleranceMs
    ? []
    : [toAction(stream, 'resume', at)];
}

function toAction({ domain, appName, stream }: StreamId, action: BanAction, actedAt: EpochMs): ControlAction {
  return { actedAt: wholeSecond(actedAt), domain, appName, stream, action, clientIp: undefined };
}

/**
 * Returns the ledger with a ban, so that the stream is forbidden; the same ledger if it contains the ban
 * already. A ban without a start time on a stream that is known as forbidden is the known ban, which keeps its
 * begin.
 */
function withBan(ledger: ControlLedger, { forbiddenAt, expiresAt }: Ban, now: EpochMs): ControlLedger {
  const { ban } = ledger;
  const isKnown = isForbidden(ledger, undefined) === true;
  const isSame = ban?.isForbidden && ban.expiresAt === expiresAt;
  if (isSame && (forbiddenAt === undefined ? isBanShown(ledger) : isKnown && ban.since >= forbiddenAt)) {
    return ledger;
  }
  const since = forbiddenAt ?? (isKnown ? forbiddenSince(ledger) : now);
  const begun = { ...ledger, ban: banSince(since, forbiddenAt ?? now, expiresAt) };
  if (isForbidden(begun, undefined)) return begun;
  // According to a newer action, the stream is free, but the list still contains it.
  const foundAt = Math.max(now, lastKnownAt(ledger));
  return { ...ledger, ban: banSince(foundAt, foundAt, expiresAt) };
}

/** Returns the ledger with the fact that the stream was free at `at`. */
function withoutBan(ledger: ControlLedger, at: EpochMs): ControlLedger {
  const since = Math.max(at, ledger.actions.forbid?.lastAt ?? 0, ledger.actions.resume?.lastAt ?? 0);
  return { ...ledger, ban: { isForbidden: false, since, expiresAt: undefined } };
}
