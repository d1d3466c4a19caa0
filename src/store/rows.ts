import { crc32 } from 'node:zlib';
import { controlActions } from '../model/control-action.ts';
import { type ControlLedger, type DomainLedger, newDomainLedger } from '../model/control-ledger.ts';
import type { ControlRecord } from '../model/control-record.ts';
import { newPushLedger, type PushLedger } from '../model/push-ledger.ts';
import type { PushRecord } from '../model/push-record.ts';
import { pushSamples } from '../model/push-sample.ts';
import type { SavedRecord } from '../model/saved-record.ts';
import { streamKey } from '../model/stream.ts';
import type { EpochMs } from '../model/time.ts';
import {
  actionFields,
  fromBody,
  sampleFields,
  streamSampleFields,
  type TargetBody,
  toBody,
} from './seen-rows.ts';
import { reasonOf } from './sqlite-errors.ts';

/**
 * Row of the table `ledgers`: the known scrapers, or one ledger. A ledger is either the totals of a stream or
 * domain, or the polling progress and the counted rows of a target (the stream or domain of one request).
 */
interface LedgerRow {
  readonly key: string;
  /** Version of the shape of `body`: `rowVersion` when the row was written. */
  readonly version: number;
  /** Content of the row as JSON. Numbers are integers, except rates, which stay as the provider sent them. */
  readonly body: string;
  /**
   * CRC-32 of `key` and `body`. SQLite has no page checksums, so that without this checksum a flipped bit
   * would pass as another number.
   */
  readonly checksum: number;
}

/** Row as SQLite returns it: integers are bigints. If the file is damaged, a value can have any type. */
export type ReadRow = Readonly<Record<keyof LedgerRow, unknown>>;

/** Change of one row of the state file. */
export interface RowChange {
  readonly key: string;
  /** New content of the row; undefined deletes the row. */
  readonly row: LedgerRow | undefined;
}

/** Version of the row shapes in this file. A row with another version is not read. */
const rowVersion = 2;

/** Body of a target row: the saved record of one target without its totals, which have rows of their own. */
type TargetRowBody = PushRowBody | ControlRowBody;

interface PushRowBody extends TargetBody {
  readonly question: 'push_stats';
  /** Key of the target's own stream. */
  readonly streamKey: string;
  readonly frozenAt?: number;
}

interface ControlRowBody extends TargetBody {
  readonly question: 'control_history';
  /** Time of the target's last rescan (wall clock, epoch ms). The name is from earlier versions. */
  readonly sweptAt: number;
  /**
   * App name of the target's last request; empty if the request covered all app names of the domain. Missing
   * in rows of earlier versions.
   */
  readonly appName?: string;
  readonly frozenAt?: number;
}

/** Body of a row of totals: one ledger and the key of the target whose record the ledger belongs to. */
interface TotalsBody<Ledger> {
  readonly targetKey: string;
  /**
   * Key of the stream that the push ledger belongs to; undefined for the target's own stream and for control
   * ledgers.
   */
  readonly streamKey?: string;
  readonly ledger: Ledger;
}

/** Key of the row of known scrapers, which are the clients that the zero hold of new counters waits for. */
export const scrapersKey = 'scrapers';
const domainKey = (targetKey: string) => `domain ${targetKey}`;
const pushKey = (targetKey: string) => `push ${targetKey}`;
const pushStreamKey = (targetKey: string, stream: string) => `push ${targetKey} ${stream}`;
const controlKey = (targetKey: string, stream: string) => `control ${targetKey} ${stream}`;
const targetRowKey = (targetKey: string) => `target ${targetKey}`;

/**
 * Returns the row changes that save a record (all ledgers of one target). For control history, `saved` is the
 * version of the record on disk, and rows of totals that have not changed since then are omitted. Ledgers are
 * compared by reference, because a changed ledger is a new object. The result is lazy, because a domain can
 * have tens of thousands of streams.
 */
export function toRowChanges(record: SavedRecord, saved: ControlRecord | undefined): Iterable<RowChange> {
  return record.question === 'push_stats' ? pushRows(record) : controlChanges(record, saved);
}

/** Returns the row changes that delete all rows of a record. */
export function* toRemoval(record: SavedRecord): Iterable<RowChange> {
  for (const { key } of toRowChanges(record, undefined)) yield removed(key);
}

function* pushRows(record: PushRecord): Iterable<RowChange> {
  const { question, targetKey, streamKey: stream, frozenAt, target, push, streams } = record;
  yield put(targetRowKey(targetKey), {
    question,
    streamKey: stream,
    frozenAt,
    // If the target has one stream, its stored samples have no stream field, as in earlier versions.
    ...toBody(target, streams === undefined ? sampleFields : streamSampleFields),
  });
  yield put(pushKey(targetKey), { targetKey, ledger: push });
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
    ...toBody(target, actionFields),
  });
  if (domain !== saved?.domain) yield put(domainKey(targetKey), { targetKey, ledger: domain });
  if (streams === saved?.streams) return;
  for (const [stream, ledger] of streams) {
    if (ledger !== saved?.streams.get(stream))
      yield put(controlKey(targetKey, stream), { targetKey, ledger });
  }
  for (const stream of saved?.streams.keys() ?? []) {
    if (!streams.has(stream)) yield removed(controlKey(targetKey, stream));
  }
}

/**
 * Returns the row that saves the known scrapers, each with the time of its last scrape (wall clock, epoch
 * ms).
 */
