import type { InSlices } from '../model/slices.ts';
import { streamStates } from '../model/stream-state.ts';
import type { StreamInput } from './inputs.ts';
import { roughBeginOf, type StreamStatus } from './stream-status.ts';

export interface StreamOrder {
  readonly by: 'state' | 'name' | 'fps' | 'bitrate' | 'trouble';
  /** Whether the order is the opposite of the usual one, which is the most urgent or the smallest first. */
  readonly isReversed: boolean;
}

/** Stream with what its place in the order depends on. */
export interface OrderedStream {
  readonly input: StreamInput;
  readonly status: StreamStatus;
  /** Value by which the streams are sorted; undefined if it is unknown, which is last in any order. */
  readonly value: number | string | undefined;
  /** Position in the order of the config, which decides between streams with equal values. */
  readonly position: number;
}

/**
 * Returns the value of a stream by which it is sorted. By state, the most urgent state is first, and within a
 * state the one that began last. `troubleMs` returns the bad and missing time of the last hours.
 */
export function orderValue(
  by: StreamOrder['by'],
  input: StreamInput,
  status: StreamStatus,
  troubleMs: (streamKey: string) => number,
): number | string | undefined {
  switch (by) {
    case 'state': {
      // Times have 13 digits until the year 2286. A double holds 15 digits exactly.
      const began = roughBeginOf(input, status)?.at ?? 0;
      return streamStates.indexOf(status.state) * 1e13 - began;
    }
    case 'name':
      return input.target.stream.stream;
    case 'fps':
      return status.sample?.framesPerSecond;
    case 'bitrate':
      return status.sample?.bitsPerSecond;
    case 'trouble':
      return -troubleMs(input.key);
    default:
      return by satisfies never;
  }
}

/** Number of streams that are sorted at once. Longer lists are merged, in slices. */
const runLength = 128;

/** Sorts streams in slices of the event loop. */
export async function sortInSlices(
  streams: readonly OrderedStream[],
  isReversed: boolean,
  inSlices: InSlices,
): Promise<readonly OrderedStream[]> {
  const compare = (a: OrderedStream, b: OrderedStream) => compareStreams(a, b, isReversed);
  let runs: (readonly OrderedStream[])[] = [];
  const starts = Array.from({ length: Math.ceil(streams.length / runLength) }, (_, i) => i * runLength);
  await inSlices(starts, (start) => runs.push(streams.slice(start, start + runLength).sort(compare)));
  while (runs.length > 1) {
    const longer: (readonly OrderedStream[])[] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const merged: OrderedStream[] = [];
      await inSlices(merge(runs[i] ?? [], runs[i + 1] ?? [], compare), (stream) => merged.push(stream));
      longer.push(merged);
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merge<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Generator<T> {
  let i = 0;
  let j = 0;
  for (let first = a[i], second = b[j]; first !== undefined || second !== undefined; ) {
    if (first !== undefined && (second === undefined || compare(first, second) <= 0)) {
      yield first;
      first = a[++i];
    } else if (second !== undefined) {
      yield second;
      second = b[++j];
    }
  }
}

function compareStreams(a: OrderedStream, b: OrderedStream, isReversed: boolean): number {
  if (a.value === b.value) return a.position - b.position;
  if (a.value === undefined) return 1;
  if (b.value === undefined) return -1;
  return a.value < b.value === isReversed ? 1 : -1;
}
