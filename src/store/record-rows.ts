import type { ControlAction } from '../model/control-action.ts';
import type { ControlLedger } from '../model/control-ledger.ts';
import { noStreams } from '../model/control-record.ts';
import { changedEntries, removedKeys } from '../model/layered-map.ts';
import { type Rows, withEnd } from '../model/row-list.ts';
import type { SavedRecord } from '../model/saved-record.ts';
import { isPushKey } from '../model/target.ts';
import { type EpochMs, hourMs } from '../model/time.ts';
import {
  type ActionRow,
  diffControl,
  diffStreams,
  fromActionRows,
  patchStream,
  type TotalChange,
  toActionRows,
} from './control-change.ts';
import { isVersion } from './journal-lines.ts';
import { diffRecord, patchRecord, type RecordDiff } from './record-change.ts';
import { put, type RowChange, removed } from './rows.ts';

/** Record with the number of its last saved change. */
export interface VersionedRecord {
  readonly version: number;
  readonly record: SavedRecord;
}

/**
 * Body of the row `record KEY`: the version, the record, and the names of the rows with its counted actions. Each
 * name has the number of its actions, unless an earlier version of the exporter wrote it: a row from before the last
 * save has fewer, and what it lacks would count twice.
 */
export type RecordBody = readonly [
  version: number,
  record: RecordDiff,
  seenNames?: readonly (readonly [name: string, actions?: number])[],
];

/** Body of the row `seen KEY NAME`: counted actions of a domain. */
export type SeenBody = readonly [targetKey: string, ...actions: readonly ActionRow[]];

/** Body of the row `stream KEY STREAM`: totals of the actions on one stream of a domain. */
type StreamBody = readonly [targetKey: string, ...totals: readonly TotalChange[]];

/** Problem of a row that is not of the same save as the row of its record. */
export const notOfLastSave = 'the row and that of its record are not of the same save';

/** Prefix of the keys of all rows of a frozen record. */
export const frozenPrefix = 'frozen ';

export const recordKey = (targetKey: string): string => `record ${targetKey}`;
export const seenPrefix = (targetKey: string): string => `seen ${targetKey} `;
export const streamPrefix = (targetKey: string): string => `stream ${targetKey} `;

/** Maximum number of actions in one row, so that reading a row does not block the event loop. */
const maxActionsPerRow = 500;

/**
 * Returns the row changes that save a record. A record of a domain has rows for its actions and streams, of
 * which only those that differ from `before`, the record in the state file, are written: compared by reference,
 * because each change creates new objects. `savedAt` is the time of the last change of the record.
 */
export function* toRecordRows(
  { version, record }: VersionedRecord,
  before: SavedRecord | undefined,
  savedAt: EpochMs,
): Iterable<RowChange> {
  const { targetKey } = record;
  if (record.question === 'push_stats') {
    yield put(recordKey(targetKey), JSON.stringify([version, diffRecord(undefined, record)]), savedAt);
    return;
  }
  const known = before?.question === 'control_history' ? before : undefined;
  const parts = partsOf(record.target.seen);
  const head = { ...record, streams: noStreams, target: { ...record.target, seen: [] } };
  const names = [...parts].map(([name, actions]) => [name, actions.length] as const);
  const body: RecordBody = [version, diffControl(undefined, head), names];
  yield put(recordKey(targetKey), JSON.stringify(body), savedAt);
  yield* seenRows(targetKey, parts, partsOf(known?.target.seen ?? []), savedAt);
  const streams = known?.streams ?? noStreams;
  const changed = new Map(changedEntries(streams, record.streams));
  for (const [stream, ...totals] of diffStreams(noStreams, changed)) {
    const content: StreamBody = [targetKey, ...totals];
    yield put(streamPrefix(targetKey) + stream, JSON.stringify(content), savedAt);
  }
  for (const stream of removedKeys(streams, record.streams)) {
    yield removed(streamPrefix(targetKey) + stream);
  }
}

function* seenRows(
  targetKey: string,
  parts: ReadonlyMap<string, readonly ControlAction[]>,
  before: ReadonlyMap<string, readonly ControlAction[]>,
  savedAt: EpochMs,
): Iterable<RowChange> {
  for (const [name, actions] of parts) {
    const known = before.get(name);
    if (known?.length === actions.length && actions.every((action, i) => action === known[i])) continue;
    const body: SeenBody = [targetKey, ...toActionRows(undefined, actions)];
    yield put(seenPrefix(targetKey) + name, JSON.stringify(body), savedAt);
  }
  for (const name of before.keys()) if (!parts.has(name)) yield removed(seenPrefix(targetKey) + name);
}

/**
 * Divides counted actions into the rows in which they are saved, by hour and then by number. So new actions
 * change the newest row only, and the oldest rows are deleted as a whole.
 */
