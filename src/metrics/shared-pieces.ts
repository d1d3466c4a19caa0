/** Pieces made once and read by many, each reader from the beginning. They are made as the fastest reader asks for them. */
export interface SharedPieces {
  /** A reader counts from here on: it has to read to the end or to call `return`. */
  read(): AsyncIterableIterator<Uint8Array>;
  /** Whether one may begin to read. */
  isUsable(): boolean;
  /** Nobody begins to read any more, so a piece that every reader has had needs no memory. */
  close(): void;
}

/**
 * `release` is called once, when the last piece was made, when making one failed, or when the last reader left
 * before that: then nobody may begin to read any more.
 */
export function createSharedPieces(
  source: AsyncIterator<Uint8Array, void, undefined>,
  release: () => void,
): SharedPieces {
  const pieces: (Uint8Array | undefined)[] = [];
  /** How many pieces each reader has had. */
  const readers = new Set<{ had: number }>();
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
      else pieces.push(value);
    } catch (error) {
      end('failed');
      throw error;
    } finally {
      coming = undefined;
    }
  };

  const dropRead = () => {
    if (isOpen) return;
    const hadByAll = Math.min(pieces.length, ...[...readers].map(({ had }) => had));
    while (dropped < hadByAll) pieces[dropped++] = undefined;
  };

  const leave = async (reader: { had: number }) => {
    readers.delete(reader);
    dropRead();
    if (readers.size > 0 || state !== 'making') return;
    state = 'left';
    try {
      // It waits for the piece that is being made: what that reads must not be released under it.
      await source.return?.();
    } finally {
      release();
    }
  };

  const read = (): AsyncIterableIterator<Uint8Array> => {
    const reader = { had: 0 };
    readers.add(reader);
    const stop = async (): Promise<IteratorResult<Uint8Array>> => {
      if (readers.has(reader)) await leave(reader);
      return { done: true, value: undefined };
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        dropRead();
        while (readers.has(reader) && reader.had === pieces.length && state === 'making') {
          coming ??= makeOne();
          await coming;
        }
        if (!readers.has(reader)) return stop();
        const piece = pieces[reader.had];
        if (piece !== undefined) {
          reader.had++;
          return { done: false, value: piece };
        }
        if (state !== 'made') throw new Error('the pieces ended before the last one');
        return stop();
      },
      return: stop,
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
