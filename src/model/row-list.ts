/**
 * Rows of a ledger, read like an array. An array, or a `RowList` if there are so many rows that copying them
 * for each answer would be slow. Never edit it.
 */
export interface Rows<T> extends Iterable<T> {
  readonly length: number;
  at(index: number): T | undefined;
  slice(from?: number, to?: number): readonly T[];
}

/** Part of rows, by index: from `from` up to, but without, `to`. By default all rows. */
interface Range {
  readonly from?: number;
  readonly to?: number;
}

/**
 * Number of rows in a chunk, a power of two, and its logarithm. A longer chunk costs more to copy for each
 * answer.
 */
const chunkBits = 9;
const chunkLength = 1 << chunkBits;

/**
 * Returns the rows of a range, followed by `end`. The cost does not depend on the number of rows but on the
 * length of `end`, because the result shares its chunks with `rows`, which stays as it is.
 */
export function withEnd<T>(rows: Rows<T>, { from = 0, to = rows.length }: Range, end: readonly T[]): Rows<T> {
  if (from === 0 && to === rows.length && end.length === 0) return rows;
  if (to - from + end.length <= chunkLength) return [...rows.slice(from, to), ...end];
  if (rows instanceof RowList) return rows.withEnd(from, to, end);
  return new RowList(toChunks([...rows.slice(from, to), ...end]), 0, to - from + end.length);
}

/** Returns for how many rows, from the two indexes on, both rows contain the same objects. */
export function countSame<T>(a: Rows<T>, fromA: number, b: Rows<T>, fromB: number): number {
  const max = Math.min(a.length - fromA, b.length - fromB);
  const isChunked = a instanceof RowList && b instanceof RowList;
  let same = 0;
  while (same < max) {
    const shared = isChunked ? a.countShared(fromA + same, b, fromB + same) : 0;
    if (shared === 0 && a.at(fromA + same) !== b.at(fromB + same)) return same;
    same += Math.max(shared, 1);
  }
  return max;
}

/** List of rows that shares most of its memory with the lists that are derived from it. */
class RowList<T> implements Rows<T> {
  /**
   * Rows in chunks of `chunkLength`; the last chunk can be shorter. Chunks are shared, so they are never
   * edited.
   */
  readonly #chunks: readonly (readonly T[])[];
  /** Index of the first row of the list in the first chunk. */
  readonly #offset: number;
  /**
   * Number of rows of the list. The last chunk can contain further rows, of the list from which it was
   * derived.
   */
  readonly length: number;

  constructor(chunks: readonly (readonly T[])[], offset: number, length: number) {
    this.#chunks = chunks;
    this.#offset = offset;
    this.length = length;
  }

  at(index: number): T | undefined {
    const at = index < 0 ? index + this.length : index;
    if (at < 0 || at >= this.length) return undefined;
    const place = this.#offset + at;
    return this.#chunks[place >> chunkBits]?.[place & (chunkLength - 1)];
  }

  slice(from = 0, to = this.length): readonly T[] {
    const start = this.#offset + toIndex(from, this.length);
    const end = this.#offset + toIndex(to, this.length);
    const rows: T[] = [];
    for (let place = start; place < end; ) {
      const chunkStart = place & ~(chunkLength - 1);
      const part = this.#chunks[place >> chunkBits]?.slice(place - chunkStart, end - chunkStart) ?? [];
      for (const row of part) rows.push(row);
      place = chunkStart + chunkLength;
    }
    return rows;
  }

  *[Symbol.iterator](): Generator<T, undefined> {
    for (let start = 0; start < this.length; start += chunkLength) {
      yield* this.slice(start, Math.min(start + chunkLength, this.length));
    }
  }

  withEnd(from: number, to: number, end: readonly T[]): RowList<T> {
    const firstChunk = (this.#offset + from) >> chunkBits;
    const lastChunk = (this.#offset + to) >> chunkBits;
    const unfilled = this.#chunks[lastChunk]?.slice(0, (this.#offset + to) & (chunkLength - 1)) ?? [];
    const chunks = [...this.#chunks.slice(firstChunk, lastChunk), ...toChunks([...unfilled, ...end])];
    return new RowList(chunks, this.#offset + from - firstChunk * chunkLength, to - from + end.length);
  }

  /**
   * Returns the number of rows from `index` to the end of its chunk if `other` contains that chunk with the
   * same row at `otherIndex`; otherwise 0. Both lists can end before the chunk.
   */
  countShared(index: number, other: RowList<T>, otherIndex: number): number {
    const [place, otherPlace] = [this.#offset + index, other.#offset + otherIndex];
    const isShared =
      (place - otherPlace) % chunkLength === 0 &&
      this.#chunks[place >> chunkBits] === other.#chunks[otherPlace >> chunkBits];
    return isShared ? chunkLength - (place & (chunkLength - 1)) : 0;
  }
}

function toChunks<T>(rows: readonly T[]): readonly (readonly T[])[] {
  const chunks: (readonly T[])[] = [];
  for (let i = 0; i < rows.length; i += chunkLength) chunks.push(rows.slice(i, i + chunkLength));
  return chunks;
}

/** Returns an index that `slice` receives, from 0 to `length`; a negative index counts from the end. */
function toIndex(index: number, length: number): number {
  return index < 0 ? Math.max(0, index + length) : Math.min(index, length);
}
