import { crc32 } from 'node:zlib';
import { controlActions } from '../model/control-action.ts';
import { type ControlLedger, type DomainLedger, newDomainLedger } from '../model/control-ledger.ts';
import type { ControlRecord } from '../model/control-record.ts';
import type { EmptyRanges } from '../model/empty-ranges.ts';
import { newPushLedger } from '../model/push-ledger.ts';
import type { PushRecord } from '../model/push-record.ts';
import { pushSamples } from '../model/push-sample.ts';
import type { SavedRecord } from '../model/saved-record.ts';
import { streamKey } from '../model/stream.ts';
import type { EpochMs } from '../model/time.ts';
import { completePushLedger, type SavedPushLedger } from './earlier-rows.ts';
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
 * Row of the table `ledgers`. A row contains either the known scrapers or one ledger. A ledger is either the
 * totals of a stream or domain, or the polling progress and the counted rows of a target (the stream or
 * domain of one request).
 */
interface LedgerRow {
  readonly key: string;
  /** Value of `rowVersion` when the row was written. It identifies the shape of `body`. */
  readonly version: number;
  /**
   * Content of the row as JSON. All numbers are integers, except frame rates and bit rates, which stay as the
   * provider sent them.
   */
  readonly body: string;
  /**
   * CRC-32 of `key` and `body`, from row version 3 on also of the version. SQLite has no page checksums, so
   * without this checksum a flipped bit could go unnoticed and change a number.
   */
  readonly checksum: number;
}

/** Row as SQLite returns it, with integers as bigints. In a damaged file, a value can have any type. */
export type ReadRow = Readonly<Record<keyof LedgerRow, unknown>>;

/** Change of one row of the state file. */
export interface RowChange {
  readonly key: string;
  /** New content of the row; undefined deletes the row. */
  readonly row: LedgerRow | undefined;
}

/**
 * Version of the row shapes that this file writes. Rows with another version are not read. Raise `fileVersion`
 * in file-format.ts together with it, so that this version refuses the file of a newer one.
 */
const rowVersion = 2;

/** Body of a target row: the saved record of one target, without the totals, which are in other rows. */
type TargetRowBody = PushRowBody | ControlRowBody;

interface PushRowBody extends TargetBody {
  readonly question: 'push_stats';
  /** Key of the target's own stream. */
  readonly streamKey: string;
  readonly frozenAt?: number;
  /**
   * Settled time without a sample, which is requested again. Missing if there is none, and in rows of earlier
   * versions.
   */
  readonly empty?: EmptyRanges;
}

interface ControlRowBody extends TargetBody {
  readonly question: 'control_history';
  /**
   * Time of the last rescan of the target (wall clock, epoch ms). The field keeps its name from earlier
   * versions of the exporter.
   */
  readonly sweptAt: number;
  /**
   * Application name in the last request for the target; empty if the request covered all applications of the
   * domain. Missing in rows from earlier versions of the exporter.
   */
  readonly appName?: string;
  readonly frozenAt?: number;
}

/** Body of a row with totals: one ledger, and the key of the target to whose record the ledger belongs. */
interface TotalsBody<Ledger> {
  readonly targetKey: string;
  /**
   * Key of the stream to which the push ledger belongs; undefined for the target's own stream, and for
   * control ledgers.
   */
  readonly streamKey?: string;
  readonly ledger: Ledger;
}

/**
 * Key of the row with the known scrapers. The zero hold keeps each new counter at 0 until all known scrapers
 * have received the 0.
 */
export const scrapersKey = 'scrapers';
const domainKey = (targetKey: string) => `domain ${targetKey}`;
const pushKey = (targetKey: string) => `push ${targetKey}`;
const pushStreamKey = (targetKey: string, stream: string) => `push ${targetKey} ${stream}`;
const controlKey = (targetKey: string, stream: string) => `control ${targetKey} ${stream}`;
const targetRowKey = (targetKey: string) => `target ${targetKey}`;

/**
 * Returns the row changes that save a record, which contains all ledgers of one target. For control history,
 * `saved` is the version of the record on disk: rows with totals that are equal in `saved` are omitted.
 * Ledgers are compared by reference, because each change creates a new ledger. The rows are generated one by
 * one, because a domain can have tens of thousands of streams.
 */
export function toRowChanges(record: SavedRecord, saved: ControlRecord | undefined): Iterable<RowChange> {
  return record.question === 'push_stats' ? pushRows(record) : controlChanges(record, saved);
}

/** Returns the row changes that delete all rows of a record. */
export function* toRemoval(record: SavedRecord): Iterable<RowChange> {
  for (const { key } of toRowChanges(record, undefined)) yield removed(key);
}

