import type { ControlAction } from '../model/control-action.ts';
import {
  type ActionTotal,
  type ActionTotals,
  type BanState,
  banSince,
  type ControlLedger,
} from '../model/control-ledger.ts';
import { type ControlRecord, noStreams } from '../model/control-record.ts';
import { changedEntries, removedKeys, withChanges } from '../model/layered-map.ts';
import type { StreamId } from '../model/stream.ts';
import { diffActions, patchActions } from './action-diff.ts';
import {
  diffNumber,
  diffNumbers,
  type NumberDiff,
  patchNumber,
  patchNumbers,
  withoutEnd,
} from './number-diff.ts';

/**
 * Change of a control record in a compact JSON form: polling progress (see `progressOf`), application of the
 * last request (0: unchanged, null: unknown), totals of the domain, totals of the changed streams, keys of the
 * removed streams, counted actions.
 */
export type ControlChange = readonly [
  progress: readonly NumberDiff[],
  appName: string | 0 | null,
  domain: readonly TotalChange[],
  streams: readonly (readonly [streamKey: string, ...totals: readonly TotalChange[]])[],
  removedStreams: readonly string[],
  seen: SeenChange,
];

/**
 * Action label, then the changes of the number of actions, of the time of the last one, and of `leftZero`. If
 * the number is null, the label is gone: a stream was removed and has returned. With the empty label, which
 * no action has, the changes are those of the ban of a stream (see `banNumbers`).
 */
export type TotalChange = readonly [label: string, ...numbers: readonly NumberDiff[]];

type SeenChange = readonly [dropped: number, removed: readonly number[], added: readonly ActionRow[]];

/**
 * Action: its time, counted from the action before, then domain, stream, action, application and address, each
 * 0 if it is that of the action before. Zeros at the end are omitted.
 */
export type ActionRow = readonly [actedAt: NumberDiff, ...fields: readonly (string | 0 | null)[]];

/** Returns the change from `before` to `after`; without `before`, the whole record. */
export function diffControl(before: ControlRecord | undefined, after: ControlRecord): ControlChange {
  const known = before?.target.seen ?? [];
  const { dropped, removed, added } = diffActions(known, after.target.seen);
  return [
    diffNumbers(before && progressOf(before), progressOf(after)),
    before !== undefined && before.appName === after.appName ? 0 : (after.appName ?? null),
    diffTotals(before?.domain.actions ?? {}, after.domain.actions),
    diffStreams(before?.streams ?? noStreams, after.streams),
    before === undefined ? [] : [...removedKeys(before.streams, after.streams)],
    [dropped, removed, toActionRows(known.at(-1), added)],
  ];
}

/** Returns the record with the key `targetKey` after a change. Without `before`, the change is the whole record. */
export function patchControl(
  before: ControlRecord | undefined,
  targetKey: string,
  [progress, appName, domain, changes, removedStreams, [dropped, removed, rows]]: ControlChange,
): ControlRecord {
  const [watermark, floor, backFrom, frozenAt, rescannedAt, gapMs] = patchNumbers(
    before && progressOf(before),
    progress,
    6,
  );
  const known = before?.target.seen ?? [];
  const added = fromActionRows(known.at(-1), rows);
  const streams = before?.streams ?? noStreams;
  const changed = new Map<string, ControlLedger | undefined>();
  for (const [key, ...totals] of changes) changed.set(key, patchStream(streams.get(key), key, totals));
  for (const key of removedStreams) changed.set(key, undefined);
  return {
    question: 'control_history',
    targetKey,
    frozenAt: frozenAt || undefined,
    target: {
      watermark: watermark ?? 0,
      floor: floor ?? 0,
      backFrom: backFrom || undefined,
      seen: patchActions(known, { dropped, removed, added }),
    },
    domain: { actions: patchTotals(before?.domain.actions ?? {}, domain), gapMs: gapMs ?? 0 },
    streams: withChanges(streams, changed),
    rescannedAt: rescannedAt ?? 0,
    appName: appName === 0 ? before?.appName : (appName ?? undefined),
  };
}

/** No time of a record is 0, so 0 stands for undefined here: then a record without these times is short. */
function progressOf({ target, frozenAt = 0, rescannedAt, domain }: ControlRecord) {
  const { watermark, floor, backFrom = 0 } = target;
  return [watermark, floor, backFrom, frozenAt, rescannedAt, domain.gapMs];
}

/** Returns the changes of a stream's totals, as `diffControl` writes them. */
export function diffStreams(
  before: ControlRecord['streams'],
  after: ControlRecord['streams'],
): ControlChange[3] {
  const changes: [string, ...TotalChange[]][] = [];
  for (const [key, ledger] of changedEntries(before, after)) {
    const known = before.get(key);
    const totals = diffTotals(known?.actions ?? {}, ledger.actions);
    const ban = ledger.ban === known?.ban ? [] : diffNumbers(banNumbers(known?.ban), banNumbers(ledger.ban));
    changes.push([key, ...totals, ...(ban.length === 0 ? [] : [[banLabel, ...ban] as const])]);
  }
  return changes;
}

