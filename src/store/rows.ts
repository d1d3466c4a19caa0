import { crc32 } from 'node:zlib';
import { type ControlLedger, type DomainLedger, newDomainLedger } from '../model/control-ledger.ts';
import type { ControlRecord } from '../model/control-record.ts';
import { newPushLedger, type PushLedger } from '../model/push-ledger.ts';
import type { PushRecord } from '../model/push-record.ts';
import type { SavedRecord } from '../model/saved-record.ts';
import { streamKey } from '../model/stream.ts';
import {
  type ActionBody,
  actionsFromBody,
  actionsToBody,
  isSeenOfVersion,
  type SampleBody,
  type SeenOfVersion1,
  samplesFromBody,
  samplesToBody,
  seenOfVersion1,
  type TargetBody,
} from './seen-rows.ts';

/** A ledger as the table `ledgers` holds it. */
interface LedgerRow {
  readonly key: string;
  /** Of the body's shape. */
  readonly version: number;
  /** JSON. Every number is a whole one, but for rates as the provider told them. */
  readonly body: string;
  /** Of key and body: SQLite keeps no checksum of its pages, so a flipped bit would pass as a number. */
  readonly checksum: number;
}

/** The same as it is read: with whole numbers as bigints, and of any type where the file is damaged. */
export type ReadRow = Readonly<Record<keyof LedgerRow, unknown>>;

/** One step towards a table that holds a record. */
export interface RowChange {
  readonly key: string;
  /** undefined: the row is taken out. */
  readonly row: LedgerRow | undefined;
}

export const rowVersion = 2;
/** Version 1 held the seen rows of a target otherwise, and all else alike. */
const readVersions: readonly number[] = [1, rowVersion];

/** The body of a target's own row: all of its record but for the totals. */
type TargetRowBody =
  | ({
      readonly question: 'push_stats';
      readonly streamKey: string;
      readonly frozenAt?: number;
    } & TargetBody<SampleBody>)
  | ({
      readonly question: 'control_history';
      readonly sweptAt: number;
      /** Not in rows of before it was kept. */
      readonly appName?: string;
      readonly frozenAt?: number;
    } & TargetBody<ActionBody>);

/** The body of a row of totals, which says whose they are. */
interface TotalsBody<Ledger> {
  readonly targetKey: string;
  /** Only of push totals of another stream than the target's own. */
  readonly streamKey?: string;
  readonly ledger: Ledger;
}

const domainKey = (targetKey: string) => `domain ${targetKey}`;
const pushKey = (targetKey: string) => `push ${targetKey}`;
const pushStreamKey = (targetKey: string, stream: string) => `push ${targetKey} ${stream}`;
const controlKey = (targetKey: string, stream: string) => `control ${targetKey} ${stream}`;
const targetRowKey = (targetKey: string) => `target ${targetKey}`;

/**
 * The rows of `record`; of a domain those that differ from the ones of `saved`, what is on the disk. Ledgers are
 * replaced, never edited. Made one by one, as they are asked for: a domain may have tens of thousands of streams.
 */
export function toRowChanges(record: SavedRecord, saved: ControlRecord | undefined): Iterable<RowChange> {
  return record.question === 'push_stats' ? pushRows(record) : controlChanges(record, saved);
}

/** What takes all rows of a record out. */
export function* toRemoval(record: SavedRecord): Iterable<RowChange> {
  const { targetKey } = record;
  yield removed(targetRowKey(targetKey));
  if (record.question === 'push_stats') {
    yield removed(pushKey(targetKey));
    for (const stream of record.streams?.keys() ?? []) yield removed(pushStreamKey(targetKey, stream));
    return;
  }
  yield removed(domainKey(targetKey));
  for (const stream of record.streams.keys()) yield removed(controlKey(targetKey, stream));
}

function* pushRows(record: PushRecord): Iterable<RowChange> {
  const { question, targetKey, streamKey: stream, frozenAt, target, push, streams } = record;
  yield put(targetRowKey(targetKey), { question, streamKey: stream, frozenAt, ...samplesToBody(target) });
  yield putTotals(pushKey(targetKey), targetKey, push);
  for (const [key, ledger] of streams ?? []) {
    yield put(pushStreamKey(targetKey, key), { targetKey, streamKey: key, ledger });
  }
}

function* controlChanges(record: ControlRecord, saved: ControlRecord | undefined): Iterable<RowChange> {
  const { question, targetKey, frozenAt, target, domain, streams, rescannedAt, appName } = record;
  yield put(targetRowKey(targetKey), {
    question,
    sweptAt: rescannedAt,
    appName,
    frozenAt,
    ...actionsToBody(target),
  });
  if (domain !== saved?.domain) yield putTotals(domainKey(targetKey), targetKey, domain);
  if (streams === saved?.streams) return;
  for (const [stream, ledger] of streams) {
    if (ledger !== saved?.streams.get(stream)) {
      yield putTotals(controlKey(targetKey, stream), targetKey, ledger);
    }
  }
  for (const stream of saved?.streams.keys() ?? []) {
    if (!streams.has(stream)) yield removed(controlKey(targetKey, stream));
  }
}

function putTotals<Ledger>(key: string, targetKey: string, ledger: Ledger): RowChange {
  return put(key, { targetKey, ledger } satisfies TotalsBody<Ledger>);
}

function put(key: string, content: unknown): RowChange {
  const body = JSON.stringify(content);
  return { key, row: { key, version: rowVersion, body, checksum: checksumOf(key, body) } };
}

function removed(key: string): RowChange {
  return { key, row: undefined };
}

function checksumOf(key: string, body: string): number {
  return crc32(body, crc32(key));
}

