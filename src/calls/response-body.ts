import type { CancelSignal, HttpResponse } from './call.ts';
import { decodeText, decompress, TooLargeError } from './decompress.ts';
import type { LargeBodies } from './large-bodies.ts';

export interface BodyLimits {
  /** Maximum size of the body, both as received and decompressed. */
  readonly maxBodyBytes: number;
  readonly largeBodies: LargeBodies;
}

/** Response in progress, whose body can be paused. */
interface Pausable {
  pause(): void;
  resume(): void;
}

/**
 * Creates the collector of one response body. A body that becomes large is paused until its memory is
 * reserved, so that large bodies do not exhaust the memory together.
 */
export function createResponseBody({ maxBodyBytes, largeBodies }: BodyLimits) {
  const { smallBytes } = largeBodies;
  const chunks: Buffer[] = [];
  let size = 0;
  /** Frees the reserved memory or ends the wait for it. undefined if the body is not large. */
  let free: (() => void) | undefined;

  /** Inflates a compressed body. Reserves memory if it becomes large. Rejects on an abort of `signal`. */
  const inflate = async (body: Buffer, encoding: string, signal: CancelSignal): Promise<string> => {
    if (free !== undefined) return decompress(body, encoding, maxBodyBytes);
    try {
      return await decompress(body, encoding, Math.min(smallBytes, maxBodyBytes));
    } catch (error) {
      if (!(error instanceof TooLargeError)) throw error;
    }
    if (signal.aborted) throw signal.reason;
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort);
      free = largeBodies.reserve(maxBodyBytes, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
    return decompress(body, encoding, maxBodyBytes);
  };

  return {
    /** Adds a chunk. Throws a TooLargeError if the body, or the size that it announces, is too large. */
    add(chunk: Buffer, { headers }: Pick<HttpResponse, 'headers'>, response: Pausable): void {
      chunks.push(chunk);
      size += chunk.length;
      const announced = chunks.length === 1 ? Number(headers['content-length'] ?? 0) : 0;
      if (size > maxBodyBytes || announced > maxBodyBytes) throw new TooLargeError(maxBodyBytes);
      if (size <= smallBytes || free !== undefined) return;
      response.pause();
      // Resume in a later microtask: the memory can become free while undici parses another body, and undici
      // cannot parse two bodies at once.
      const resume = () => queueMicrotask(() => response.resume());
      free = largeBodies.reserve(Math.min(sizeOf(headers), maxBodyBytes), resume);
    },
    /**
     * Decodes the complete body to text, at once if it is not compressed. Otherwise rejects on an abort of
     * `signal`. Call `discard` afterwards.
     */
    text(encoding: string, signal: CancelSignal): string | Promise<string> {
      const [only] = chunks;
      const body = only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
      return encoding === '' ? decodeText(body) : inflate(body, encoding, signal);
    },
    /** Frees the memory of the body. */
    discard(): void {
      free?.();
    },
  };
}

/**
 * Returns the announced size of a body in bytes. undici rejects a body that is longer. Returns Infinity if
 * the size is unknown, or if the body is compressed.
 */
function sizeOf(headers: HttpResponse['headers']): number {
  const size = headers['content-encoding'] === undefined ? Number(headers['content-length']) : 0;
  return size > 0 ? size : Infinity;
}
