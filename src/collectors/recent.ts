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

/** One publisher at a sample each 5 s needs 60 entries; two at once, or a change of publisher, need more. */
const maxEntries = 128;
/** A stream that was seen once needs little. */
const firstEntries = 8;
/** Seconds since the epoch, thousandths of a frame per second, bits per second: 12 bytes a sample, in time order. */
const width = 3;
/** Stands for a value that was not sent: unknown is not zero. */
const unknown = 0xffff_ffff;

interface Track {
  /** Entries of `width` numbers; grows up to `maxEntries` of them. */
  data: Uint32Array;
  /** How many entries are in use. */
  length: number;
}

/**
 * For 50,000 streams with a sample each 5 s it takes about 70 MB, arrays and all (measured); an object for each sample would take
 * several times that. Equal values of two publishers at one second are one point: a line would not show the difference.
 */
export function createRecent(): Recent {
  const tracks = new Map<string, Track>();
  return {
    add(streamKey, samples) {
      if (samples.length === 0) return;
      let track = tracks.get(streamKey);
      if (track === undefined) {
        track = { data: new Uint32Array(firstEntries * width), length: 0 };
        tracks.set(streamKey, track);
      }
      // First, so that the track need not grow for those that come.
      dropOldest(track, countBefore(track, newestSecond(track, samples) - recentMs / secondMs));
      for (const sample of samples) insert(track, sample);
    },
    points(streamKey, now) {
      const track = tracks.get(streamKey);
      return track === undefined ? [] : pointsSince(track, now - recentMs);
    },
    drop(streamKey) {
      tracks.delete(streamKey);
    },
  };
}

/** Of the track with these samples. */
function newestSecond(track: Track, samples: readonly PushSample[]): number {
  let newest = track.length === 0 ? 0 : at(track, track.length - 1, 0);
  for (const { measuredAt } of samples) newest = Math.max(newest, Math.floor(measuredAt / secondMs));
  return newest;
}

/**
 * Keeps the track in order, by time and then by values. Nearly every sample is the newest, so its place is looked for
 * from the end.
 */
function insert(track: Track, sample: PushSample): void {
  const second = Math.floor(sample.measuredAt / secondMs);
  const fps = toStored(sample.framesPerSecond, 1000);
  const bps = toStored(sample.bitsPerSecond, 1);
  let place = track.length;
  for (; place > 0; place--) {
    const order =
      at(track, place - 1, 0) - second || at(track, place - 1, 1) - fps || at(track, place - 1, 2) - bps;
    if (order === 0) return;
    if (order < 0) break;
  }
  if (track.length === maxEntries) {
    if (place === 0) return;
    dropOldest(track, 1);
    place--;
  }
  if (track.length * width === track.data.length) grow(track);
  const { data, length } = track;
  if (place < length) data.copyWithin((place + 1) * width, place * width, length * width);
  data[place * width] = second;
  data[place * width + 1] = fps;
  data[place * width + 2] = bps;
  track.length++;
}

function pointsSince(track: Track, from: EpochMs): readonly RecentPoint[] {
  const points: RecentPoint[] = [];
  for (let entry = countBefore(track, Math.floor(from / secondMs)); entry < track.length; entry++) {
    points.push({
      measuredAt: at(track, entry, 0) * secondMs,
      framesPerSecond: fromStored(at(track, entry, 1), 1000),
      bitsPerSecond: fromStored(at(track, entry, 2), 1),
    });
  }
  return points;
}

/** How many entries are from `second` or before it. */
function countBefore(track: Track, second: number): number {
  let count = 0;
  while (count < track.length && at(track, count, 0) <= second) count++;
  return count;
}

function dropOldest(track: Track, count: number): void {
  if (count === 0) return;
  track.data.copyWithin(0, count * width, track.length * width);
  track.length -= count;
}

function grow(track: Track): void {
  const data = new Uint32Array(track.data.length * 2);
  data.set(track.data);
  track.data = data;
}

/** Reading beyond the end would be a mistake of this file; 0 keeps the arithmetic in whole numbers. */
function at(track: Track, entry: number, column: number): number {
  return track.data[entry * width + column] ?? 0;
}

function toStored(value: number | undefined, scale: number): number {
  return value === undefined ? unknown : Math.min(unknown - 1, Math.max(0, Math.round(value * scale)));
}

function fromStored(stored: number, scale: number): number | undefined {
  return stored === unknown ? undefined : stored / scale;
}
