import type { PushSample } from '../model/push-sample.ts';
import { type EpochMs, minuteMs, secondMs } from '../model/time.ts';

/** A sample of the last minutes, as far as a line on a page needs it. What the provider did not send is undefined. */
export interface RecentPoint {
  /** In whole seconds. */
  readonly measuredAt: EpochMs;
  /** To a thousandth. */
  readonly framesPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
}

/** The last minutes of every stream, in memory only: for the page and for alerts, never for a ledger. */
export interface Recent {
  /** Samples in any order; one that is there already is not added again. */
  add(streamKey: string, samples: readonly PushSample[]): void;
  /** What was measured less than five minutes before `now`, the oldest first; empty where nothing was. */
  points(streamKey: string, now: EpochMs): readonly RecentPoint[];
  /** Frees what is known of the stream. */
  drop(streamKey: string): void;
}

export const recentMs = 5 * minuteMs;

/**
 * One publisher at a sample each 5 s needs 60 entries, which fit one block; two at once, or a sample each second, have
 * two blocks at most.
 */
const blockEntries = 64;
const mostBlocks = 2;
/**
 * Numbers of 32 bits for an entry: the second and the frames, and the bits. 8 bytes a sample; for 50,000 streams about
 * 32 MB, where an object for each sample would take ten times that.
 */
const width = 2;
/** The frames per second, in thousandths, have the lower 20 bits of the first number. */
const frameBits = 20;
/** The others are the second, without what all seconds of a track share. */
const secondsRound = 2 ** (32 - frameBits);
/** Stands for a value that was not sent: unknown is not zero. */
const unknownFrames = 2 ** frameBits - 1;
const unknownBits = 2 ** 32 - 1;

const keptSeconds = recentMs / secondMs;

/** The entries of one stream, in time order, and of equal times by value: a ring in its blocks. */
interface Track {
  /** The first of its blocks. */
  place: number;
  blocks: number;
  /** Of the oldest entry in the ring. */
  start: number;
  length: number;
  /** Second of the newest entry. */
  newest: number;
}

interface Entry {
  readonly second: number;
  readonly frames: number;
  readonly bits: number;
}

/** Equal values of two publishers at one second are one point: a line would not show the difference. */
export function createRecent(): Recent {
  const tracks = new Map<string, Track>();
  const words = createBlocks();

  const wordAt = ({ place, blocks, start }: Track, entry: number): number =>
    (place * blockEntries + ((start + entry) % (blocks * blockEntries))) * width;

  const secondAt = (track: Track, entry: number): number => {
    const stored = words.get(wordAt(track, entry)) >>> frameBits;
    return track.newest - ((track.newest - stored) % secondsRound);
  };

  const read = (track: Track, entry: number): Entry => {
    const at = wordAt(track, entry);
    return { second: secondAt(track, entry), frames: words.get(at) & unknownFrames, bits: words.get(at + 1) };
  };

  const write = (track: Track, entry: number, { second, frames, bits }: Entry): void => {
    const at = wordAt(track, entry);
    words.set(at, ((second % secondsRound) << frameBits) | frames);
    words.set(at + 1, bits);
  };

  const dropUpTo = (track: Track, second: number): void => {
    while (track.length > 0 && secondAt(track, 0) <= second) dropOldest(track);
  };

  const grow = (track: Track): void => {
    const entries = Array.from({ length: track.length }, (_, entry) => read(track, entry));
    words.give(track.place, track.blocks);
    track.blocks++;
    track.place = words.take(track.blocks);
    track.start = 0;
    for (const [entry, kept] of entries.entries()) write(track, entry, kept);
  };

  /** Nearly every sample is the newest, so its place is looked for from the end. */
  const insert = (track: Track, told: Entry): void => {
    let before = track.length;
    for (; before > 0; before--) {
      if (secondAt(track, before - 1) < told.second) break;
      const order = compare(read(track, before - 1), told);
      if (order === 0) return;
      if (order < 0) break;
    }
    if (track.length === track.blocks * blockEntries) {
      if (track.blocks < mostBlocks) grow(track);
      else if (before === 0) return;
      else {
        dropOldest(track);
        before--;
      }
    }
    for (let entry = track.length; entry > before; entry--) write(track, entry, read(track, entry - 1));
    write(track, before, told);
    track.length++;
  };

  return {
    add(streamKey, samples) {
      if (samples.length === 0) return;
      let track = tracks.get(streamKey);
      if (track === undefined) {
        track = { place: words.take(1), blocks: 1, start: 0, length: 0, newest: 0 };
        tracks.set(streamKey, track);
      }
      const newest = newestSecond(track, samples);
      // First, since a second is told by how long it was before the newest.
      dropUpTo(track, newest - keptSeconds);
      track.newest = newest;
      for (const sample of samples) {
        const entry = toEntry(sample);
        if (entry.second > newest - keptSeconds) insert(track, entry);
      }
    },
    points(streamKey, now) {
      const track = tracks.get(streamKey);
      if (track === undefined) return [];
      return Array.from({ length: track.length }, (_, entry) => toPoint(read(track, entry))).filter(
        ({ measuredAt }) => measuredAt > now - recentMs,
      );
    },
    drop(streamKey) {
      const track = tracks.get(streamKey);
      if (track !== undefined) words.give(track.place, track.blocks);
      tracks.delete(streamKey);
    },
  };

  function dropOldest(track: Track): void {
    track.start = (track.start + 1) % (track.blocks * blockEntries);
    track.length--;
  }
}

