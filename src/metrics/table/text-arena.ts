/** Where a text lies: which 16 bytes of all chunks it begins at. */
export type TextSlot = number;

/** Many short texts in a few large buffers, since an object for each would weigh more than the text. */
export interface TextArena {
  add(text: Uint8Array): TextSlot;
  /** The place may be used again at once. */
  remove(place: TextSlot, bytes: number): void;
  readonly chunks: readonly Buffer[];
}

const grainBytes = 16;
/** A power of two, so that a place is taken apart by its bits. */
const chunkGrainBits = 16;
const chunkGrains = 2 ** chunkGrainBits;

/** The index of the chunk that a place lies in. */
export function chunkOf(place: TextSlot): number {
  return place >>> chunkGrainBits;
}

/** Where in its chunk a place begins. */
export function offsetOf(place: TextSlot): number {
  return (place & (chunkGrains - 1)) * grainBytes;
}

export function createTextArena(): TextArena {
  const chunks: Buffer[] = [];
  /** Places to use again, by how many grains they hold. */
  const free = new Map<number, TextSlot[]>();
  /** What is left of the newest chunk of the usual size. */
  let next = 0;
  let end = 0;

  const takeNew = (grains: number): TextSlot => {
    if (grains > chunkGrains) {
      // Too long for any chunk: it gets one of its own, which is one chunk to every place all the same.
      chunks.push(Buffer.alloc(grains * grainBytes));
      return (chunks.length - 1) * chunkGrains;
    }
    if (next + grains > end) {
      next = chunks.length * chunkGrains;
      end = next + chunkGrains;
      chunks.push(Buffer.alloc(chunkGrains * grainBytes));
    }
    const place = next;
    next += grains;
    return place;
  };

  return {
    chunks,
    add(text) {
      const grains = Math.max(1, Math.ceil(text.length / grainBytes));
      const place = free.get(grains)?.pop() ?? takeNew(grains);
      chunks[chunkOf(place)]?.set(text, offsetOf(place));
      return place;
    },
    remove(place, bytes) {
      const grains = Math.max(1, Math.ceil(bytes / grainBytes));
      const places = free.get(grains);
      if (places === undefined) free.set(grains, [place]);
      else places.push(place);
    },
  };
}
