/**
 * Position of a text in the arena, in grains of 16 bytes: the number of the text's first grain, counted over
 * all chunks.
 */
export type TextSlot = number;

/** Size of a grain, the unit of allocation, in bytes. */
const grainBytes = 16;
/**
 * Binary logarithm of the number of grains per chunk. The number is a power of two, so that bit operations
 * split a slot into chunk index and offset.
 */
const chunkGrainBits = 16;
const chunkGrains = 2 ** chunkGrainBits;

/** Returns the index of the chunk that contains the slot. */
export function chunkOf(slot: TextSlot): number {
  return slot >>> chunkGrainBits;
}

/** Returns the byte offset of the slot in the chunk that contains it. */
export function offsetOf(slot: TextSlot): number {
  return (slot & (chunkGrains - 1)) * grainBytes;
}

/**
 * Creates an arena, which stores many short texts in a few large buffers (chunks). An object per text would
 * need more memory than the text.
 */
export function createTextArena() {
  const chunks: Buffer[] = [];
  /** Slots of removed texts, by their size in grains. */
  const free = new Map<number, TextSlot[]>();
  /** First unused slot of the newest chunk of default size. */
  let next = 0;
  /** Slot after the last grain of the newest chunk of default size. */
  let end = 0;

  /** Returns the first slot of `grains` unused grains in a row. */
  const allocate = (grains: number): TextSlot => {
    if (grains > chunkGrains) {
      // A text longer than a chunk has a chunk of its own. In the numbering of slots, this long chunk counts
      // like a chunk of default size.
      chunks.push(Buffer.alloc(grains * grainBytes));
      return (chunks.length - 1) * chunkGrains;
    }
    if (next + grains > end) {
      next = chunks.length * chunkGrains;
      end = next + chunkGrains;
      chunks.push(Buffer.alloc(chunkGrains * grainBytes));
    }
    const slot = next;
    next += grains;
    return slot;
  };

  return {
    chunks: chunks as readonly Buffer[],
    /** Stores a text and returns its slot. */
    add(text: Uint8Array): TextSlot {
      const grains = grainsOf(text.length);
      const slot = free.get(grains)?.pop() ?? allocate(grains);
      chunks[chunkOf(slot)]?.set(text, offsetOf(slot));
      return slot;
    },
    /** Frees the slot of a text with `bytes` bytes. The slot can be used again immediately. */
    remove(slot: TextSlot, bytes: number) {
      const grains = grainsOf(bytes);
      const slots = free.get(grains);
      if (slots === undefined) free.set(grains, [slot]);
      else slots.push(slot);
    },
  };
}

/** Returns the number of grains that a text with `bytes` bytes needs, at least 1. */
function grainsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / grainBytes));
}
