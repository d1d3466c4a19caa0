import { constants, crc32, createDeflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';

/**
 * Options for fast compression. Level 4 for all chunks would take twice the CPU of level 3. Level 6
 * (`thorough`) for a quarter of the chunks and level 3 for the others saves most of the bytes that level 4
 * would save, for less than half of the additional CPU. A small window is enough because a metric line
 * resembles the lines before it. Low memory makes deflate blocks short, so that the code of a block fits the
 * single metric family in the block.
 */
const fast: ZlibOptions = { level: 3, windowBits: 14, memLevel: 6 };
/** Options for thorough compression, which a quarter of the chunks use. */
const thorough: ZlibOptions = { level: 6, windowBits: 13, memLevel: 5 };
/** Compression options of chunks 1 to 4, then repeated for all further chunks. */
const optionsByChunk = [thorough, fast, fast, fast];

/** Checksum and size of uncompressed bytes, for the trailer of a gzip member. */
export interface GzipSum {
  readonly crc: number;
  readonly bytes: number;
}

/** Returns the sum after one more chunk of uncompressed bytes. */
function addToSum({ crc, bytes }: GzipSum, chunk: Uint8Array): GzipSum {
  return { crc: crc32(chunk, crc), bytes: bytes + chunk.length };
}

/**
 * Compresses each chunk separately in the thread pool. Each chunk ends with a full flush, so that any deflate
 * data can follow the chunk. Does not add the gzip header and trailer. Reads up to two chunks ahead of the
 * reader. At the end returns the checksum and size of all uncompressed chunks.
 */
export async function* deflateChunks(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, GzipSum, undefined> {
  // Use one zlib stream per position in `optionsByChunk`: two chunks are compressed at the same time, and a
  // zlib stream compresses worse after a change of its level.
  const compressors = optionsByChunk.map(createCompressor);
  const roundRobin = cycle(compressors);
  let sum: GzipSum = { crc: 0, bytes: 0 };
  let compressing: Promise<readonly Uint8Array[]> = Promise.resolve([]);
  try {
    for await (const chunk of chunks) {
      const previous = compressing;
      compressing = roundRobin.next().value.compress(chunk);
      // The loop awaits `compressing` one step later. If the loop ends before the next step, another error is
      // already being thrown, so ignore a rejection of `compressing` here.
      compressing.catch(() => undefined);
      sum = addToSum(sum, chunk);
      yield* await previous;
    }
    yield* await compressing;
    return sum;
  } finally {
    for (const compressor of compressors) compressor.close();
  }
}

/** Repeats the items endlessly. */
function* cycle<T>(items: readonly T[]): Generator<T, never> {
  for (;;) yield* items;
}

/** Size of zlib's output chunks in bytes. Large chunks need fewer calls through the thread pool. */
const chunkSize = 128 * 1024;

function createCompressor(options: ZlibOptions) {
  const deflate = createDeflateRaw({ ...options, chunkSize, flush: constants.Z_FULL_FLUSH });
  const output: Uint8Array[] = [];
  // zlib emits `data` before it calls the callback of `write`, so that `output` has all bytes of a chunk when
  // the callback runs.
  deflate.on('data', (bytes: Uint8Array) => output.push(bytes));
  const failed = new Promise<never>((_resolve, reject) => deflate.once('error', reject));
  failed.catch(() => undefined);

  return {
    /** Compresses one chunk up to a full flush and returns the compressed bytes. */
    async compress(chunk: Uint8Array): Promise<readonly Uint8Array[]> {
      await Promise.race([failed, new Promise((resolve) => deflate.write(chunk, resolve))]);
      return output.splice(0);
    },
    close: () => deflate.destroy(),
  };
}

/**
 * Header of a gzip member: method deflate, no file name, time or flags, unknown operating system. Without a
 * time, equal content compresses to equal bytes.
 */
export const gzipHeader: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/**
 * Final part of a response: the exporter's own metrics from prom-client and the last line of the format. Many
 * responses share one object.
 */
export interface LastBytes {
  readonly plain: Uint8Array;
  /**
   * Returns the bytes compressed with deflate. Compresses them once, at the first call, which takes half a
   * millisecond.
   */
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
 * Returns the end of a gzip member: the compressed last bytes and the trailer. `before` is the checksum and
 * size of the uncompressed bytes before the last bytes. A response is a single gzip member, because some
 * readers stop after the first member.
 */
export function gzipEnd(last: LastBytes, before: GzipSum): Uint8Array {
  const { crc, bytes } = addToSum(before, last.plain);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(bytes % 2 ** 32, 4);
  return Buffer.concat([last.compressed(), trailer]);
}
