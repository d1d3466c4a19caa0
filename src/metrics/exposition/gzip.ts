import { constants, crc32, createDeflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';

/**
 * Compression levels by chunk, repeated. Level 4 takes twice the CPU of level 3. A quarter of the chunks at
 * level 6 saves most of the bytes that level 4 would, for less than half of that CPU. A small window is
 * enough because a line resembles the lines before it. With little memory a deflate block is short, so that
 * its code fits the one family in it.
 */
const fast: ZlibOptions = { level: 3, windowBits: 14, memLevel: 6 };
const thorough: ZlibOptions = { level: 6, windowBits: 13, memLevel: 5 };
const optionsByChunk = [thorough, fast, fast, fast];

/** Checksum and size of uncompressed bytes, for the trailer of a gzip member. */
export interface GzipSum {
  readonly crc: number;
  readonly bytes: number;
}

export const emptySum: GzipSum = { crc: 0, bytes: 0 };

export function addToSum({ crc, bytes }: GzipSum, chunk: Uint8Array): GzipSum {
  return { crc: crc32(chunk, crc), bytes: bytes + chunk.length };
}

/**
 * Compresses each chunk separately in the thread pool, up to a full flush, so that any deflate data can
 * follow. Adds no gzip header and trailer. Reads up to two chunks ahead. `onSum` receives the sum of all
 * chunks after the last one.
 */
export async function* deflateChunks(
  chunks: AsyncIterable<Uint8Array>,
  onSum: (sum: GzipSum) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  // One stream per position: two chunks are compressed at a time, and zlib compresses worse after a change of
  // its level.
  const compressors = optionsByChunk.map(createCompressor);
  const roundRobin = cycle(compressors);
  let sum = emptySum;
  let compressing: Promise<readonly Uint8Array[]> = Promise.resolve([]);
  try {
    for await (const chunk of chunks) {
      const previous = compressing;
      compressing = roundRobin.next().value.compress(chunk);
      // Awaited one step later. If the loop ends before, another error is already being thrown.
      compressing.catch(() => undefined);
      sum = addToSum(sum, chunk);
      yield* await previous;
    }
    yield* await compressing;
    onSum(sum);
  } finally {
    for (const compressor of compressors) compressor.close();
  }
}

function* cycle<T>(items: readonly T[]): Generator<T, never> {
  for (;;) yield* items;
}

interface Compressor {
  compress(chunk: Uint8Array): Promise<readonly Uint8Array[]>;
  close(): void;
}

/** Size of zlib's output chunks: large, to save trips to the thread pool. */
const chunkSize = 128 * 1024;

function createCompressor(options: ZlibOptions): Compressor {
  const deflate = createDeflateRaw({ ...options, chunkSize, flush: constants.Z_FULL_FLUSH });
  const output: Uint8Array[] = [];
  // Emitted before the callback of `write`, so that afterwards all bytes of the chunk are here.
  deflate.on('data', (bytes: Uint8Array) => output.push(bytes));
  const failed = new Promise<never>((_resolve, reject) => deflate.once('error', reject));
  failed.catch(() => undefined);

  return {
    async compress(chunk) {
      await Promise.race([failed, new Promise((resolve) => deflate.write(chunk, resolve))]);
      return output.splice(0);
    },
    close: () => void deflate.destroy(),
  };
}

/**
 * Method deflate, no name, time or flags, unknown operating system: equal content compresses to equal bytes.
 */
export const gzipHeader: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** Final part of a response: the metrics of prom-client and the closing lines. Many responses share it. */
export interface LastBytes {
  readonly plain: Uint8Array;
  /** Returns the compressed bytes. Compresses them once, at the first call: it takes half a millisecond. */
  compressed(): Uint8Array;
}

export function toLastBytes(plain: Uint8Array): LastBytes {
  let compressed: Uint8Array | undefined;
  return {
    plain,
    compressed() {
      compressed ??= deflateRawSync(plain, thorough);
      return compressed;
    },
  };
}

/**
 * Returns the end of a gzip member: the compressed last bytes and the trailer. The response is one member
 * because some readers stop after the first.
 */
export function gzipEnd(last: LastBytes, before: GzipSum): Uint8Array {
  const { crc, bytes } = addToSum(before, last.plain);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(bytes % 2 ** 32, 4);
  return Buffer.concat([last.compressed(), trailer]);
}
