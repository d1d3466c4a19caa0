/** A buffer to write into, at least this long. What it held before is lost. */
export type NewPiece = (leastBytes: number) => Uint8Array;

/** The usual size: large enough that their number costs nothing, small enough that a few may wait to be sent. */
export const pieceBytes = 512 * 1024;

/** Pieces that are used again: fresh ones cost more than to fill them, in pages of memory and in collecting them. */
export interface PiecePool {
  readonly take: NewPiece;
  /** Takes back one that nobody reads any more: the whole of it, or a part from its beginning. */
  give(piece: Uint8Array): void;
}

/** Holds back at most `most` pieces of the usual size. */
export function createPiecePool(most: number): PiecePool {
  const idle: ArrayBufferLike[] = [];
  return {
    take(leastBytes) {
      if (leastBytes > pieceBytes) return Buffer.allocUnsafeSlow(leastBytes);
      const buffer = idle.pop();
      return buffer === undefined ? Buffer.allocUnsafeSlow(pieceBytes) : Buffer.from(buffer);
    },
    give({ buffer }) {
      if (buffer.byteLength === pieceBytes && idle.length < most) idle.push(buffer);
    },
  };
}
