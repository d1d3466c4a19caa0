import { constants, crc32, createDeflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';
import { combineCrcs } from './crc-combine.ts';

/**
 * Options for fast compression, which three of four chunks use. Level 4 for all chunks would take twice the
 * CPU of level 3. The mix of level 6 (`thorough`) for a quarter of the chunks and level 3 for the others
 * saves most of the bytes that level 4 would save, for less than half of the additional CPU. A small window
 * is enough, because a metric line resembles the lines just before it. A low memLevel makes deflate blocks
 * short, so that the Huffman code of a block fits the one metric family in the block.
 */
const fast: ZlibOptions = { level: 3, windowBits: 14, memLevel: 6 };
/** Options for thorough compression, which one of four chunks uses. */
const thorough: ZlibOptions = { level: 6, windowBits: 13, memLevel: 5 };
/** Compression options of the first four chunks. The sequence repeats for further chunks. */
const optionsByChunk = [thorough, fast, fast, fast];

/** Checksum and number of uncompressed bytes, which the trailer of a gzip member contains. */
export interface GzipSum {
  readonly crc: number;
  readonly bytes: number;
}

/** Returns the checksum and number of bytes after one more chunk of uncompressed bytes. */
function addToSum({ crc, bytes }: GzipSum, chunk: Uint8Array): GzipSum {
  return { crc: crc32(chunk, crc), bytes: bytes + chunk.length };
}

/** Compressed text, without a gzip header or trailer. Any other deflate data can follow it. */
export interface Deflated {
  readonly bytes: Uint8Array;
  /** Checksum and size of the uncompressed text. */
  readonly sum: GzipSum;
}

/** Text to compress. */
export interface DeflateInput {
  /** Result of an earlier compression of the same text; undefined if the text must be compressed. */
  readonly known: Deflated | undefined;
  /** Returns the text. A chunk is valid only until the second chunk after it is requested, from any input. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** Sum of an empty text. */
export const emptySum: GzipSum = { crc: 0, bytes: 0 };

/** Returns the checksum and number of bytes of two joined texts. */
export function joinSums(first: GzipSum, second: GzipSum): GzipSum {
  return { crc: combineCrcs(first.crc, second.crc, second.bytes), bytes: first.bytes + second.bytes };
}

/**
 * Compresses texts in the thread pool, each chunk separately. Each chunk ends with a full flush, so that any other
 * deflate data can follow it. Returns the results in the order of the inputs. Two chunks are compressed at a time.
 */
export async function* deflateAll(
  inputs: readonly DeflateInput[],
): AsyncGenerator<Deflated, void, undefined> {
  // Use one zlib stream for each entry of `optionsByChunk`: two chunks are compressed at the same time, and
  // changing the level of a zlib stream makes its compression worse.
  const compressors = optionsByChunk.map(createCompressor);
  const roundRobin = cycle(compressors);
  let compressing: Promise<readonly Uint8Array[]> = Promise.resolve([]);
  let previous: Promise<Deflated> | undefined;
  try {
    for (const { known, chunks } of inputs) {
      const outputs: Promise<readonly Uint8Array[]>[] = [];
      let sum = emptySum;
      if (known === undefined) {
        for await (const chunk of chunks()) {
          const before = compressing;
          compressing = roundRobin.next().value.compress(chunk);
          // If an error is thrown before this promise is awaited, ignore its rejection.
          compressing.catch(() => undefined);
          outputs.push(compressing);
          sum = addToSum(sum, chunk);
          await before;
        }
      }
      const current = known ? Promise.resolve(known) : toDeflated(outputs, sum);
      current.catch(() => undefined);
      if (previous !== undefined) yield await previous;
      previous = current;
    }
    if (previous !== undefined) yield await previous;
  } finally {
    for (const compressor of compressors) compressor.close();
  }
}

/** Joins the compressed chunks of a text. Copies them, because zlib's buffers are larger than its output. */
async function toDeflated(
  outputs: readonly Promise<readonly Uint8Array[]>[],
  sum: GzipSum,
): Promise<Deflated> {
  return { bytes: Buffer.concat((await Promise.all(outputs)).flat()), sum };
}

/** Repeats the items endlessly. */
function* cycle<T>(items: readonly T[]): Generator<T, never> {
  for (;;) yield* items;
}

/** Size of zlib's output chunks in bytes. Larger chunks need fewer round trips through the thread pool. */
const chunkSize = 128 * 1024;

function createCompressor(options: ZlibOptions) {
  const deflate = createDeflateRaw({ ...options, chunkSize, flush: constants.Z_FULL_FLUSH });
  const output: Uint8Array[] = [];
  // zlib emits `data` before it calls the callback of `write`. So when the callback runs, `output` contains
  // all bytes of the chunk.
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
 * Header of a gzip member: method deflate, no file name, no time, no flags, unknown operating system. Without
 * a time, equal content gives equal compressed bytes.
 */
export const gzipHeader: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/**
 * Last part of a response: the exporter's own metrics from prom-client and the last line of the format. Many
 * responses share one such object.
 */
export interface LastBytes {
  readonly plain: Uint8Array;
  /**
   * Returns the deflated bytes. The first call compresses them, which takes half a millisecond; later calls
   * return the same bytes.
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
 * Returns the end of a gzip member: the deflated last bytes and the trailer. `before` is the checksum and
 * number of all uncompressed bytes before the last bytes. A response is a single gzip member, because some
 * readers stop after the first member.
 */
export function gzipEnd(last: LastBytes, before: GzipSum): Uint8Array {
  const { crc, bytes } = addToSum(before, last.plain);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(bytes % 2 ** 32, 4);
  return Buffer.concat([last.compressed(), trailer]);
}
