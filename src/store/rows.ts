import { crc32 } from 'node:zlib';
import type { EpochMs } from '../model/time.ts';

/** Row of the table `ledgers`: the known scrapers, or a record or a part of one (see record-rows.ts). */
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
  /** Time of the save (wall clock, epoch ms), if it is not the time at which the row is written. */
  readonly savedAt?: EpochMs | undefined;
}

/** Row as SQLite returns it, with integers as bigints. In a damaged file, a value can have any type. */
export type ReadRow = Readonly<Record<'key' | 'version' | 'body' | 'checksum', unknown>>;

/** Change of one row of the state file. */
export interface RowChange {
  readonly key: string;
  /** New content of the row; undefined deletes the row. */
  readonly row: LedgerRow | undefined;
}

/**
 * Version of the row shapes that this version of the exporter writes. Rows of version 2 are read by
 * earlier-rows.ts. Raise `fileVersion` in file-format.ts together with it, so that this version refuses the file
 * of a newer one.
 */
export const rowVersion = 3;

/**
 * Key of the row with the known scrapers. The zero hold keeps each new counter at 0 until all known scrapers
 * have received the 0.
 */
export const scrapersKey = 'scrapers';

/**
 * Returns the row that saves the known scrapers, each with the time of its last scrape (wall clock, epoch
 * ms).
 */
export function toScrapersRow(scrapers: ReadonlyMap<string, EpochMs>): RowChange {
  return put(scrapersKey, JSON.stringify([...scrapers]));
}

/** Returns the known scrapers of a row that `toScrapersRow` has written. Throws if `content` has another shape. */
export function fromScrapersRow(content: unknown): ReadonlyMap<string, EpochMs> {
  if (!Array.isArray(content) || !content.every(isScraper))
    throw new Error('the content is not that of scrapers');
  return new Map(content);
}

function isScraper(entry: unknown): entry is readonly [name: string, scrapedAt: EpochMs] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && Number.isFinite(entry[1]);
}

/** Returns the change that writes a row with the JSON text `body`. */
export function put(key: string, body: string, savedAt?: EpochMs): RowChange {
  const row = { key, version: rowVersion, body, checksum: checksumOf(key, body, rowVersion), savedAt };
  return { key, row };
}

/** Returns the change that deletes a row. */
export function removed(key: string): RowChange {
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

/**
 * Returns the JSON text of a row with the version `expected`. Throws if the version or the checksum shows that
 * the row is not as it was written.
 */
export function intactBody({ key, version, body, checksum }: ReadRow, expected = rowVersion): string {
  if (typeof key !== 'string' || typeof body !== 'string') throw new Error('the row is not text');
  if (Number(version) !== expected) throw new Error(`unknown row version ${Number(version)}`);
  if (checksumOf(key, body, expected) !== Number(checksum)) throw new Error('checksum mismatch');
  return body;
}
