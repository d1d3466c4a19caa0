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

/** Row of the table `ledgers`: one ledger, or the known scrapers. */
interface LedgerRow {
  readonly key: string;
  /** Version of the body's shape. */
  readonly version: number;
  /** JSON. Numbers are integers, except rates, which stay as the provider sent them. */
  readonly body: string;
  /** CRC-32 of key and body. SQLite has no page checksums, so a flipped bit would pass as another number. */
  readonly checksum: number;
}

/** Row as SQLite returns it: integers are bigints, and in a damaged file a value can have any type. */
export type ReadRow = Readonly<Record<keyof LedgerRow, unknown>>;

/** Change of one row. */
export interface RowChange {
  readonly key: string;
  /** undefined: the row is deleted. */
  readonly row: LedgerRow | undefined;
}

const rowVersion = 2;

/** Body of a target row: the record without its totals. */
type TargetRowBody = PushRowBody | ControlRowBody;

interface PushRowBody extends TargetBody {
  readonly question: 'push_stats';
  readonly streamKey: string;
  readonly frozenAt?: number;
}

interface ControlRowBody extends TargetBody {
  readonly question: 'control_history';
  /** Time of the last rescan. */
  readonly sweptAt: number;
  /** Missing in rows of earlier versions. */
  readonly appName?: string;
  readonly frozenAt?: number;
}

/** Body of a row of totals, with the target that they belong to. */
interface TotalsBody<Ledger> {
  readonly targetKey: string;
  /** Only of push totals of another stream than the target's own. */
  readonly streamKey?: string;
  readonly ledger: Ledger;
}

export const scrapersKey = 'scrapers';
const domainKey = (targetKey: string) => `domain ${targetKey}`;
const pushKey = (targetKey: string) => `push ${targetKey}`;
const pushStreamKey = (targetKey: string, stream: string) => `push ${targetKey} ${stream}`;
const controlKey = (targetKey: string, stream: string) => `control ${targetKey} ${stream}`;
const targetRowKey = (targetKey: string) => `target ${targetKey}`;

/**
 * Returns the rows of a record; of a domain only those that differ from `saved`, the version on disk. Equality is by
 * reference, because ledgers are replaced and never edited. Lazy, because a domain can have tens of thousands of
 * streams.
 */
export function toRowChanges(record: SavedRecord, saved: ControlRecord | undefined): Iterable<RowChange> {
  return record.question === 'push_stats' ? pushRows(record) : controlChanges(record, saved);
}

/** Returns the changes that delete all rows of a record. */
export function* toRemoval(record: SavedRecord): Iterable<RowChange> {
  for (const { key } of toRowChanges(record, undefined)) yield removed(key);
}

function* pushRows(record: PushRecord): Iterable<RowChange> {
  const { question, targetKey, streamKey: stream, frozenAt, target, push, streams } = record;
  yield put(targetRowKey(targetKey), {
    question,
    streamKey: stream,
    frozenAt,
    // Rows of one stream have no stream key, as in earlier versions.
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

/** Returns the row of the known scrapers and the time of the last scrape of each. */
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

/** Content of the rows of a state file. */
export interface ReadRows {
  readonly records: readonly SavedRecord[];
  /** Known scrapers and the time of the last scrape of each; undefined if there is no usable row. */
  readonly scrapers: ReadonlyMap<string, EpochMs> | undefined;
  /** One sentence for each row that is unusable or missing. */
  readonly problems: readonly string[];
}

/**
 * Parses rows and drops damaged ones. Totals without their target row are dropped too, because the last minutes would
 * count twice. A target without its totals continues, and its totals start from 0. Parses each row before it requests
 * the next one: the bodies of 50,000 streams together take 100 MB.
 */
export function fromRows(rows: Iterable<ReadRow>): ReadRows {
  const problems: string[] = [];
  /** By row key; undefined: the row is unusable. */
  const contents = new Map<string, unknown>();
  for (const row of rows) {
    const key = typeof row.key === 'string' ? row.key : 'row with a non-text key';
    try {
      // A page that was written in the place of another one: it is unknown which of the two rows is current.
      if (contents.has(key)) throw new Error('duplicate key');
      contents.set(key, parseRow(row));
    } catch (error) {
      contents.set(key, undefined);
      problems.push(`${key}: ${reasonOf(error)}`);
    }
  }

  /** By target key and stream key. A target has one question, so that one map holds ledgers of one kind. */
  const streamsOf = new Map<string, Map<string, ControlLedger & PushLedger>>();
  for (const [key, content] of contents) {
    if (content === undefined || key === scrapersKey || key.startsWith(targetRowKey(''))) continue;
    // The checksum proves that this program wrote the row, and the key tells its shape.
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

/** Returns the content of a row. Throws if the row differs from what was written. */
function parseRow({ key, version, body, checksum }: ReadRow): unknown {
  if (typeof key !== 'string' || typeof body !== 'string') throw new Error('the row is not text');
  if (Number(version) !== rowVersion) throw new Error(`unknown row version ${Number(version)}`);
  if (checksumOf(key, body) !== Number(checksum)) throw new Error('checksum mismatch');
  const content: unknown = JSON.parse(body);
  // The checksum proves that this program wrote the row, and the key tells its shape.
  return key.startsWith(targetRowKey('')) ? toTarget(key, content as TargetRowBody) : content;
}

/** Record without its totals. */
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
