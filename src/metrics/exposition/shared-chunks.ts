/**
 * Pieces made once and read by many, each reader from the beginning. They are made as the fastest reader asks for them.
 * A reader may hold a piece until it has asked for two more, so that it can send one while the next is made.
 */
export interface SharedChunks {
  /** A reader counts from here on, until it calls `return`: at the end, too, since only it knows when it has sent the last one. */
  read(): ChunkReader;
  /** Whether one may begin to read. */
  isUsable(): boolean;
  /** Nobody begins to read any more, so a piece that every reader has had is needed no longer. */
  close(): void;
}

export interface ChunkReader extends AsyncIterableIterator<Uint8Array, void, undefined> {
  return(): Promise<IteratorResult<Uint8Array, void>>;
}

export interface SharedChunksParts {
  readonly source: AsyncIterator<Uint8Array, void, undefined>;
  /**
   * Called once, when the last piece was made, when making one failed, or when the last reader left before that: then
   * nobody may begin to read any more.
   */
  readonly release: () => void;
  /** Gets each piece that nobody needs any more. */
  readonly recycle?: (chunk: Uint8Array) => void;
  /** With more pieces than this nobody may begin to read any more: so many are not worth their memory. */
  readonly mostKept?: number;
}

interface Reader {
  /** How many pieces it has had. */
  had: number;
  /** How many of these it is done with. */
  done: number;
}

export function createSharedChunks({
  source,
  release,
  recycle = () => undefined,
  mostKept = Number.POSITIVE_INFINITY,
}: SharedChunksParts): SharedChunks {
  const chunks: (Uint8Array | undefined)[] = [];
  const readers = new Set<Reader>();
  let state: 'making' | 'made' | 'failed' | 'left' = 'making';
  let isOpen = true;
  let dropped = 0;
  let coming: Promise<void> | undefined;

  const end = (as: 'made' | 'failed') => {
    // Whoever left last releases.
    if (state === 'left') return;
    state = as;
    release();
  };

  const makeOne = async () => {
    try {
      const { done, value } = await source.next();
      if (done) end('made');
      else chunks.push(value);
    } catch (error) {
      end('failed');
      throw error;
    } finally {
      coming = undefined;
    }
    if (chunks.length > mostKept) isOpen = false;
  };

  const dropRead = () => {
    if (isOpen) return;
    let doneByAll = chunks.length;
    for (const { done } of readers) doneByAll = Math.min(doneByAll, done);
    for (; dropped < doneByAll; dropped++) {
      const chunk = chunks[dropped];
      chunks[dropped] = undefined;
      if (chunk !== undefined) recycle(chunk);
    }
  };

  const leave = async (reader: Reader) => {
    if (!readers.delete(reader)) return;
    const isLast = readers.size === 0 && state === 'making';
    if (isLast) state = 'left';
    try {
      // It waits for the piece that is being made: what that reads must not be released under it.
      if (isLast) await source.return?.();
    } finally {
      if (isLast) release();
      dropRead();
    }
  };

  const read = (): ChunkReader => {
    const reader: Reader = { had: 0, done: 0 };
    readers.add(reader);
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        reader.done = Math.max(0, reader.had - 1);
        dropRead();
        while (readers.has(reader) && reader.had === chunks.length && state === 'making') {
          coming ??= makeOne();
          await coming;
        }
        if (!readers.has(reader)) return { done: true, value: undefined };
        const chunk = chunks[reader.had];
        if (chunk !== undefined) {
          reader.had++;
          return { done: false, value: chunk };
        }
        if (state !== 'made') throw new Error('the pieces ended before the last one');
        return { done: true, value: undefined };
      },
      async return() {
        await leave(reader);
        return { done: true, value: undefined };
      },
    };
  };

  return {
    read,
    isUsable: () => isOpen && (state === 'making' || state === 'made'),
    close() {
      isOpen = false;
      dropRead();
    },
  };
}