function* pushRows(record: PushRecord): Iterable<RowChange> {
  const { question, targetKey, streamKey: stream, frozenAt, target, push, streams, empty } = record;
  yield put(targetRowKey(targetKey), {
    question,
    streamKey: stream,
    frozenAt,
    empty,
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
  return { key, row: { key, version: rowVersion, body, checksum: checksumOf(key, body, rowVersion) } };
}

function removed(key: string): RowChange {
  return { key, row: undefined };
}

function checksumOf(key: string, body: string, version: number): number {
  const checksum = crc32(body, crc32(key));
  // Up to row version 2, the checksum does not cover the version.
  return version > 2 ? crc32(String(version), checksum) : checksum;
}

/**
 * Reports whether a newer version of the exporter wrote the row. Its checksum proves that the version is not
 * damaged.
 */
export function isNewerRow({ key, version, body, checksum }: ReadRow): boolean {
  const written = Number(version);
  if (!(written > rowVersion) || typeof key !== 'string' || typeof body !== 'string') return false;
  return checksumOf(key, body, written) === Number(checksum);
}

/** Content of all readable rows of a state file. */
export interface ReadRows {
  readonly records: readonly SavedRecord[];
  /**
   * Known scrapers, each with the time of its last scrape (wall clock, epoch ms); undefined if no readable
   * row contains them.
   */
  readonly scrapers: ReadonlyMap<string, EpochMs> | undefined;
  /** Problems with the rows: one sentence for each row that is unreadable or missing. */
  readonly problems: readonly string[];
}

/**
 * Parses the rows of a state file and drops damaged rows. Totals whose target row is lost are dropped too:
 * without the target's list of counted rows, the rows of the last minutes would count twice. If only the
 * totals of a target are lost, the target stays and its totals start at 0. Each row is parsed before the next
 * row is requested, because the bodies of 50,000 streams together take 100 MB.
 */
export function fromRows(rows: Iterable<ReadRow>): ReadRows {
  const problems: string[] = [];
  /** Contents of the rows, by row key; undefined for an unreadable row. */
  const contents = new Map<string, unknown>();
  for (const row of rows) {
    const key = typeof row.key === 'string' ? row.key : 'row with a non-text key';
    try {
      // Two rows have the same key if a page was written to the place of another page. Which of the two rows
      // is current is unknown.
      if (contents.has(key)) throw new Error('duplicate key');
      contents.set(key, parseRow(row));
    } catch (error) {
      contents.set(key, undefined);
      problems.push(`${key}: ${reasonOf(error)}`);
    }
  }

  /**
   * Ledgers of streams, by target key and stream key. A target has either push statistics or control history,
   * so each inner map contains ledgers of one kind.
   */
  const streamsOf = new Map<string, Map<string, ControlLedger & SavedPushLedger>>();
  for (const [key, content] of contents) {
    if (content === undefined || key === scrapersKey || key.startsWith(targetRowKey(''))) continue;
    // The cast is safe: the checksum proves that this program wrote the row, and the row's key determines the
    // shape of its body.
    const { targetKey, streamKey: pushed, ledger } = content as TotalsBody<ControlLedger & SavedPushLedger>;
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
      const saved = totalsOf<SavedPushLedger>(pushKey(targetKey));
      const push = saved ? completePushLedger(saved) : newPushLedger(target.target.floor);
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
 * Returns the ledgers of the streams that a push target reports besides the stream that it names. If there
 * are none, the result has no property `streams`. If the totals of such a stream were lost, its ledger starts
 * at 0.
 */
function otherStreams(
  { seen, floor }: PushRecord['target'],
  saved: ReadonlyMap<string, SavedPushLedger> = new Map(),
): Pick<PushRecord, 'streams'> {
  const streams = new Map([...saved].map(([stream, ledger]) => [stream, completePushLedger(ledger)]));
  for (const { stream } of seen) {
    if (stream !== undefined && !streams.has(stream)) streams.set(stream, newPushLedger(floor));
  }
  return streams.size === 0 ? {} : { streams };
}

/**
 * Returns the content of a row; for a target row, the saved record without its totals. Throws if the version
 * or the checksum shows that the row is not as it was written.
 */
function parseRow({ key, version, body, checksum }: ReadRow): unknown {
  if (typeof key !== 'string' || typeof body !== 'string') throw new Error('the row is not text');
  if (Number(version) !== rowVersion) throw new Error(`unknown row version ${Number(version)}`);
  if (checksumOf(key, body, rowVersion) !== Number(checksum)) throw new Error('checksum mismatch');
  const content: unknown = JSON.parse(body);
  // The cast is safe: the checksum matches, so this program wrote the row, and the row's key determines the
  // shape of its content.
  return key.startsWith(targetRowKey('')) ? toTarget(key, content as TargetRowBody) : content;
}

/** Content of a target row: a saved record without its totals. */
type SavedTarget = Omit<PushRecord, 'push' | 'streams'> | Omit<ControlRecord, 'domain' | 'streams'>;

function toTarget(key: string, body: TargetRowBody): SavedTarget {
  const targetKey = key.slice(targetRowKey('').length);
  const { frozenAt } = body;
  if (body.question === 'push_stats') {
    const target = fromBody(body, streamSampleFields, pushSamples);
    const { question, streamKey, empty } = body;
    return { question, targetKey, streamKey, frozenAt, target, ...(empty && { empty }) };
  }
  const { question, sweptAt, appName } = body;
  const target = fromBody(body, actionFields, controlActions);
  return { question, targetKey, frozenAt, target, rescannedAt: sweptAt, appName };
}
