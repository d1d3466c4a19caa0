/** Queued item with its due time. */
export interface DueEntry<T> {
  readonly item: T;
  /** Time at which the item is due (monotonic ms). */
  readonly dueAt: number;
  /** Sequence number of the entry. It keeps the order of entries with equal due times stable. */
  readonly order: number;
}

/**
 * Creates a queue that is ordered by due time (monotonic ms). Items with equal due times keep the order in
 * which they were added, so that no item starves, even if the rate limit is very small. An item with a head
 * start counts as due earlier by a fixed time, and so delays other items by at most this time.
 */
export function createDueQueue<T>() {
  const early: DueEntry<T>[] = [];
  const others: DueEntry<T>[] = [];
  let added = 0;

  return {
    /** Adds an item that is due at `dueAt` (monotonic ms), and returns its entry. Costs O(log n). */
    add(item: T, dueAt: number, hasHeadStart = false): DueEntry<T> {
      const entry = { item, dueAt, order: added++ };
      push(hasHeadStart ? early : others, entry);
      return entry;
    },
    /**
     * Removes and returns the first entry that is due at `now`; undefined if none is due. Items with a head
     * start come before items that are due up to `headStartMs` earlier. Costs O(log n).
     */
    takeDue(now: number, headStartMs = 0): DueEntry<T> | undefined {
      const earlyAt = dueAtOf(early);
      const otherAt = dueAtOf(others);
      const isEarlyFirst = earlyAt <= now && (otherAt > now || earlyAt - headStartMs <= otherAt);
      const heap = isEarlyFirst ? early : others;
      return dueAtOf(heap) <= now ? pop(heap) : undefined;
    },
    /** Returns the earliest due time of all items (monotonic ms); Infinity if the queue is empty. */
    nextDueAt: () => Math.min(dueAtOf(early), dueAtOf(others)),
  };
}

function dueAtOf<T>(heap: readonly DueEntry<T>[]): number {
  return heap[0]?.dueAt ?? Infinity;
}

// Binary heap in an array: the children of the entry at index i are at 2i + 1 and 2i + 2.

function push<T>(heap: DueEntry<T>[], entry: DueEntry<T>): void {
  heap.push(entry);
  for (let child = heap.length - 1; child > 0; ) {
    const parent = (child - 1) >> 1;
    if (!isBefore(heap[child], heap[parent])) return;
    swap(heap, child, parent);
    child = parent;
  }
}

function pop<T>(heap: DueEntry<T>[]): DueEntry<T> | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (last !== undefined && last !== first) {
    heap[0] = last;
    siftDown(heap);
  }
  return first;
}

function siftDown<T>(heap: DueEntry<T>[]): void {
  for (let parent = 0; ; ) {
    const left = 2 * parent + 1;
    const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
    if (!isBefore(heap[child], heap[parent])) return;
    swap(heap, child, parent);
    parent = child;
  }
}

function isBefore<T>(a: DueEntry<T> | undefined, b: DueEntry<T> | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);
}

function swap<T>(heap: DueEntry<T>[], i: number, j: number): void {
  const [a, b] = [heap[i], heap[j]];
  if (a === undefined || b === undefined) return;
  heap[i] = b;
  heap[j] = a;
}