/** Returns the totals of the stream `key` after changes. */
export function patchStream(
  before: ControlLedger | undefined,
  key: string,
  totals: readonly TotalChange[],
): ControlLedger {
  const stream = before?.stream ?? toStreamId(key);
  const actions = patchTotals(
    before?.actions ?? {},
    totals.filter(([label]) => label !== banLabel),
  );
  const [, ...diffs] = totals.find(([label]) => label === banLabel) ?? [];
  const ban =
    diffs.length === 0 ? before?.ban : fromBanNumbers(patchNumbers(banNumbers(before?.ban), diffs, 4));
  return ban === undefined ? { stream, actions } : { stream, actions, ban };
}

/** Label of a change of a ban. */
const banLabel = '';

/**
 * Returns the state (0: unknown, 1: free, 2: forbidden), its time, the expected end of the ban (0: unknown),
 * and the time at which it was found (0: at its start), which an earlier version of the exporter ignores.
 */
function banNumbers(ban: BanState | undefined): readonly number[] {
  if (ban === undefined) return [0, 0, 0, 0];
  return [ban.isForbidden ? 2 : 1, ban.since, ban.expiresAt ?? 0, ban.foundAt ?? 0];
}

function fromBanNumbers([state, since = 0, end, foundAt = 0]: readonly (number | undefined)[]):
  | BanState
  | undefined {
  if (!state) return undefined;
  const expiresAt = end || undefined;
  // An earlier version of the exporter changes the other numbers and leaves the last one.
  return state === 2 ? banSince(since, foundAt, expiresAt) : { isForbidden: false, since, expiresAt };
}

/** Returns the stream of a stream key (see `streamKey`). */
function toStreamId(key: string): StreamId {
  // The cast is safe: `streamKey` wrote the key.
  const [account, provider, domain, appName, stream] = JSON.parse(key) as [
    string,
    StreamId['provider'],
    string,
    string,
    string,
  ];
  return { account, provider, domain, appName, stream };
}

function diffTotals(before: ActionTotals, after: ActionTotals): readonly TotalChange[] {
  if (before === after) return [];
  const gone = Object.keys(before).filter((label) => !Object.hasOwn(after, label));
  const changed = Object.entries(after).flatMap(([label, total]): TotalChange[] => {
    const known = Object.hasOwn(before, label) ? before[label] : undefined;
    if (total === known) return [];
    const numbers = diffNumbers(known && totalNumbers(known), totalNumbers(total));
    return numbers.length === 0 && known !== undefined ? [] : [[label, ...numbers]];
  });
  return [...changed, ...gone.map((label): TotalChange => [label, null])];
}

function patchTotals(before: ActionTotals, changes: readonly TotalChange[]): ActionTotals {
  if (changes.length === 0) return before;
  const totals = new Map(Object.entries(before));
  for (const [label, ...diffs] of changes) {
    const known = totals.get(label);
    const [count, lastAt, leftZero] = patchNumbers(known && totalNumbers(known), diffs, 3);
    if (count === undefined) totals.delete(label);
    else totals.set(label, { count, lastAt, leftZero: leftZero === 1 });
  }
  return Object.fromEntries(totals);
}

function totalNumbers({ count, lastAt, leftZero }: ActionTotal): readonly (number | undefined)[] {
  return [count, lastAt, Number(leftZero)];
}

/** Converts sorted actions. `before` is the last counted action. */
export function toActionRows(
  before: ControlAction | undefined,
  actions: readonly ControlAction[],
): readonly ActionRow[] {
  let previous = before;
  return actions.map((action): ActionRow => {
    const known = previous;
    previous = action;
    const fields = actionFields.map((field) =>
      known !== undefined && known[field] === action[field] ? 0 : (action[field] ?? null),
    );
    return [diffNumber(known?.actedAt ?? 0, action.actedAt), ...withoutEnd(fields)];
  });
}

/** Restores the actions that `toActionRows` has converted with the same `before`. */
export function fromActionRows(
  before: ControlAction | undefined,
  rows: readonly ActionRow[],
): readonly ControlAction[] {
  let previous = before;
  return rows.map(([at, ...fields]) => {
    const known = previous;
    const text = (i: number): string | undefined => {
      const value = fields[i] ?? (i < fields.length ? null : 0);
      const field = actionFields[i];
      return value === 0 ? field && known?.[field] : (value ?? undefined);
    };
    previous = {
      actedAt: patchNumber(known?.actedAt ?? 0, at) ?? 0,
      domain: text(0) ?? '',
      appName: text(3) ?? '',
      stream: text(1) ?? '',
      action: text(2) ?? '',
      clientIp: text(4),
    };
    return previous;
  });
}

const actionFields = ['domain', 'stream', 'action', 'appName', 'clientIp'] as const;
