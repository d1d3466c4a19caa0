/** Position of a text in the arena, counted in grains of 16 bytes over all chunks. */
export type TextSlot = number;

/** Size in bytes of a grain, the unit of allocation. */
const grainBytes = 16;
/**
 * Binary logarithm of the number of grains per chunk. The number of grains is a power of two, so that bit
 * operations can split a slot into the index of a chunk and an offset.
 */
const chunkGrainBits = 12;
const chunkGrains = 2 ** chunkGrainBits;

/** Maximum number of empty chunks that are kept for reuse. The memory of further ones is returned. */
const maxEmptyChunks = 4;

/** Returns the index of the chunk that contains the slot. */
export function chunkOf(slot: TextSlot): number {
  return slot >>> chunkGrainBits;
}

/** Returns the byte offset of the slot in the chunk that contains it. */
export function offsetOf(slot: TextSlot): number {
  return (slot & (chunkGrains - 1)) * grainBytes;
}

/** Chunk of the arena. It contains only texts with the same number of grains (a slab). */
interface Chunk {
  readonly index: number;
  /** Number of grains of each text; 0 if the chunk is empty. */
  grains: number;
  /** Number of texts. */
  texts: number;
  /** First grain that was never used since the chunk was empty. */
  next: number;
  /** Freed slot that is reused first; undefined if there is none. The bytes of a freed slot contain the next one. */
  freed: TextSlot | undefined;
}

/** Marks the end of the list of freed slots. */
const noSlot = 2 ** 32 - 1;

const noBytes = Buffer.alloc(0);

/**
 * Creates an arena, which stores many short texts in large buffers (chunks of 64 KiB). One object per text would
 * need more memory than the text itself. A chunk contains texts of one size, and an empty chunk can be reused for
 * another size. So texts that come and go reuse the same memory, even if their lengths change.
 */
export function createTextArena() {
  const buffers: Buffer[] = [];
  const chunks: Chunk[] = [];
  /** Chunks with space for further texts, by number of grains per text. */
  const withSpace = new Map<number, Set<Chunk>>();
  /** Empty chunks with a buffer, for reuse. */
  const empty: Chunk[] = [];
  /** Empty chunks whose buffer was returned. */
  const withoutBuffer: Chunk[] = [];

  const withSpaceOf = (grains: number): Set<Chunk> => {
    const known = withSpace.get(grains);
    if (known !== undefined) return known;
    const created = new Set<Chunk>();
    withSpace.set(grains, created);
    return created;
  };

  const newChunk = (): Chunk => {
    const chunk: Chunk = { index: chunks.length, grains: 0, texts: 0, next: 0, freed: undefined };
    chunks.push(chunk);
    return chunk;
  };

  /** Returns an empty chunk for texts of `grains` grains. A text that is longer than a chunk gets a larger one. */
  const openChunk = (grains: number): Chunk => {
    const isLarge = grains > chunkGrains;
    const reused = isLarge ? undefined : empty.pop();
    const chunk = reused ?? withoutBuffer.pop() ?? newChunk();
    if (reused === undefined) {
      buffers[chunk.index] = Buffer.alloc(Math.max(grains, chunkGrains) * grainBytes);
    }
    Object.assign(chunk, { grains, texts: 0, next: 0, freed: undefined });
    if (!isLarge) withSpaceOf(grains).add(chunk);
    return chunk;
  };

  /** Takes a slot of a chunk with space. */
  const takeSlot = (chunk: Chunk): TextSlot => {
    const { index, grains, freed } = chunk;
    let slot = index * chunkGrains + chunk.next;
    if (freed === undefined) chunk.next += grains;
    else {
      slot = freed;
      const next = buffers[index]?.readUInt32LE(offsetOf(slot)) ?? noSlot;
      chunk.freed = next === noSlot ? undefined : next;
    }
    chunk.texts++;
    if (chunk.freed === undefined && chunk.next + grains > chunkGrains) withSpace.get(grains)?.delete(chunk);
    return slot;
  };

  /** Makes an empty chunk available for texts of any size. */
  const closeChunk = (chunk: Chunk) => {
    const { index, grains } = chunk;
    withSpace.get(grains)?.delete(chunk);
    chunk.grains = 0;
    if (grains <= chunkGrains && empty.length < maxEmptyChunks) {
      empty.push(chunk);
      return;
    }
    buffers[index] = noBytes;
    withoutBuffer.push(chunk);
  };

  return {
    /** Bytes of each chunk, by index. A chunk without texts can have no bytes. */
    chunks: buffers as readonly Buffer[],
    /** Stores a text and returns its slot. */
    add(text: Uint8Array): TextSlot {
      const grains = grainsOf(text.length);
      const [chunk = openChunk(grains)] = withSpaceOf(grains);
      const slot = takeSlot(chunk);
      buffers[chunk.index]?.set(text, offsetOf(slot));
      return slot;
    },
    /** Frees the slot of a text. The slot can be reused immediately. */
    remove(slot: TextSlot) {
      const chunk = chunks[chunkOf(slot)];
      if (chunk === undefined) throw new Error('bug: the slot has no chunk');
      chunk.texts--;
      if (chunk.texts === 0) {
        closeChunk(chunk);
        return;
      }
      buffers[chunk.index]?.writeUInt32LE(chunk.freed ?? noSlot, offsetOf(slot));
      chunk.freed = slot;
      withSpaceOf(chunk.grains).add(chunk);
    },
  };
}

/** Returns the number of grains that a text with `bytes` bytes needs, at least 1. */
function grainsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / grainBytes));
}