function partsOf(seen: Rows<ControlAction>): ReadonlyMap<string, readonly ControlAction[]> {
  const parts = new Map<string, ControlAction[]>();
  const perHour = new Map<number, number>();
  for (const action of seen) {
    const hour = Math.floor(action.actedAt / hourMs);
    const count = perHour.get(hour) ?? 0;
    perHour.set(hour, count + 1);
    const name = `${hour}-${Math.floor(count / maxActionsPerRow)}`;
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [action]);
    else part.push(action);
  }
  return parts;
}

/**
 * Returns the keys of the rows with the counted actions of a record, in order of time, each with its number of
 * actions, if it is known.
 */
export function seenRowsOf(
  targetKey: string,
  [, , names = []]: RecordBody,
): ReadonlyMap<string, number | undefined> {
  return new Map(names.map(([name, actions]) => [seenPrefix(targetKey) + name, actions]));
}

/** Returns the rows of a record that has no saved changes. The rows of a frozen record have other keys. */
export function* toSnapshotRows(record: SavedRecord, savedAt: EpochMs): Iterable<RowChange> {
  const { frozenAt } = record;
  for (const change of toRecordRows({ version: 1, record }, undefined, frozenAt ?? savedAt)) {
    if (frozenAt === undefined || change.row === undefined) yield change;
    else yield put(frozenPrefix + change.key, change.row.body, frozenAt);
  }
}

/**
 * Returns the body of the row `record KEY` with the time at which the record was frozen, which is `at` unless it has
 * one.
 */
export function frozenHead(
  targetKey: string,
  body: string,
  at: EpochMs,
): { readonly body: string; readonly frozenAt: EpochMs } {
  // The cast is safe: the checksum of the row proves that `toRecordRows` wrote it.
  const [version, change, ...names] = JSON.parse(body) as RecordBody;
  const record = patchRecord(undefined, targetKey, change);
  const { frozenAt = at } = record;
  const frozen = diffRecord(undefined, { ...record, frozenAt });
  return { body: JSON.stringify([version, frozen, ...names]), frozenAt };
}

/** Row of a record: its key without the prefix of frozen records, and its body. */
export interface RecordRow {
  readonly key: string;
  readonly body: string;
}

/**
 * Creates a reader of one record. It receives the row `record KEY` first, then the rows with actions in the order
 * of `seenRowsOf`, then the rows of streams. `end` returns the record; undefined if there was no row.
 */
export function createRecordReader(targetKey: string) {
  let head: VersionedRecord | undefined;
  let seenRows: ReturnType<typeof seenRowsOf> = new Map();
  let seen: Rows<ControlAction> = [];
  const streams = new Map<string, ControlLedger>();
  return {
    add({ key, body }: RecordRow): void {
      // The casts are safe: the checksum of the row proves that `toRecordRows` wrote it.
      const content = JSON.parse(body) as RecordBody | SeenBody | StreamBody;
      if (key === recordKey(targetKey)) {
        const [version, change] = content as RecordBody;
        if (!isPushKey(targetKey)) seenRows = seenRowsOf(targetKey, content as RecordBody);
        // The next change gets the version after it, and the journal tells its lines apart by their versions.
        if (!isVersion(version)) throw new TypeError('the version is not that of a change');
        head = { version, record: patchRecord(undefined, targetKey, change) };
      } else if (key.startsWith(seenPrefix(targetKey))) {
        const [, ...actions] = content as SeenBody;
        if (actions.length !== (seenRows.get(key) ?? actions.length)) throw new Error(notOfLastSave);
        seen = withEnd(seen, {}, fromActionRows(undefined, actions));
      } else {
        const [, ...totals] = content as StreamBody;
        const stream = key.slice(streamPrefix(targetKey).length);
        const ledger = patchStream(undefined, stream, totals);
        if (head !== undefined && isNewer(ledger, head.record)) throw new Error(notOfLastSave);
        streams.set(stream, ledger);
      }
    },
    end(): VersionedRecord | undefined {
      if (head === undefined || head.record.question === 'push_stats') return head;
      const { version, record } = head;
      return { version, record: { ...record, streams, target: { ...record.target, seen } } };
    },
  };
}

/**
 * Reports whether the totals of a stream have an action that is newer than all actions of its domain. Then the row of
 * the domain is from before the last save, and the action would count twice.
 */
function isNewer({ actions }: ControlLedger, record: SavedRecord): boolean {
  const known = record.question === 'control_history' ? record.domain.actions : {};
  return Object.entries(actions).some(
    ([label, { lastAt = 0 }]) => lastAt > (known[label]?.lastAt ?? Number.POSITIVE_INFINITY),
  );
}

/** Returns the record whose rows are `rows`, in the order that `createRecordReader` needs. */
export function recordFromRows(targetKey: string, rows: Iterable<RecordRow>): VersionedRecord | undefined {
  const reader = createRecordReader(targetKey);
  for (const row of rows) reader.add(row);
  return reader.end();
}