/** Of the track with these samples. */
function newestSecond(track: Track, samples: readonly PushSample[]): number {
  let { newest } = track;
  for (const { measuredAt } of samples) newest = Math.max(newest, Math.floor(measuredAt / secondMs));
  return newest;
}

function compare(a: Entry, b: Entry): number {
  return a.second - b.second || a.frames - b.frames || a.bits - b.bits;
}

function toEntry({ measuredAt, framesPerSecond, bitsPerSecond }: PushSample): Entry {
  return {
    second: Math.floor(measuredAt / secondMs),
    frames: toStored(framesPerSecond, 1000, unknownFrames),
    bits: toStored(bitsPerSecond, 1, unknownBits),
  };
}

function toPoint({ second, frames, bits }: Entry): RecentPoint {
  return {
    measuredAt: second * secondMs,
    framesPerSecond: frames === unknownFrames ? undefined : frames / 1000,
    bitsPerSecond: bits === unknownBits ? undefined : bits,
  };
}

function toStored(value: number | undefined, scale: number, unknown: number): number {
  return value === undefined ? unknown : Math.min(unknown - 1, Math.max(0, Math.round(value * scale)));
}

/**
 * Blocks of numbers, out of a few large arrays: an array for each stream would take 200 bytes more than what is in it.
 * One or more that follow each other are taken and given back together.
 */
function createBlocks() {
  const blockWords = blockEntries * width;
  const chunkBlocks = 512;
  const chunkWords = chunkBlocks * blockWords;
  const chunks: Uint32Array[] = [];
  /** Places to use again, by how many blocks they have. */
  const free = new Map<number, number[]>();
  let next = 0;
  return {
    take(blocks: number): number {
      const used = free.get(blocks)?.pop();
      if (used !== undefined) return used;
      if (next + blocks > chunks.length * chunkBlocks) {
        next = chunks.length * chunkBlocks;
        chunks.push(new Uint32Array(chunkWords));
      }
      next += blocks;
      return next - blocks;
    },
    give(place: number, blocks: number): void {
      const places = free.get(blocks);
      if (places === undefined) free.set(blocks, [place]);
      else places.push(place);
    },
    get: (word: number) => chunks[Math.floor(word / chunkWords)]?.[word % chunkWords] ?? 0,
    set(word: number, value: number): void {
      const chunk = chunks[Math.floor(word / chunkWords)];
      if (chunk !== undefined) chunk[word % chunkWords] = value;
    },
  };
}