/** What the rows of a state file say, and why some can't be used. */
export interface ReadRows {
  readonly records: readonly SavedRecord[];
  /** One sentence for each row that was dropped, or is missing. */
  readonly problems: readonly string[];
}

/**
 * A damaged row is dropped. Totals without their target are dropped too, since the last minutes would be counted twice;
 * a target without its totals goes on, and they begin anew. Each row is done with before the next is asked for: the
 * bodies of fifty thousand streams together would be a hundred megabytes.
 */
export function fromRows(rows: Iterable<ReadRow>): ReadRows {
  const problems: string[] = [];
  const keys = new Set<string>();
  const targets = new Map<string, ReadTarget>();
  const totals = new Map<string, TotalsBody<unknown>>();
  for (const read of rows) {
    const name = typeof read.key === 'string' ? read.key : 'a row whose key is no text';
    keys.add(name);
    try {
      const row = toLedgerRow(read);
      if (row.key.startsWith(targetRowKey(''))) {
        targets.set(row.key.slice(targetRowKey('').length), readTarget(row));
      } else totals.set(row.key, JSON.parse(row.body));
    } catch (error) {
      // Of this row only: the others are as good as they were.
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  const streamsOf = new Map<string, Map<string, ControlLedger>>();
  const pushStreamsOf = new Map<string, Map<string, PushLedger>>();
  for (const [key, { targetKey, streamKey: pushed, ledger }] of totals) {
    if (!targets.has(targetKey)) problems.push(`${key}: its target is not there`);
    else if (pushed !== undefined) {
      const streams = pushStreamsOf.get(targetKey) ?? new Map<string, PushLedger>();
      // Only push totals name a stream.
      pushStreamsOf.set(targetKey, streams.set(pushed, ledger as PushLedger));
    } else if (key.startsWith('control ')) {
      const streams = streamsOf.get(targetKey) ?? new Map<string, ControlLedger>();
      // Its key says what it is.
      const control = ledger as ControlLedger;
      streamsOf.set(targetKey, streams.set(streamKey(control.stream), control));
    }
  }

  const totalsOf = <Ledger>(key: string): Ledger | undefined => {
    if (!keys.has(key)) problems.push(`${key}: it is not there`);
    return (totals.get(key) as TotalsBody<Ledger> | undefined)?.ledger;
  };
  const records = [...targets].map(([targetKey, read]): SavedRecord => {
    if (read.question === 'push_stats') {
      const push = totalsOf<PushLedger>(pushKey(targetKey)) ?? newPushLedger(read.target.floor);
      return { targetKey, ...read, push, ...otherStreams(read.target, pushStreamsOf.get(targetKey)) };
    }
    const domain = totalsOf<DomainLedger>(domainKey(targetKey)) ?? newDomainLedger();
    const streams = streamsOf.get(targetKey) ?? new Map<string, ControlLedger>();
    return { targetKey, ...read, domain, streams };
  });
  return { records, problems };
}

/** Adds the ledgers of a record's other streams, if any. A stream whose totals were lost starts at 0. */
function otherStreams(
  { seen, floor }: PushRecord['target'],
  streams = new Map<string, PushLedger>(),
): Pick<PushRecord, 'streams'> {
  for (const { stream } of seen) {
    if (stream !== undefined && !streams.has(stream)) streams.set(stream, newPushLedger(floor));
  }
  return streams.size === 0 ? {} : { streams };
}

/** Throws when it is not as we wrote it, as far as can be told: the checksum shows that of key and body. */
function toLedgerRow({ key, version: readVersion, body, checksum: readChecksum }: ReadRow): LedgerRow {
  if (typeof key !== 'string' || typeof body !== 'string') throw new Error('it is no text');
  const version = Number(readVersion);
  const checksum = Number(readChecksum);
  if (!readVersions.includes(version)) throw new Error(`row version ${version} is not known`);
  if (checksumOf(key, body) !== checksum) throw new Error('the checksum does not fit');
  return { key, version, body, checksum };
}

/** The key of a row that is as we wrote it, as far as can be told; undefined: it is not. */
export function writtenKey(row: ReadRow): string | undefined {
  try {
    return toLedgerRow(row).key;
  } catch {
    return undefined;
  }
}

/** A record without its totals. */
type ReadTarget =
  | Pick<PushRecord, 'question' | 'streamKey' | 'frozenAt' | 'target'>
  | Pick<ControlRecord, 'question' | 'frozenAt' | 'target' | 'rescannedAt' | 'appName'>;

function readTarget({ version, body: text }: LedgerRow): ReadTarget {
  const body = toCurrent(version, JSON.parse(text));
  const { frozenAt } = body;
  if (body.question === 'push_stats') {
    const { question, streamKey: stream } = body;
    return { question, streamKey: stream, frozenAt, target: samplesFromBody(body) };
  }
  const { question, sweptAt, appName } = body;
  return { question, frozenAt, target: actionsFromBody(body), rescannedAt: sweptAt, appName };
}

/** The body of a target row of a version that is read. Throws when it is of another: the checksum does not cover that. */
function toCurrent(version: number, body: unknown): TargetRowBody {
  // The checksum shows that we wrote it.
  const target = body as TargetRowBody | (Omit<TargetRowBody, 'seen'> & SeenOfVersion1);
  if (!isSeenOfVersion(version, target.seen)) throw new Error(`its body is not of row version ${version}`);
  if (version === rowVersion) return target as TargetRowBody;
  const { seen, ...rest } = target as Omit<TargetRowBody, 'seen'> & SeenOfVersion1;
  return { ...rest, seen: seenOfVersion1(seen) } as TargetRowBody;
}
