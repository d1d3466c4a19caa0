import { crc32 } from 'node:zlib';
import type { PushLedger } from '../model/push-ledger.ts';
import type { PushSample } from '../model/push-sample.ts';
import { pushSamples } from '../model/push-sample.ts';
import type { SavedRecord } from '../model/saved-record.ts';
import type { Seen, TargetLedger } from '../model/target-ledger.ts';

/** A ledger as the table `ledgers` holds it. */
export interface LedgerRow {
  readonly key: string;
  /** Of the body's shape. */
  readonly version: number;
  /** JSON. Every number is a whole one, but for rates as the provider told them. */
  readonly body: string;
  /** Of key and body: SQLite keeps no checksum of its pages, so a flipped bit would pass as a number. */
  readonly checksum: number;
}

export const rowVersion = 1;

/** The row of the target ledger first, then the row of the push ledger. */
export function toRows({ targetKey, streamKey, frozenAt, target, push }: SavedRecord): readonly LedgerRow[] {
  return [
    toRow(`target ${targetKey}`, { streamKey, frozenAt, ...toTargetBody(target) }),
    toRow(`push ${streamKey}`, push),
  ];
}

function toRow(key: string, content: unknown): LedgerRow {
  const body = JSON.stringify(content);
  return { key, version: rowVersion, body, checksum: checksumOf(key, body) };
}

function checksumOf(key: string, body: string): number {
  return crc32(body, crc32(key));
}

/** What the rows of a state file say, and why some can't be used. */
export interface ReadRows {
  readonly records: readonly SavedRecord[];
  /** One sentence for each row that was dropped. */
  readonly problems: readonly string[];
}

/**
 * A record needs both its rows. When one is damaged, both are dropped and its totals begin anew: with one of them alone
 * the last minutes would be counted twice.
 */
export function fromRows(rows: readonly LedgerRow[]): ReadRows {
  const problems: string[] = [];
  const bodies = new Map<string, unknown>();
  for (const row of rows) {
    if (row.version !== rowVersion) problems.push(`${row.key}: row version ${row.version} is not known`);
    else if (checksumOf(row.key, row.body) !== row.checksum)
      problems.push(`${row.key}: the checksum does not fit`);
    else bodies.set(row.key, JSON.parse(row.body));
  }
  const records: SavedRecord[] = [];
  const paired = new Set<string>();
  for (const [key, body] of bodies) {
    if (!key.startsWith('target ')) continue;
    // The checksum shows that we wrote it, and the version that it has this shape.
    const { streamKey, frozenAt, ...rest } = body as TargetBody;
    const push = bodies.get(`push ${streamKey}`) as PushLedger | undefined;
    if (push === undefined) {
      problems.push(`${key}: it has no totals`);
      continue;
    }
    paired.add(streamKey);
    records.push({
      targetKey: key.slice('target '.length),
      streamKey,
      frozenAt,
      target: fromTargetBody(rest),
      push,
    });
  }
  for (const key of bodies.keys()) {
    if (key.startsWith('push ') && !paired.has(key.slice('push '.length)))
      problems.push(`${key}: it has no watermark`);
  }
  return { records, problems };
}

interface TargetBody extends SeenBody {
  readonly streamKey: string;
  readonly frozenAt: number | undefined;
}

interface SeenBody {
  readonly watermark: number;
  readonly floor: number;
  /** A list a sample, without keys: there are a dozen in each row, and they are written at each save. */
  readonly seen: readonly SeenSample[];
}

type SeenSample = readonly [
  measuredAt: number,
  periodMs: number,
  clientIp: string | null,
  serverIp: string | null,
  session: string | null,
  framesPerSecond: number | null,
  bitsPerSecond: number | null,
  count: number,
  changedTo: string | null,
];

function toTargetBody({ watermark, floor, seen }: TargetLedger<PushSample>): SeenBody {
  const samples: SeenSample[] = [];
  for (const { row, count, changedTo } of seen.values()) {
    const { measuredAt, periodMs, clientIp, serverIp, session, framesPerSecond, bitsPerSecond } = row;
    samples.push([
      measuredAt,
      periodMs,
      clientIp ?? null,
      serverIp ?? null,
      session ?? null,
      framesPerSecond ?? null,
      bitsPerSecond ?? null,
      count,
      changedTo ?? null,
    ]);
  }
  return { watermark, floor, seen: samples };
}

function fromTargetBody({ watermark, floor, seen }: SeenBody): TargetLedger<PushSample> {
  return { watermark, floor, seen: new Map(seen.map(toSeen)) };
}

function toSeen(sample: SeenSample): [key: string, seen: Seen<PushSample>] {
  const [
    measuredAt,
    periodMs,
    clientIp,
    serverIp,
    session,
    framesPerSecond,
    bitsPerSecond,
    count,
    changedTo,
  ] = sample;
  const row: PushSample = {
    measuredAt,
    periodMs,
    clientIp: clientIp ?? undefined,
    serverIp: serverIp ?? undefined,
    session: session ?? undefined,
    framesPerSecond: framesPerSecond ?? undefined,
    bitsPerSecond: bitsPerSecond ?? undefined,
  };
  return [pushSamples.key(row), changedTo === null ? { row, count } : { row, count, changedTo }];
}
