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
import { actionFields, fromBody, streamSampleFields, type TargetBody } from './earlier-bodies.ts';
import { completePushLedger, type SavedPushLedger } from './earlier-ledgers.ts';
import { toSnapshotRows } from './record-rows.ts';
import { fromScrapersRow, intactBody, type ReadRow, scrapersKey } from './rows.ts';
import { reasonOf } from './sqlite-errors.ts';

/*
 * Reads the rows of version 2, which the exporter wrote before it had a journal: one row for the polling
 * progress and the counted rows of a target, and rows for its totals. They are read and rewritten once.
 */

/** Version of these rows. */
export const earlierVersion = 2;

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

const unknownShape = 'the content has an unknown shape, although its checksum fits';

const domainKey = (targetKey: string) => `domain ${targetKey}`;
const pushKey = (targetKey: string) => `push ${targetKey}`;
const targetRowKey = (targetKey: string) => `target ${targetKey}`;

/** Content of all readable rows that earlier versions of the exporter wrote. */
export interface EarlierRows {
  readonly records: readonly SavedRecord[];
  /**
   * Known scrapers, each with the time of its last scrape (wall clock, epoch ms); undefined if no readable
   * row contains them.
   */
  readonly scrapers: ReadonlyMap<string, EpochMs> | undefined;
  /** Problems with the rows: one sentence for each row that is unreadable or missing. */
  readonly problems: readonly string[];
}

/** Prefixes of the keys of the rows with records that earlier versions of the exporter wrote. */
export const earlierPrefixes: readonly string[] = ['target ', 'push ', 'domain ', 'control '];

/**
 * Parses the rows of a state file of an earlier version and drops damaged rows. Totals whose target row is
 * lost are dropped too: without the target's list of counted rows, the rows of the last minutes would count
 * twice. If only the totals of a target are lost, the target stays and its totals start at 0. Each row is
 * parsed before the next row is requested, because the bodies of 50,000 streams together take 100 MB.
 */
export function fromEarlierRows(rows: Iterable<ReadRow>): EarlierRows {
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
  const forEach = (read: (key: string, content: unknown) => void) => {
    for (const [key, content] of contents) {
      try {
        read(key, content);
      } catch {
        problems.push(`${key}: ${unknownShape}`);
      }
    }
  };
  forEach((key, content) => {
    if (content === undefined || key === scrapersKey || key.startsWith(targetRowKey(''))) return;
    // The cast is safe: the checksum proves that this program wrote the row, and the row's key determines the
    // shape of its body.
    const { targetKey, streamKey: pushed, ledger } = content as TotalsBody<ControlLedger & SavedPushLedger>;
    if (contents.get(targetRowKey(targetKey)) === undefined)
      problems.push(`${key}: its target row is missing`);
    else if (pushed !== undefined || key.startsWith('control ')) {
      const streams = streamsOf.get(targetKey) ?? new Map<string, typeof ledger>();
      streamsOf.set(targetKey, streams.set(pushed ?? streamKey(ledger.stream), ledger));
    }
  });

  const totalsOf = <Ledger>(key: string): Ledger | undefined => {
    const content = contents.get(key) as TotalsBody<Ledger> | undefined;
    if (!contents.has(key)) problems.push(`${key}: the row is missing`);
    else if (content !== undefined && !content.ledger) problems.push(`${key}: ${unknownShape}`);
    return content?.ledger || undefined;
  };
  const records: SavedRecord[] = [];
  const add = (record: SavedRecord) => {
    // A record that cannot be written in the current form would end each start: its upgrade would fail.
    for (const _row of toSnapshotRows(record, 0));
    records.push(record);
  };
  forEach((key, content) => {
    if (content === undefined || !key.startsWith(targetRowKey(''))) return;
    const target = content as SavedTarget;
    const { targetKey } = target;
    if (target.question === 'push_stats') {
      const saved = totalsOf<SavedPushLedger>(pushKey(targetKey));
      const push = saved ? completePushLedger(saved) : newPushLedger(target.target.floor);
      add({ ...target, push, ...otherStreams(target.target, streamsOf.get(targetKey)) });
      return;
    }
    const domain = totalsOf<DomainLedger>(domainKey(targetKey)) ?? newDomainLedger();
    add({ ...target, domain, streams: streamsOf.get(targetKey) ?? new Map() });
  });
  let scrapers: ReadonlyMap<string, EpochMs> | undefined;
  forEach((key, content) => {
    if (key === scrapersKey && content !== undefined) scrapers = fromScrapersRow(content);
  });
  return { records, scrapers, problems };
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
function parseRow(row: ReadRow): unknown {
  const content: unknown = JSON.parse(intactBody(row, earlierVersion));
  // The cast is safe: the checksum matches, so this program wrote the row, and the row's key determines the
  // shape of its content.
  const key = String(row.key);
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
