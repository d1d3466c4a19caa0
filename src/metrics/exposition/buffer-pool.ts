/** A buffer to write into, at least this long. What it held before is lost. */
export type NewBuffer = (leastBytes: number) => Uint8Array;

/** The usual size: large enough that their number costs nothing, small enough that a few may wait to be sent. */
export const chunkBytes = 512 * 1024;

/** Pieces that are used again: fresh ones cost more than to fill them, in pages of memory and in collecting them. */
export interface BufferPool {
  readonly take: NewBuffer;
  /** Takes back one that nobody reads any more: the whole of it, or a part from its beginning. */
  give(chunk: Uint8Array): void;
}

/** Holds back at most `most` pieces of the usual size. */
export function createBufferPool(most: number): BufferPool {
  const idle: ArrayBufferLike[] = [];
  return {
    take(leastBytes) {
      if (leastBytes > chunkBytes) return Buffer.allocUnsafeSlow(leastBytes);
      const buffer = idle.pop();
      return buffer === undefined ? Buffer.allocUnsafeSlow(chunkBytes) : Buffer.from(buffer);
    },
    give({ buffer }) {
      if (buffer.byteLength === chunkBytes && idle.length < most) idle.push(buffer);
    },
  };
}