export function toScrapersRow(scrapers: ReadonlyMap<string, EpochMs>): RowChange {
  return put(scrapersKey, [...scrapers]);
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

/** Content of all readable rows of a state file. */
export interface ReadRows {
  readonly records: readonly SavedRecord[];
  /**
   * Known scrapers, each with the time of its last scrape (wall clock, epoch ms); undefined if no readable
   * row has them.
   */
  readonly scrapers: ReadonlyMap<string, EpochMs> | undefined;
  /** One sentence for each row that is unreadable or missing. */
  readonly problems: readonly string[];
}

/**
 * Parses the rows of a state file and drops damaged rows. If the target row of a row of totals is lost, drops
 * the totals too: without the list of known rows, the last minutes would count twice. If the totals of a
 * target are lost, the target continues and its totals start at 0. Parses each row before it requests the
 * next row, because the bodies of 50,000 streams together take 100 MB.
 */
export function fromRows(rows: Iterable<ReadRow>): ReadRows {
  const problems: string[] = [];
  /** Contents of the rows by row key; undefined if the row is unreadable. */
  const contents = new Map<string, unknown>();
  for (const row of rows) {
    const key = typeof row.key === 'string' ? row.key : 'row with a non-text key';
    try {
      // Two rows have one key after a page was written in the place of another page. It is unknown which of
      // the two rows is current.
      if (contents.has(key)) throw new Error('duplicate key');
      contents.set(key, parseRow(row));
    } catch (error) {
      contents.set(key, undefined);
      problems.push(`${key}: ${reasonOf(error)}`);
    }
  }

  /**
   * Ledgers of streams by target key and stream key. A target has one question (push statistics or control
   * history), so each inner map holds ledgers of one kind.
   */
  const streamsOf = new Map<string, Map<string, ControlLedger & PushLedger>>();
  for (const [key, content] of contents) {
    if (content === undefined || key === scrapersKey || key.startsWith(targetRowKey(''))) continue;
    // The cast is safe: the checksum proves that this program wrote the row, and the row's key determines the
    // shape of its body.
    const { targetKey, streamKey: pushed, ledger } = content as TotalsBody<ControlLedger & PushLedger>;
    if (contents.get(targetRowKey(targetKey)) === undefined)
      problems.push(`${key}: its target row is missing`);
    else if (pushed !== undefined || key.startsWith('control ')) {
      const streams = streamsOf.get(targetKey) ?? new Map<string, typeof ledger>();
      streamsOf.set(targetKey, streams.set(pushed ?? streamKey(ledger.stream), ledger));
    }
  }

  const totalsOf = <Ledger>(key: string): Ledger | undefined => {
    if (!contents.has(key)) problems.push(`${key}: the row is missing`);
    return (contents.get(key) as TotalsBody<Ledger> | undefined)?.ledger;
  };
  const records: SavedRecord[] = [];
  for (const [key, content] of contents) {
    if (content === undefined || !key.startsWith(targetRowKey(''))) continue;
    const target = content as SavedTarget;
    const { targetKey } = target;
    if (target.question === 'push_stats') {
      const push = totalsOf<PushLedger>(pushKey(targetKey)) ?? newPushLedger(target.target.floor);
      records.push({ ...target, push, ...otherStreams(target.target, streamsOf.get(targetKey)) });
      continue;
    }
    const domain = totalsOf<DomainLedger>(domainKey(targetKey)) ?? newDomainLedger();
    records.push({ ...target, domain, streams: streamsOf.get(targetKey) ?? new Map() });
  }
  const scrapers = contents.get(scrapersKey) as [string, EpochMs][] | undefined;
  return { records, scrapers: scrapers && new Map(scrapers), problems };
}

/**
 * Returns the ledgers of the streams that a push target reports in addition to its own stream; no property if
 * there are none. If the totals of a stream were lost, its ledger starts at 0.
 */
function otherStreams(
  { seen, floor }: PushRecord['target'],
  streams = new Map<string, PushLedger>(),
): Pick<PushRecord, 'streams'> {
  for (const { stream } of seen) {
    if (stream !== undefined && !streams.has(stream)) streams.set(stream, newPushLedger(floor));
  }
  return streams.size === 0 ? {} : { streams };
}

/**
 * Returns the content of a row, and for a target row the saved record without its totals. Throws if version
 * or checksum show that the row is not as written.
 */
function parseRow({ key, version, body, checksum }: ReadRow): unknown {
  if (typeof key !== 'string' || typeof body !== 'string') throw new Error('the row is not text');
  if (Number(version) !== rowVersion) throw new Error(`unknown row version ${Number(version)}`);
  if (checksumOf(key, body) !== Number(checksum)) throw new Error('checksum mismatch');
  const content: unknown = JSON.parse(body);
  // The cast is safe: the checksum matches, so this program wrote the row, and the row's key determines the
  // shape of its content.
  return key.startsWith(targetRowKey('')) ? toTarget(key, content as TargetRowBody) : content;
}

/** Saved record without its totals: the content of a target row. */
type SavedTarget = Omit<PushRecord, 'push' | 'streams'> | Omit<ControlRecord, 'domain' | 'streams'>;

function toTarget(key: string, body: TargetRowBody): SavedTarget {
  const targetKey = key.slice(targetRowKey('').length);
  const { frozenAt } = body;
  if (body.question === 'push_stats') {
    const target = fromBody(body, streamSampleFields, pushSamples);
    return { question: body.question, targetKey, streamKey: body.streamKey, frozenAt, target };
  }
  const { question, sweptAt, appName } = body;
  const target = fromBody(body, actionFields, controlActions);
  return { question, targetKey, frozenAt, target, rescannedAt: sweptAt, appName };
}
