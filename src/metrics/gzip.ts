import { constants, crc32, createDeflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';

/**
 * Level 3 takes the CPU of level 1, and a third of that of the usual 6. With little memory a block is short, and its code
 * fits the one family that it holds: 14 to 16 % more bytes than level 6, and 2 % more with the usual memory. The large
 * output chunk spares trips to the thread pool.
 */
const options: ZlibOptions = { level: 3, memLevel: 5, chunkSize: 256 * 1024 };

/** What the trailer of a gzip member says of the bytes before it. */
export interface GzipSum {
  readonly crc: number;
  readonly bytes: number;
}

export const emptySum: GzipSum = { crc: 0, bytes: 0 };

export function addToSum({ crc, bytes }: GzipSum, piece: Uint8Array): GzipSum {
  return { crc: crc32(piece, crc), bytes: bytes + piece.length };
}

/**
 * The pieces compressed in the thread pool, up to a full flush, so that anything may follow; without gzip's header and
 * trailer. A piece is read until two more were asked for. `onSum` gets the sum of all.
 */
export async function* deflatePieces(
  pieces: AsyncIterable<Uint8Array>,
  onSum: (sum: GzipSum) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const deflate = createDeflateRaw(options);
  const packed: Uint8Array[] = [];
  // Told before the write is, so that after it all of its bytes are here.
  deflate.on('data', (bytes: Uint8Array) => packed.push(bytes));
  let failure: unknown;
  deflate.on('error', (error) => {
    failure = error;
  });
  const done = (start: (callback: () => void) => void) =>
    new Promise<void>((resolve, reject) =>
      start(() => (failure === undefined ? resolve() : reject(failure))),
    );

  try {
    let sum = emptySum;
    let writing = Promise.resolve();
    for await (const piece of pieces) {
      await writing;
      yield* packed.splice(0);
      // Not awaited yet: the next piece is drawn meanwhile.
      writing = done((callback) => deflate.write(piece, callback));
      sum = addToSum(sum, piece);
    }
    await writing;
    await done((callback) => deflate.flush(constants.Z_FULL_FLUSH, callback));
    yield* packed.splice(0);
    onSum(sum);
  } finally {
    deflate.destroy();
  }
}

/** Deflate, no name, no time, no flags: two answers of equal content are equal bytes. The operating system is unknown. */
export const gzipHeader: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** The end of the one member that all of an answer is, since some readers stop after the first: the last bytes compressed, and the trailer. */
export function gzipEnd(last: Uint8Array, before: GzipSum): Uint8Array {
  const { crc, bytes } = addToSum(before, last);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(bytes % 2 ** 32, 4);
  return Buffer.concat([deflateRawSync(last, options), trailer]);
}
