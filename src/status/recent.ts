import type { PushSample } from '../model/push-sample.ts';
import { type EpochMs, minuteMs, secondMs } from '../model/time.ts';
import { breaksOf, type Interruption, maxDistanceSeconds, minInterruptedMs } from './interruption.ts';

/** Frame rate and bit rate of a stream at one time. A rate is undefined if the provider did not report it. */
export interface RecentPoint {
  /** Time of the measurement in epoch ms, always a multiple of 1000. */
  readonly measuredAt: EpochMs;
  /** Frames per second, rounded to 0.001. */
  readonly framesPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
}

export type Recent = ReturnType<typeof createRecent>;

const recentMs = 5 * minuteMs;
const recentSeconds = recentMs / secondMs;

/**
 * Initial capacity of a stream in entries. It is enough for one publisher with a sample every 5 s. The
 * maximum is twice this capacity, for two publishers.
 */
const minCapacity = 64;
const maxCapacity = 2 * minCapacity;

/**
 * Number of 32-bit words per entry. Entries are packed because each stream has about 60 entries. The first
 * word of an entry has the low 12 bits of the epoch second, then 20 bits with the frame rate in milliframes
 * per second. The second word has the bits per second. In both rates, the largest possible value means
 * unknown.
 */
const entryWords = 2;
const milliframeBits = 20;
const secondMask = 2 ** (32 - milliframeBits) - 1;
const unknownMilliframes = 2 ** milliframeBits - 1;
const unknownBits = 2 ** 32 - 1;

/** Entries of one stream, in order of arrival. */
interface Track {
  /** Slab (large array) that contains the entries of this stream and of other streams. */
  words: Uint32Array;
  /** Index in `words` of the first word of this stream. */
  start: number;
  /** Number of words for which this stream has space. `length` is the number of words in use. */
  capacity: number;
  length: number;
  /**
   * Epoch second of the newest entry. It determines the high bits of the other entries' seconds, because each
   * entry is less than 4096 s older.
   */
  newestSecond: number;
  /** Longest time in seconds that a sample of the last five minutes covers, and the newest sample with it. */
  periodSeconds: number;
  periodSecond: number;
  /** Whether two successive samples can be so far apart that the push broke. False for nearly all streams. */
  mayHaveBreaks: boolean;
}

/** Interruption of a stream. It is remembered for five minutes after its end, so that it can go on. */
interface NotedInterruption extends Interruption {
  /** Epoch second of the newest sample after which the push was interrupted. */
  readonly lastSecond: number;
}

/**
 * Creates the memory of recent samples, which holds the samples of each stream from the last five minutes.
 * Only the status page and the JSON API use these samples; totals never depend on them.
 */
export function createRecent() {
  const tracks = new Map<string, Track>();
  /** Of the streams that are interrupted, or were so in the last five minutes. */
  const interruptions = new Map<string, NotedInterruption>();
  const allocate = createSlabAllocator();

  const append = (track: Track, first: number, bits: number): void => {
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

  const noteInterruption = (streamKey: string, track: Track): void => {
    const seconds = track.mayHaveBreaks ? recentSecondsOf(track) : [];
    const breaks = breaksOf(seconds, track.periodSeconds);
    track.mayHaveBreaks = breaks !== undefined;
    const noted = interruptions.get(streamKey);
    // While the samples contain the time of the first break, they show whether late ones have filled it.
    const isShown = noted !== undefined && seconds.some((second) => second * secondMs <= noted.since);
    if (breaks !== undefined && breaks.ms >= minInterruptedMs) {
      const since = isShown ? breaks.since : (noted?.since ?? breaks.since);
      interruptions.set(streamKey, { since, ms: breaks.ms, lastSecond: track.newestSecond });
    } else if (noted !== undefined) {
      const isOver = isShown || track.newestSecond - noted.lastSecond > recentSeconds;
      if (isOver) interruptions.delete(streamKey);
      else interruptions.set(streamKey, { ...noted, ms: breaks?.ms ?? 0 });
    }
  };

  return {
    /** Adds samples in any order. A sample whose time and values equal those of a stored entry is a no-op. */
    add(streamKey: string, samples: readonly PushSample[]): void {
      if (samples.length === 0) return;
      let track = tracks.get(streamKey);
      if (track === undefined) {
        // List the fields: with a spread, V8 would store the others in an object of their own.
        const { words, start, capacity } = allocate(minCapacity);
        track = {
          words,
          start,
          capacity,
          length: 0,
          newestSecond: 0,
          periodSeconds: 0,
          periodSecond: 0,
          mayHaveBreaks: false,
        };
        tracks.set(streamKey, track);
      }
      let knownSecond = track.newestSecond;
      let newestSecond = knownSecond;
      for (const sample of samples) newestSecond = Math.max(newestSecond, toSecond(sample));
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
        const bits = toStored(bitsPerSecond, 1, unknownBits);
        notePeriod(track, second, sample.periodMs / secondMs);
        // Only an entry that is not newer than all others can be a repetition.
        if (isRecent(second) && (second > knownSecond || !hasEntry(track, first, bits))) {
          append(track, first, bits);
        }
        if (Math.abs(second - knownSecond) > maxDistanceSeconds) track.mayHaveBreaks = true;
        knownSecond = Math.max(knownSecond, second);
      }
      noteInterruption(streamKey, track);
    },
    /** Returns the interruption of a stream, as of its newest sample; undefined if it is not interrupted. */
    interruption(streamKey: string): Interruption | undefined {
      const noted = interruptions.get(streamKey);
      if (noted === undefined || noted.ms < minInterruptedMs) return undefined;
      return { since: noted.since, ms: noted.ms };
    },
    /** Returns the points of a stream from the five minutes before `now`, sorted by time. */
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
    drop(streamKey: string): void {
      tracks.delete(streamKey);
      interruptions.delete(streamKey);
    },
  };
}

/**
 * Creates a slab allocator: a function that returns space for a number of entries. Many streams share one
 * slab, because a typed array per stream would add about 200 bytes to the 512 bytes of its entries. The
 * garbage collector frees a slab when no stream uses the slab anymore.
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

/** Notes the time that a sample covers. A shorter one counts when the samples with a longer one are forgotten. */
function notePeriod(track: Track, second: number, periodSeconds: number): void {
  if (periodSeconds < track.periodSeconds && second <= track.periodSecond + recentSeconds) return;
  if (second < track.periodSecond && periodSeconds === track.periodSeconds) return;
  track.periodSeconds = periodSeconds;
  track.periodSecond = second;
}

function removeOldest(track: Track, words: number): void {
  track.words.copyWithin(track.start, track.start + words, track.start + track.length);
  track.length -= words;
}

function hasEntry({ words, start, length }: Track, first: number, bits: number): boolean {
  for (let at = start; at < start + length; at += entryWords) {
    if (words[at] === first && words[at + 1] === bits) return true;
  }
  return false;
}

/** Returns the seconds of the last five minutes. Older entries can be left if they arrived late. */
function recentSecondsOf(track: Track): readonly number[] {
  const seconds: number[] = [];
  for (let at = track.start; at < track.start + track.length; at += entryWords) {
    const second = secondAt(track, at);
    if (second > track.newestSecond - recentSeconds) seconds.push(second);
  }
  return seconds;
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

/** Scales and rounds a value and limits it to the range of its field. Returns `unknown` for undefined. */
function toStored(value: number | undefined, scale: number, unknown: number): number {
  return value === undefined ? unknown : Math.min(unknown - 1, Math.max(0, Math.round(value * scale)));
}
