import type { PushSample } from '../model/push-sample.ts';
import { type EpochMs, minuteMs, secondMs } from '../model/time.ts';

/** One point of a sparkline. Undefined: the provider did not send the value. */
export interface RecentPoint {
  /** Epoch ms, always a multiple of 1000. */
  readonly measuredAt: EpochMs;
  /** Rounded to 0.001. */
  readonly framesPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
}

export type Recent = ReturnType<typeof createRecent>;

const recentMs = 5 * minuteMs;
const recentSeconds = recentMs / secondMs;

/** Entries per stream: enough for one publisher with a sample every 5 s, and for two publishers. */
const minCapacity = 64;
const maxCapacity = 2 * minCapacity;

/**
 * Number of 32-bit words per entry. Entries are packed because each stream has about 60. The first word has the
 * low 12 bits of the epoch second and 20 bits of milliframes per second. The second word has the bits per
 * second. In both rates, the largest value means unknown.
 */
const entryWords = 2;
const milliframeBits = 20;
const secondMask = 2 ** (32 - milliframeBits) - 1;
const unknownMilliframes = 2 ** milliframeBits - 1;
const unknownBits = 2 ** 32 - 1;

/** Entries of one stream, in arrival order. */
interface Track {
  /** Slab that other streams share. */
  words: Uint32Array;
  /** Index of the first word. */
  start: number;
  /** Capacity of the track in words. `length` is also in words. */
  capacity: number;
  length: number;
  /**
   * Epoch second of the newest entry. Completes the seconds of the other entries, which are less than 4096 s
   * older.
   */
  newestSecond: number;
}

/** Holds the samples of the last five minutes of every stream in memory: for the status page, never for a ledger. */
export function createRecent() {
  const tracks = new Map<string, Track>();
  const allocate = createSlabAllocator();

  const append = (track: Track, first: number, bits: number): void => {
    for (let at = track.start; at < track.start + track.length; at += entryWords) {
      if (track.words[at] === first && track.words[at + 1] === bits) return;
    }
    if (track.length === maxCapacity * entryWords) removeOldest(track, entryWords);
    if (track.length === track.capacity) {
      const block = allocate(maxCapacity);
      block.words.set(track.words.subarray(track.start, track.start + track.length), block.start);
      Object.assign(track, block);
    }
    track.words[track.start + track.length] = first;
    track.words[track.start + track.length + 1] = bits;
    track.length += entryWords;
  };

  return {
    /** Adds samples in any order. An entry with the same time and values as a known one is a no-op. */
    add(streamKey: string, samples: readonly PushSample[]): void {
      if (samples.length === 0) return;
      let track = tracks.get(streamKey);
      if (track === undefined) {
        track = { ...allocate(minCapacity), length: 0, newestSecond: 0 };
        tracks.set(streamKey, track);
      }
      const newestSecond = samples.map(toSecond).reduce((a, b) => Math.max(a, b), track.newestSecond);
      const isRecent = (second: number) => second > newestSecond - recentSeconds;
      let expired = 0;
      while (expired < track.length && !isRecent(secondAt(track, track.start + expired)))
        expired += entryWords;
      if (expired > 0) removeOldest(track, expired);
      track.newestSecond = newestSecond;
      for (const sample of samples) {
        const { framesPerSecond, bitsPerSecond } = sample;
        const second = toSecond(sample);
        const milliframes = toStored(framesPerSecond, 1000, unknownMilliframes);
        const first = ((second << milliframeBits) | milliframes) >>> 0;
        if (isRecent(second)) append(track, first, toStored(bitsPerSecond, 1, unknownBits));
      }
    },
    /** Returns the points of the five minutes before `now`, sorted by time. */
    points(streamKey: string, now: EpochMs): readonly RecentPoint[] {
      const track = tracks.get(streamKey);
      const points: RecentPoint[] = [];
      if (track === undefined) return points;
      for (let at = track.start; at < track.start + track.length; at += entryWords) {
        const point = pointAt(track, at);
        if (point.measuredAt > now - recentMs) points.push(point);
      }
      return points.sort((a, b) => a.measuredAt - b.measuredAt);
    },
    /** Frees the samples of a removed stream. */
    drop: (streamKey: string) => void tracks.delete(streamKey),
  };
}

/**
 * Returns a slab allocator for a number of entries. A typed array per stream would add about 200 bytes to its
 * 512. The garbage collector frees a slab when no track uses it.
 */
function createSlabAllocator(): (entries: number) => Pick<Track, 'words' | 'start' | 'capacity'> {
  const slabWords = 32 * minCapacity * entryWords;
  let words = new Uint32Array(0);
  let end = 0;
  return (entries) => {
    const capacity = entries * entryWords;
    if (end + capacity > words.length) {
      words = new Uint32Array(slabWords);
      end = 0;
    }
    end += capacity;
    return { words, start: end - capacity, capacity };
  };
}

function removeOldest(track: Track, words: number): void {
  track.words.copyWithin(track.start, track.start + words, track.start + track.length);
  track.length -= words;
}

function secondAt({ words, newestSecond }: Track, at: number): number {
  return newestSecond - ((newestSecond - ((words[at] ?? 0) >>> milliframeBits)) & secondMask);
}

function pointAt(track: Track, at: number): RecentPoint {
  const milliframes = (track.words[at] ?? 0) & unknownMilliframes;
  const bits = track.words[at + 1] ?? 0;
  return {
    measuredAt: secondAt(track, at) * secondMs,
    framesPerSecond: milliframes === unknownMilliframes ? undefined : milliframes / 1000,
    bitsPerSecond: bits === unknownBits ? undefined : bits,
  };
}

function toSecond({ measuredAt }: PushSample): number {
  return Math.floor(measuredAt / secondMs);
}

/** Rounds and clamps a value to the range of its field. */
function toStored(value: number | undefined, scale: number, unknown: number): number {
  return value === undefined ? unknown : Math.min(unknown - 1, Math.max(0, Math.round(value * scale)));
}
