import { crc32 } from 'node:zlib';
import type { EpochMs } from '../model/time.ts';

/** Change of one record, as the journal contains it. */
export interface JournalEntry {
  readonly targetKey: string;
  /** Number of the change, one more than that of the change before. */
  readonly version: number;
  /** Whether the change is the whole record, which does not depend on the changes before. */
  readonly isWhole: boolean;
  /** The change as JSON text. */
  readonly change: string;
}

/** Place of the change of one record in a journal. The change is parsed only if it is needed. */
export interface JournalLine extends Pick<JournalEntry, 'version' | 'isWhole'> {
  /** Offsets of the change in bytes. */
  readonly from: number;
  readonly to: number;
  /** Time of the save (wall clock, epoch ms). */
  readonly savedAt: EpochMs;
}

/** Damaged line, as far as it is readable. */
export interface DamagedLine extends Pick<JournalEntry, 'targetKey' | 'version'> {
  /** Position of the line in bytes. */
  readonly offset: number;
}

/** Content of a journal file. */
export interface JournalContent {
  /** Changes by the key of their record, each list in order. */
  readonly linesOf: ReadonlyMap<string, readonly JournalLine[]>;
  readonly damaged: readonly DamagedLine[];
  /** Time of the last save (wall clock, epoch ms); 0 if there is none. */
  readonly savedAt: EpochMs;
  /** Offset in bytes after the last append that counts. */
  readonly end: number;
}

/**
 * Returns the text of one append: a line with the time of the save and the length of the other lines in bytes,
 * then a line for each change. A line consists of a CRC-32 of the rest of the line, the version, `=` if the change
 * is a whole record, the key of the record and, after a tab, its change. Neither keys nor changes contain control
 * characters, since both are JSON.
 */
export function toJournalText(entries: readonly JournalEntry[], savedAt: EpochMs): Buffer {
  const body = Buffer.from(
    entries
      .map(({ targetKey, version, isWhole, change }) =>
        toLine(`${version}${isWhole ? wholeMark : ''} ${targetKey}\t${change}`),
      )
      .join(''),
  );
  return Buffer.concat([Buffer.from(toLine(`${headVersion} \t[${savedAt},${body.length}]`)), body]);
}

/** Version in the first line of an append. The versions of changes start at 1. */
const headVersion = 0;

/**
 * Reports whether a value can be the version of a change. No record is saved so often that its version comes near the
 * limit; above it, adding 1 gives a version that is not exact, and what is saved next could not be read.
 */
export function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > headVersion && Number(value) < 2 ** 52;
}

function toLine(content: string): string {
  return `${crc32(content).toString(16).padStart(crcLength, '0')} ${content}\n`;
}

const wholeMark = '=';
const crcLength = 8;
const newline = 10;
const tab = 9;

interface RawLine extends Pick<JournalEntry, 'targetKey' | 'version' | 'isWhole'> {
  readonly from: number;
  readonly isIntact: boolean;
  readonly changeFrom: number;
  readonly to: number;
}

/** Append while it is read. */
interface Append {
  readonly savedAt: EpochMs;
  /** Offsets of its start and its end in bytes. */
  readonly from: number;
  readonly to: number;
  readonly lines: RawLine[];
}

/**
 * Reads a journal file. Each line has its own checksum, so damage to one line affects no other line. `isLast`:
 * the file is the newest journal, so that a crash can have interrupted its last append. Such an append counts
 * as not written, because nothing that was published depends on it.
 */
export function readJournal(bytes: Buffer, isLast: boolean): JournalContent {
  const linesOf = new Map<string, JournalLine[]>();
  const damaged: DamagedLine[] = [];
  let savedAt = 0;

  function commit(append: Append, to: number): void {
    for (const { from, isIntact, version, isWhole, targetKey, ...line } of append.lines) {
      if (from >= to) return;
      if (!isIntact) {
        damaged.push({ offset: from, targetKey, version });
        continue;
      }
      const place = { version, isWhole, from: line.changeFrom, to: line.to, savedAt: append.savedAt };
      const known = linesOf.get(targetKey);
      if (known === undefined) linesOf.set(targetKey, [place]);
      else known.push(place);
    }
    savedAt = append.savedAt;
  }

  let current: Append = { savedAt: 0, from: 0, to: 0, lines: [] };
  for (const line of rawLines(bytes)) {
    if (!line.isIntact || line.version !== headVersion) current.lines.push(line);
    else {
      commit(current, bytes.length);
      current = toAppend(bytes, line);
    }
  }
  const end = isLast ? usableEnd(bytes, current) : bytes.length;
  if (end > current.from) commit(current, end);
  return { linesOf, damaged, savedAt, end };
}

/**
 * Returns the offset up to which the newest journal is used: without its last append if a crash has interrupted it.
 * `last` is the last append whose first line is intact; what follows it is the last one then. A kill leaves the
 * begin of an append, so that its length or the end of its first line is missing. After a power failure, the file can
 * also have its full length, but zeros in the place of what was not written. All else is damage to a complete
 * append, which was possibly published.
 */
function usableEnd(bytes: Buffer, last: Append): number {
  const size = bytes.length;
  if (last.to === size && last.lines.every(({ isIntact }) => isIntact)) return size;
  const begin = last.to < size ? last.to : last.from;
  const isCut = last.to > size || !bytes.includes(newline, begin);
  return isCut || hasUnwrittenSector(bytes, begin) ? begin : size;
}

/** Unit in which disks write, in bytes. */
const sectorBytes = 512;

/**
 * Reports whether a sector with bytes from `from` on ends in zeros, which no line contains. A single zero can be a
 * flipped bit of a space; neither the first nor the last byte of an append is a space.
 */
function hasUnwrittenSector(bytes: Buffer, from: number): boolean {
  const first = from - (from % sectorBytes) + sectorBytes - 1;
  for (let at = first; at < bytes.length; at += sectorBytes) {
    if (bytes[at] === 0 && (at === from || bytes[at - 1] === 0)) return true;
  }
  return bytes.at(-1) === 0;
}

function* rawLines(bytes: Buffer): Iterable<RawLine> {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(newline, from);
    const to = end === -1 ? bytes.length : end;
    yield rawLine(bytes, from, to, end !== -1);
    from = to + 1;
  }
}

function rawLine(bytes: Buffer, from: number, to: number, isEnded: boolean): RawLine {
  const contentFrom = from + crcLength + 1;
  const tabAt = bytes.indexOf(tab, contentFrom);
  const keyTo = tabAt === -1 || tabAt > to ? to : tabAt;
  const text = bytes.toString('utf8', contentFrom, keyTo);
  const versionTo = text.indexOf(' ');
  const version = text.slice(0, versionTo);
  const number = Number.parseInt(version, 10);
  const crc = crc32(bytes.subarray(contentFrom, to)).toString(16).padStart(crcLength, '0');
  return {
    from,
    to,
    isIntact:
      isEnded &&
      crc === bytes.toString('latin1', from, from + crcLength) &&
      (number === headVersion || isVersion(number)),
    version: number,
    isWhole: version.endsWith(wholeMark),
    targetKey: text.slice(versionTo + 1),
    changeFrom: keyTo + 1,
  };
}

/** Reads the first line of an append, which must be intact. */
function toAppend(bytes: Buffer, { from, to, changeFrom }: RawLine): Append {
  // The cast is safe: the checksum proves that `toJournalText` wrote the line.
  const [savedAt, length] = JSON.parse(bytes.toString('utf8', changeFrom, to)) as [EpochMs, number];
  return { savedAt, from, to: to + 1 + length, lines: [] };
}
