import { constants, crc32, createDeflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';

/**
 * Level 4 takes twice the CPU of level 3; a quarter of the pieces at level 6 save most of the bytes that it would, for
 * less than half of that. A small window is enough, since lines are like the ones just before them. With little memory a
 * block is short, and its code fits the one family that it holds.
 */
const quick: ZlibOptions = { level: 3, windowBits: 14, memLevel: 6 };
const thorough: ZlibOptions = { level: 6, windowBits: 13, memLevel: 5 };
/** Of the pieces, over and over. */
const turns = [thorough, quick, quick, quick];

/** What the trailer of a gzip member says of the bytes before it. */
export interface GzipSum {
  readonly crc: number;
  readonly bytes: number;
}

export const emptySum: GzipSum = { crc: 0, bytes: 0 };

export function addToSum({ crc, bytes }: GzipSum, chunk: Uint8Array): GzipSum {
  return { crc: crc32(chunk, crc), bytes: bytes + chunk.length };
}

/**
 * The pieces compressed in the thread pool, each by itself and up to a full flush, so that anything may follow; without
 * gzip's header and trailer. A piece is read until two more were asked for. `onSum` gets the sum of all.
 */
export async function* deflateChunks(
  chunks: AsyncIterable<Uint8Array>,
  onSum: (sum: GzipSum) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  // One for each turn: two pieces are packed at a time, and after a change of level zlib would find less at the low one.
  const packers = turns.map(createPacker);
  const inTurns = roundAndRound(packers);
  let sum = emptySum;
  let packing: Promise<readonly Uint8Array[]> = Promise.resolve([]);
  try {
    for await (const chunk of chunks) {
      const before = packing;
      packing = inTurns.next().value.pack(chunk);
      // Awaited a step later; should this end before that, its failure says nothing new.
      packing.catch(() => undefined);
      sum = addToSum(sum, chunk);
      yield* await before;
    }
    yield* await packing;
    onSum(sum);
  } finally {
    for (const packer of packers) packer.close();
  }
}

function* roundAndRound<T>(all: readonly T[]): Generator<T, never> {
  for (;;) yield* all;
}

interface Packer {
  /** Resolves with what the piece became. */
  pack(chunk: Uint8Array): Promise<readonly Uint8Array[]>;
  close(): void;
}

/** The large output chunk spares trips to the thread pool. */
const chunkSize = 128 * 1024;

function createPacker(options: ZlibOptions): Packer {
  const deflate = createDeflateRaw({ ...options, chunkSize, flush: constants.Z_FULL_FLUSH });
  const packed: Uint8Array[] = [];
  // Told before the write is, so that after it all of its bytes are here.
  deflate.on('data', (bytes: Uint8Array) => packed.push(bytes));
  const failed = new Promise<never>((_resolve, reject) => deflate.once('error', reject));
  failed.catch(() => undefined);

  return {
    async pack(chunk) {
      await Promise.race([failed, new Promise((resolve) => deflate.write(chunk, resolve))]);
      return packed.splice(0);
    },
    close: () => void deflate.destroy(),
  };
}

/** Deflate, no name, no time, no flags: two answers of equal content are equal bytes. The operating system is unknown. */
export const gzipHeader: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** The last bytes of answers: many may end with the same. */
export interface LastBytes {
  readonly plain: Uint8Array;
  /** Compressed when the first one asks for it, which takes half a millisecond, and once for all. */
  packed(): Uint8Array;
}

export function toLastBytes(plain: Uint8Array): LastBytes {
  let packed: Uint8Array | undefined;
  return {
    plain,
    packed() {
      packed ??= deflateRawSync(plain, thorough);
      return packed;
    },
  };
}

/** The end of the one member that all of an answer is, since some readers stop after the first: the last bytes compressed, and the trailer. */
export function gzipEnd(last: LastBytes, before: GzipSum): Uint8Array {
  const { crc, bytes } = addToSum(before, last.plain);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(bytes % 2 ** 32, 4);
  return Buffer.concat([last.packed(), trailer]);
}
