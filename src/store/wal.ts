import { closeSync, existsSync, openSync, readSync } from 'node:fs';

/*
 * The log of saves that SQLite keeps beside the file until it has brought them there: a header, and a frame for each page
 * (https://www.sqlite.org/fileformat.html, "The Write-Ahead Log", read 2026-11-22).
 */

const headerBytes = 32;
const frameHeaderBytes = 24;
const usualPageBytes = 8192;
/** One more where the words that the checksums add up are big-endian; all else is so in any case. */
const magic = 0x377f0682;

type Sums = readonly [number, number];

/**
 * Throws when the log in `file` is damaged in the midst. SQLite takes the first frame that does not fit its checksum for
 * the end, without a word, as it must after a crash: totals would fall by all that was saved since, and Prometheus would
 * take that for a reset and count them again in whole. What the disk refused, or a crash broke off, is at the end, and
 * may hold the end of one save; so two in a row show that the frame before them was damaged after it was saved. The last
 * two saves themselves may be damaged and nobody is told.
 */
export function checkWal(file: string): void {
  if (!existsSync(file)) return;
  const opened = openSync(file, 'r');
  try {
    // Piece by piece: a log that a backup kept from being brought to the file may be larger than the memory.
    checkFrames((at, bytes) => {
      const chunk = Buffer.alloc(bytes);
      return readSync(opened, chunk, 0, bytes, at) === bytes ? chunk : undefined;
    });
  } finally {
    closeSync(opened);
  }
}

/** Of an open file; undefined where so much is not there. */
type Read = (at: number, bytes: number) => Buffer | undefined;

function checkFrames(read: Read): void {
  const head = read(0, headerBytes);
  if (head === undefined) return;
  const { isWhole, isBigEndian, pageBytes, salts } = readHeader(head, read);
  const frameBytes = frameHeaderBytes + pageBytes;
  let told = sumsAt(head, 24);
  let isDamaged = !isWhole;
  let savesInRow = 0;
  for (let at = headerBytes; ; at += frameBytes) {
    const frame = read(at, frameBytes);
    if (frame === undefined) return;
    const before = told;
    told = sumsAt(frame, 16);
    // Frames with other salts are left from before the log was begun anew.
    if (!saltsOf(frame).equals(salts) || !isEqual(told, sumsOfFrame(frame, before, isBigEndian))) {
      isDamaged = true;
      savesInRow = 0;
      continue;
    }
    // How large the file is after it: told by the last frame of a save only.
    if (isDamaged && frame.readUInt32BE(4) !== 0) savesInRow++;
    if (savesInRow === 2) throw new Error('what was saved last is damaged');
  }
}

/** Of a damaged one, what it is likely to have said. */
function readHeader(head: Buffer, read: Read) {
  const pageBytes = head.readUInt32BE(8);
  const isBigEndian = head.readUInt32BE(0) === magic + 1;
  // What is all zeros fits its checksum too.
  const isOurs = isBigEndian || head.readUInt32BE(0) === magic;
  const isWhole = isOurs && isEqual(sumsAt(head, 24), sumsOf(head.subarray(0, 24), [0, 0], isBigEndian));
  return isWhole
    ? { isWhole, isBigEndian, pageBytes, salts: head.subarray(16, 24) }
    : { isWhole, isBigEndian: false, pageBytes: usualPageBytes, salts: mostFrequentSalts(read) };
}

/** Those of most frames: what damaged the header may have damaged the first of them as well. */
function mostFrequentSalts(read: Read): Buffer {
  const counts = new Map<string, number>();
  const frameBytes = frameHeaderBytes + usualPageBytes;
  for (let at = headerBytes; ; at += frameBytes) {
    const frame = read(at, frameHeaderBytes);
    if (frame === undefined) break;
    const salts = saltsOf(frame).toString('hex');
    counts.set(salts, (counts.get(salts) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return Buffer.from(most?.[0] ?? '', 'hex');
}

function saltsOf(frame: Buffer): Buffer {
  return frame.subarray(8, 16);
}

/** Each frame's go on from those of the one before. */
function sumsOfFrame(frame: Buffer, before: Sums, isBigEndian: boolean): Sums {
  const sumsOfHead = sumsOf(frame.subarray(0, 8), before, isBigEndian);
  return sumsOf(frame.subarray(frameHeaderBytes), sumsOfHead, isBigEndian);
}

function sumsAt(bytes: Buffer, at: number): Sums {
  return [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
}

function isEqual(one: Sums, other: Sums): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

function sumsOf(bytes: Buffer, [first, second]: Sums, isBigEndian: boolean): Sums {
  const word = (at: number) => (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  let s0 = first;
  let s1 = second;
  for (let at = 0; at < bytes.length; at += 8) {
    s0 = (s0 + word(at) + s1) >>> 0;
    s1 = (s1 + word(at + 4) + s0) >>> 0;
  }
  return [s0, s1];
}
