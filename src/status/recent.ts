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
 * One publisher at a sample each 5 s needs 60; two at once, or a sample each second, have twice the room at most. Powers
 * of two, as `secondsRound` is, so that a rest is a few bits.
 */
const firstRoom = 64;
const mostRoom = 2 * firstRoom;
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

/** The entries of one stream, in time order, and of equal times by value: a ring. */
interface Track extends Block {
  /** Of the oldest entry in the ring. */
  start: number;
  length: number;
  /** The second of the newest entry. */
  newest: number;
}

/** Equal values of two publishers at one second are one point: a line would not show the difference. */
export function createRecent(): Recent {
  const tracks = new Map<string, Track>();
  const blocks = createBlocks();

  const grow = (track: Track): void => {
    const before = { ...track };
    Object.assign(track, blocks.take(2 * track.room), { start: 0 });
    for (let entry = 0; entry < track.length; entry++) {
      const from = wordAt(before, entry);
      const to = wordAt(track, entry);
      track.words[to] = before.words[from] ?? 0;
      track.words[to + 1] = before.words[from + 1] ?? 0;
    }
    blocks.give(before);
  };

  const insert = (track: Track, sample: PushSample): void => {
    const second = toSecond(sample.measuredAt);
    const frames = toStored(sample.framesPerSecond, 1000, unknownFrames);
    const bits = toStored(sample.bitsPerSecond, 1, unknownBits);
    let before = track.length;
    // Nearly every sample is the newest, so its place is looked for from the end.
    for (; before > 0; before--) {
      const order =
        secondAt(track, before - 1) - second ||
        framesAt(track, before - 1) - frames ||
        bitsAt(track, before - 1) - bits;
      if (order === 0) return;
      if (order < 0) break;
    }
    if (track.length === track.room) {
      if (track.room < mostRoom) grow(track);
      else if (before === 0) return;
      else {
        dropOldest(track);
        before--;
      }
    }
    for (let entry = track.length; entry > before; entry--) moveOn(track, entry - 1);
    const word = wordAt(track, before);
    track.words[word] = (second << frameBits) | frames;
    track.words[word + 1] = bits;
    track.length++;
  };

  return {
    add(streamKey, samples) {
      if (samples.length === 0) return;
      let track = tracks.get(streamKey);
      if (track === undefined) {
        track = { ...blocks.take(firstRoom), start: 0, length: 0, newest: 0 };
        tracks.set(streamKey, track);
      }
      const newest = newestSecond(track, samples);
      // First, since an entry's second is told by how long it was before the newest.
      while (track.length > 0 && secondAt(track, 0) <= newest - keptSeconds) dropOldest(track);
      track.newest = newest;
      for (const sample of samples) {
        if (toSecond(sample.measuredAt) > newest - keptSeconds) insert(track, sample);
      }
    },
    points(streamKey, now) {
      const track = tracks.get(streamKey);
      return track === undefined ? [] : pointsSince(track, now - recentMs);
    },
    drop(streamKey) {
      const track = tracks.get(streamKey);
      if (track !== undefined) blocks.give(track);
      tracks.delete(streamKey);
    },
  };
}

/** Of the track with these samples. */
function newestSecond({ newest }: Track, samples: readonly PushSample[]): number {
  let latest = newest;
  for (const { measuredAt } of samples) latest = Math.max(latest, toSecond(measuredAt));
  return latest;
}

function pointsSince(track: Track, from: EpochMs): readonly RecentPoint[] {
  const points: RecentPoint[] = [];
  for (let entry = 0; entry < track.length; entry++) {
    const measuredAt = secondAt(track, entry) * secondMs;
    const frames = framesAt(track, entry);
    const bits = bitsAt(track, entry);
    if (measuredAt <= from) continue;
    points.push({
      measuredAt,
      framesPerSecond: frames === unknownFrames ? undefined : frames / 1000,
      bitsPerSecond: bits === unknownBits ? undefined : bits,
    });
  }
  return points;
}

function dropOldest(track: Track): void {
  track.start = (track.start + 1) & (track.room - 1);
  track.length--;
}

/** Makes room for another entry at the place of this one. */
function moveOn(track: Track, entry: number): void {
  const from = wordAt(track, entry);
  const to = wordAt(track, entry + 1);
  track.words[to] = track.words[from] ?? 0;
  track.words[to + 1] = track.words[from + 1] ?? 0;
}

function wordAt({ from, room, start }: Track, entry: number): number {
  return from + ((start + entry) & (room - 1)) * width;
}

function secondAt(track: Track, entry: number): number {
  const stored = (track.words[wordAt(track, entry)] ?? 0) >>> frameBits;
  return track.newest - ((track.newest - stored) & (secondsRound - 1));
}

function framesAt(track: Track, entry: number): number {
  return (track.words[wordAt(track, entry)] ?? 0) & unknownFrames;
}

function bitsAt(track: Track, entry: number): number {
  return track.words[wordAt(track, entry) + 1] ?? 0;
}

function toSecond(at: EpochMs): number {
  return Math.floor(at / secondMs);
}

function toStored(value: number | undefined, scale: number, unknown: number): number {
  return value === undefined ? unknown : Math.min(unknown - 1, Math.max(0, Math.round(value * scale)));
}

/** Room for so many entries, in an array that others use as well. */
interface Block {
  words: Uint32Array;
  /** Where in the array it begins. */
  from: number;
  room: number;
}

/** An array for each stream would take 200 bytes more than what is in it. */
function createBlocks() {
  const arrayWords = 512 * firstRoom * width;
  /** To be used again, by their room. */
  const free = new Map<number, Block[]>();
  let words = new Uint32Array(0);
  let next = 0;
  return {
    take(room: number): Block {
      const used = free.get(room)?.pop();
      if (used !== undefined) return used;
      if (next + room * width > words.length) {
        words = new Uint32Array(arrayWords);
        next = 0;
      }
      const from = next;
      next += room * width;
      return { words, from, room };
    },
    give({ words: used, from, room }: Block): void {
      const blocks = free.get(room);
      if (blocks === undefined) free.set(room, [{ words: used, from, room }]);
      else blocks.push({ words: used, from, room });
    },
  };
}
