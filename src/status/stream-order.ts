import { streamStates } from '../model/stream-state.ts';
import { type EpochMs, secondMs } from '../model/time.ts';
import type { StreamInput } from './inputs.ts';
import type { Interruption } from './interruption.ts';
import { roughBeginOf, type StreamStatus } from './stream-status.ts';

export interface StreamOrder {
  readonly by: 'state' | 'name' | 'fps' | 'bitrate' | 'trouble';
  /** Whether the order is the opposite of the usual one, which is the most urgent or the smallest first. */
  readonly isReversed: boolean;
}

/** Stream with all that its place in the order depends on. */
export interface OrderedStream {
  readonly input: StreamInput;
  /** Value by which the streams are sorted; undefined if it is unknown, which is last in any order. */
  readonly value: number | string | undefined;
  /** Position in the order of the config, which decides between streams with equal values and names. */
  readonly position: number;
}

/** Length of time in ms in which streams begin together: one cause ends the polls of an account within seconds. */
const sameBeginMs = 30 * secondMs;

/** Maximum number of digits that are compared as a number. */
const maxDigits = 16;

/** Returns a text whose order is that of the name, with numbers in the order of their values: `cam-2`, `cam-10`. */
export function naturalKey(name: string): string {
  return name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(maxDigits, '0'));
}

/**
 * Returns the value of a stream by which it is sorted. By state, the most urgent state is first, and within a
 * state of trouble the streams that began last. A stream that is up between the breaks of its push comes before all
 * others that are up. `interruption` is undefined if the push is not interrupted.
 */
export function orderValue(
  by: Exclude<StreamOrder['by'], 'trouble'>,
  input: StreamInput,
  status: StreamStatus,
  interruption: Interruption | undefined,
): number | string | undefined {
  switch (by) {
    case 'state': {
      const place = streamStates.indexOf(status.state) * 1e13;
      if (status.state === 'up' && interruption !== undefined) {
        return latestFirst(place - 0.5e13, interruption.since);
      }
      // Nobody looks for the good stream that began last.
      if (status.state === 'up' || status.state === 'not_pushed') return place;
      return latestFirst(place, roughBeginOf(input, status)?.at ?? 0);
    }
    case 'name':
      return naturalKey(input.target.stream.stream);
    case 'fps':
      return status.sample?.framesPerSecond;
    case 'bitrate':
      return status.sample?.bitsPerSecond;
    default:
      return by satisfies never;
  }
}

/** Returns a value within a place that is the smaller, the later a stream began. */
function latestFirst(place: number, began: EpochMs): number {
  // Times have 13 digits until the year 2286. A double holds 15 digits exactly.
  return place - Math.floor(began / sameBeginMs) * sameBeginMs;
}

/** Number of streams that are sorted at once. */
const runLength = 128;

/** Sorted streams, of which the first ones of `2 ** level` runs are left. */
interface Run {
  readonly streams: readonly OrderedStream[];
  readonly level: number;
}

/**
 * Creates the selection of the first `max` streams in an order. It sorts short runs and merges runs of equal level,
 * so that adding a stream takes little time, and holds little more than `max` streams at a time: V8 would copy all
 * streams that are held, and block the event loop meanwhile.
 */
export function createFirst(max: number, isReversed: boolean) {
  const compare = (a: OrderedStream, b: OrderedStream) => compareStreams(a, b, isReversed);
  const runs: Run[] = [];
  let unsorted: OrderedStream[] = [];

  function mergeLast(): void {
    const [a, b] = runs.splice(-2);
    if (a === undefined || b === undefined) return;
    runs.push({ streams: merge(a.streams, b.streams, max, compare), level: a.level + 1 });
  }
  function endRun(): void {
    runs.push({ streams: unsorted.sort(compare).slice(0, max), level: 0 });
    unsorted = [];
    while (runs.length > 1 && runs.at(-1)?.level === runs.at(-2)?.level) mergeLast();
  }

  return {
    add(stream: OrderedStream): void {
      if (unsorted.push(stream) === runLength) endRun();
    },
    /** Returns the first streams, sorted. Add no stream afterwards. */
    all(): readonly OrderedStream[] {
      endRun();
      while (runs.length > 1) mergeLast();
      return runs[0]?.streams ?? [];
    },
  };
}

/** Returns the first `max` items of two sorted lists, sorted. */
function merge<T>(
  a: readonly T[],
  b: readonly T[],
  max: number,
  compare: (a: T, b: T) => number,
): readonly T[] {
  const merged: T[] = [];
  let i = 0;
  let j = 0;
  while (merged.length < max) {
    const first = a[i];
    const second = b[j];
    if (first !== undefined && (second === undefined || compare(first, second) <= 0)) {
      merged.push(first);
      i++;
    } else if (second !== undefined) {
      merged.push(second);
      j++;
    } else break;
  }
  return merged;
}

function compareStreams(a: OrderedStream, b: OrderedStream, isReversed: boolean): number {
  if (a.value === b.value) return compareNames(a, b);
  if (a.value === undefined) return 1;
  if (b.value === undefined) return -1;
  return a.value < b.value === isReversed ? 1 : -1;
}

function compareNames(a: OrderedStream, b: OrderedStream): number {
  const [first, second] = [nameKeyOf(a), nameKeyOf(b)];
  if (first === second) return a.position - b.position;
  return first < second ? -1 : 1;
}

/** Keys of the names, which are computed only for streams with equal values, and once. */
const nameKeys = new WeakMap<OrderedStream, string>();

function nameKeyOf(stream: OrderedStream): string {
  const known = nameKeys.get(stream);
  if (known !== undefined) return known;
  const key = naturalKey(stream.input.target.stream.stream);
  nameKeys.set(stream, key);
  return key;
}
