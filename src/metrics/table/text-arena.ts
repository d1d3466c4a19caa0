/** Position of a text in the arena, counted in grains of 16 bytes over all chunks. */
export type TextSlot = number;

/** Size in bytes of a grain, the unit of allocation. */
const grainBytes = 16;
/**
 * Binary logarithm of the number of grains per chunk. The number of grains is a power of two, so that bit
 * operations can split a slot into the index of a chunk and an offset.
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
 * Creates an arena, which stores many short texts in a few large buffers (chunks). One object per text would
 * need more memory than the text itself.
 */
export function createTextArena() {
  const chunks: Buffer[] = [];
  /** Free slots of removed texts, by size in grains. */
  const free = new Map<number, TextSlot[]>();
  /** First unused slot of the newest chunk of normal size. */
  let next = 0;
  /** End (exclusive) of the newest chunk of normal size, as a slot. */
  let end = 0;

  /** Allocates `grains` consecutive grains. Returns the slot of the first one. */
  const allocate = (grains: number): TextSlot => {
    if (grains > chunkGrains) {
      // A text that is longer than a chunk gets its own chunk. In the numbering of slots, this chunk counts
      // like a chunk of normal size.
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
    /** Frees the slot of a text that has `bytes` bytes. The slot can be reused immediately. */
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
