import type { PushLedger } from '../model/push-ledger.ts';
import type { PushRecord } from '../model/push-record.ts';
import { pushSamples } from '../model/push-sample.ts';
import { streamKeyOf } from '../model/target.ts';
import { type AlertsChange, diffAlerts, patchAlerts } from './alerts-change.ts';
import { diffEmpty, type EmptyChange, patchEmpty } from './empty-change.ts';
import { diffNumbers, type NumberDiff, patchNumbers } from './number-diff.ts';
import { diffRoute, patchRoute, type RouteChange } from './route-change.ts';
import { diffRows, patchRows } from './row-diff.ts';
import { fromRuns, type SampleRun, toRuns } from './sample-runs.ts';

/**
 * Change of a push record in a compact JSON form: polling progress (see `progressOf`), ledger of the target's
 * own stream, counted samples, empty ranges (0: unchanged, null: none), ledgers of other streams (null: the
 * stream is gone), route, alerts. The last four are omitted if they are unchanged.
 */
export type PushChange = readonly [
  progress: readonly NumberDiff[],
  push: LedgerChange,
  seen: SeenChange,
  empty?: EmptyChange | 0 | null,
  streams?: readonly (readonly [streamKey: string, ledger: LedgerChange | null])[],
  route?: RouteChange,
  alerts?: AlertsChange,
];

type SeenChange = readonly [dropped: number, removed: readonly number[], added: readonly SampleRun[]];

/**
 * Numbers of a ledger (see `numbersOf`), the followed address (0: unchanged, null: none) and the publishers:
 * changes of their times if the names are the same, otherwise all names and times; null: none.
 */
type LedgerChange = readonly [
  numbers: readonly NumberDiff[],
  followed: string | 0 | null,
  publishers: readonly NumberDiff[] | readonly (readonly [string, number])[] | null,
];

/** Returns the change from `before` to `after`; without `before`, the whole record. */
export function diffPush(before: PushRecord | undefined, after: PushRecord): PushChange {
  const { dropped, removed, added } = diffRows(pushSamples, before?.target.seen ?? [], after.target.seen);
  const change = [
    diffNumbers(before && progressOf(before), progressOf(after)),
    diffLedger(before?.push, after.push),
    [dropped, removed, toRuns(before?.target.seen.at(-1), added)],
  ] as const;
  const empty = diffEmpty(before?.empty, after.empty);
  const streams = diffStreams(before?.streams, after.streams);
  const route = diffRoute(before?.route, after.route);
  const alerts = diffAlerts(before?.alerts, after.alerts);
  if (alerts !== 0) return [...change, empty, streams, route, alerts];
  if (route !== 0) return [...change, empty, streams, route];
  if (streams.length > 0) return [...change, empty, streams];
  return empty === 0 ? change : [...change, empty];
}

/** Returns the record with the key `targetKey` after a change. Without `before`, the change is the whole record. */
export function patchPush(
  before: PushRecord | undefined,
  targetKey: string,
  [progress, push, [dropped, removed, runs], empty = 0, streams = [], route = 0, alerts = 0]: PushChange,
): PushRecord {
  const [watermark, floor, backFrom, frozenAt] = patchNumbers(before && progressOf(before), progress, 4);
  const known = before?.target.seen ?? [];
  const added = fromRuns(known.at(-1), runs);
  const patched = {
    question: 'push_stats' as const,
    targetKey,
    streamKey: streamKeyOf(targetKey),
    frozenAt: fromZero(frozenAt),
    target: {
      watermark: watermark ?? 0,
      floor: floor ?? 0,
      backFrom: fromZero(backFrom),
      seen: patchRows(pushSamples, known, { dropped, removed, added }),
    },
    push: patchLedger(before?.push, push),
    empty: patchEmpty(before?.empty, empty),
    route: patchRoute(before?.route, route),
    alerts: patchAlerts(before?.alerts, alerts),
  };
  const others = patchStreams(before?.streams, streams);
  return others === undefined ? patched : { ...patched, streams: others };
}

/** No time of a record is 0, so 0 stands for undefined here: then a record without these times is short. */
function progressOf({ target: { watermark, floor, backFrom = 0 }, frozenAt = 0 }: PushRecord) {
  return [watermark, floor, backFrom, frozenAt];
}

function fromZero(at: number | undefined): number | undefined {
  return at === 0 ? undefined : at;
}

function diffLedger(before: PushLedger | undefined, after: PushLedger): LedgerChange {
  const followed = after.judged.followed?.clientIp;
  const known = before?.judged.publishers ?? [];
  const { publishers } = after.judged;
  const isSame =
    known.length === publishers.length && publishers.every(([name], i) => name === known[i]?.[0]);
  const times = (list: typeof publishers) => list.map(([, lastAt]) => lastAt);
  return [
    diffNumbers(before && numbersOf(before), numbersOf(after)),
    followed === before?.judged.followed?.clientIp ? 0 : (followed ?? null),
    isSame ? diffNumbers(times(known), times(publishers)) : publishers.length === 0 ? null : publishers,
  ];
}

