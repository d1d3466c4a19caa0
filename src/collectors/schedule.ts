/**
 * Whose turn it is: what is due longest comes first, so nobody starves, however short the budget. Of two due at the same
 * moment, the one added first.
 */
export interface Schedule<T> {
  add(item: T, dueAt: number): void;
  /** Takes out what has been due longest, or undefined when nothing is due at `now`. */
  takeDue(now: number): T | undefined;
  /** When the next item is due; undefined when there is none. */
  nextDueAt(): number | undefined;
  readonly size: number;
}

interface Entry<T> {
  readonly item: T;
  readonly dueAt: number;
  readonly order: number;
}

/** A binary heap: thousands of targets, a few turns a second each way. */
export function createSchedule<T>(): Schedule<T> {
  const heap: Entry<T>[] = [];
  let added = 0;

  return {
    add(item, dueAt) {
      heap.push({ item, dueAt, order: added++ });
      siftUp(heap);
    },
    takeDue(now) {
      const first = heap[0];
      if (first === undefined || first.dueAt > now) return undefined;
      const last = heap.pop();
      if (last !== undefined && last !== first) {
        heap[0] = last;
        siftDown(heap);
      }
      return first.item;
    },
    nextDueAt: () => heap[0]?.dueAt,
    get size() {
      return heap.length;
    },
  };
}

function isBefore<T>(a: Entry<T> | undefined, b: Entry<T> | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);
}

function siftUp<T>(heap: Entry<T>[]): void {
  for (let child = heap.length - 1; child > 0; ) {
    const parent = (child - 1) >> 1;
    if (!isBefore(heap[child], heap[parent])) return;
    swap(heap, child, parent);
    child = parent;
  }
}

function siftDown<T>(heap: Entry<T>[]): void {
  for (let parent = 0; ; ) {
    const left = 2 * parent + 1;
    const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
    if (!isBefore(heap[child], heap[parent])) return;
    swap(heap, child, parent);
    parent = child;
  }
}

function swap<T>(heap: Entry<T>[], i: number, j: number): void {
  const [a, b] = [heap[i], heap[j]];
  if (a === undefined || b === undefined) return;
  heap[i] = b;
  heap[j] = a;
}
