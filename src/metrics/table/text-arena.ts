/** Position of a text: the number of its first 16-byte grain over all chunks. */
export type TextSlot = number;

/** Many short texts in a few large buffers: an object per text would need more memory than the text. */
export interface TextArena {
  add(text: Uint8Array): TextSlot;
  /** Frees a slot. It can be reused immediately. */
  remove(slot: TextSlot, bytes: number): void;
  readonly chunks: readonly Buffer[];
}

const grainBytes = 16;
/** A chunk has a power of two of grains, so that bit operations split a slot into chunk and offset. */
const chunkGrainBits = 16;
const chunkGrains = 2 ** chunkGrainBits;

/** Returns the index of the chunk that contains the slot. */
export function chunkOf(slot: TextSlot): number {
  return slot >>> chunkGrainBits;
}

/** Returns the byte offset of the slot in its chunk. */
export function offsetOf(slot: TextSlot): number {
  return (slot & (chunkGrains - 1)) * grainBytes;
}

export function createTextArena(): TextArena {
  const chunks: Buffer[] = [];
  /** Free lists by size in grains. */
  const free = new Map<number, TextSlot[]>();
  /** Unused range of the newest chunk of default size. */
  let next = 0;
  let end = 0;

  const allocate = (grains: number): TextSlot => {
    if (grains > chunkGrains) {
      // Longer than a chunk: it gets a chunk of its own, whose slots are numbered like those of any chunk.
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
    chunks,
    add(text) {
      const grains = grainsOf(text.length);
      const slot = free.get(grains)?.pop() ?? allocate(grains);
      chunks[chunkOf(slot)]?.set(text, offsetOf(slot));
      return slot;
    },
    remove(slot, bytes) {
      const grains = grainsOf(bytes);
      const slots = free.get(grains);
      if (slots === undefined) free.set(grains, [slot]);
      else slots.push(slot);
    },
  };
}

function grainsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / grainBytes));
}