function patchLedger(
  before: PushLedger | undefined,
  [diffs, followedIp, publishers]: LedgerChange,
): PushLedger {
  const [leftZero, newestAt, lastAt, ...counts] = patchNumbers(
    before && numbersOf(before),
    diffs,
    numberCount,
  );
  // The cast is safe: only `newestAt` and `lastAt` can be undefined.
  const [since, coveredTo, missedTo, samples, observedMs, milliframes, bytes, fps, bitrate, ...times] =
    counts as number[];
  const [
    sessions,
    clientChanges,
    backfilledMs,
    missingMs,
    gapMs,
    badMs,
    low_fps,
    no_video,
    low_bitrate,
    ...media
  ] = times;
  const [video, audio, video_stall, newestDelayMs] = media;
  const clientIp = followedIp === 0 ? before?.judged.followed?.clientIp : (followedIp ?? undefined);
  const number = (value: number | undefined) => value ?? 0;
  return {
    totals: {
      samples: number(samples),
      observedMs: number(observedMs),
      measuredMs: { fps: number(fps), bitrate: number(bitrate) },
      milliframes: number(milliframes),
      bytes: number(bytes),
      mediaMs: { video: fromKnown(video), audio: fromKnown(audio) },
      degradedMs: {
        low_fps: number(low_fps),
        no_video: number(no_video),
        low_bitrate: number(low_bitrate),
        video_stall: number(video_stall),
      },
      badMs: number(badMs),
      missingMs: number(missingMs),
      backfilledMs: number(backfilledMs),
      gapMs: number(gapMs),
      sessions: number(sessions),
      clientChanges: number(clientChanges),
    },
    newestAt,
    newestDelayMs: fromKnown(newestDelayMs),
    judged: {
      since: number(since),
      coveredTo: number(coveredTo),
      missedTo: number(missedTo),
      publishers: patchPublishers(before?.judged.publishers ?? [], publishers),
      followed: clientIp === undefined ? undefined : { clientIp, lastAt: number(lastAt) },
    },
    leftZero: leftZero === 1,
  };
}

/** Numbers of a ledger, those that change with each answer first. `patchLedger` reads them in the same order. */
function numbersOf({
  leftZero,
  newestAt,
  newestDelayMs,
  judged,
  totals,
}: PushLedger): readonly (number | undefined)[] {
  const { measuredMs, mediaMs, degradedMs } = totals;
  return [
    Number(leftZero),
    newestAt,
    judged.followed?.lastAt,
    judged.since,
    judged.coveredTo,
    judged.missedTo,
    totals.samples,
    totals.observedMs,
    totals.milliframes,
    totals.bytes,
    measuredMs.fps,
    measuredMs.bitrate,
    totals.sessions,
    totals.clientChanges,
    totals.backfilledMs,
    totals.missingMs,
    totals.gapMs,
    totals.badMs,
    degradedMs.low_fps,
    degradedMs.no_video,
    degradedMs.low_bitrate,
    // Changes of earlier versions end here.
    toKnown(mediaMs.video),
    toKnown(mediaMs.audio),
    degradedMs.video_stall,
    toKnown(newestDelayMs),
  ];
}

const numberCount = 25;

/**
 * Duration as it is stored: 0 stands for undefined, so that the change of a stream without media times is short, and
 * that changes of earlier versions contain no duration.
 */
function toKnown(ms: number | undefined): number {
  return ms === undefined ? 0 : ms + 1;
}

function fromKnown(stored = 0): number | undefined {
  return stored === 0 ? undefined : stored - 1;
}

type Publishers = PushLedger['judged']['publishers'];

function patchPublishers(before: Publishers, change: LedgerChange[2]): Publishers {
  if (change === null) return [];
  if (isNamed(change)) return change;
  const times = patchNumbers(
    before.map(([, lastAt]) => lastAt),
    change,
    before.length,
  );
  return before.map(([name, lastAt], i) => [name, times[i] ?? lastAt]);
}

/** Reports whether the list contains names. A difference of times is a list of numbers, or of one number each. */
function isNamed(
  change: readonly NumberDiff[] | readonly (readonly [string, number])[],
): change is readonly (readonly [string, number])[] {
  const [first] = change;
  return Array.isArray(first) && first.length === 2;
}

type Streams = PushRecord['streams'];

function diffStreams(before: Streams, after: Streams): [string, LedgerChange | null][] {
  const changes: [string, LedgerChange | null][] = [];
  for (const [key, ledger] of after ?? []) {
    const known = before?.get(key);
    if (ledger !== known) changes.push([key, diffLedger(known, ledger)]);
  }
  for (const key of before?.keys() ?? []) if (!after?.has(key)) changes.push([key, null]);
  return changes;
}

function patchStreams(before: Streams, changes: NonNullable<PushChange[4]>): Streams {
  if (changes.length === 0) return before;
  const streams = new Map(before);
  for (const [key, change] of changes) {
    if (change === null) streams.delete(key);
    else streams.set(key, patchLedger(streams.get(key), change));
  }
  return streams.size === 0 ? undefined : streams;
}
