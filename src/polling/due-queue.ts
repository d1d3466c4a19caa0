/**
 * Whose turn it is: what is due longest comes first, so nobody starves, however short the budget. Of two due at the same
 * moment, the one added first. Some may have a head start: they count as due longer by it than they are, which makes the
 * others wait longer by it, and no more.
 */
export interface DueQueue<T> {
  add(item: T, dueAt: number, hasHeadStart?: boolean): void;
  /** Takes out what has been due longest, or undefined when nothing is due at `now`. */
  takeDue(now: number, headStartMs?: number): T | undefined;
  /** When the next item is due; undefined when there is none. */
  nextDueAt(): number | undefined;
  readonly size: number;
}

interface Entry<T> {
  readonly item: T;
  readonly dueAt: number;
  readonly order: number;
}

export function createDueQueue<T>(): DueQueue<T> {
  const early: Entry<T>[] = [];
  const others: Entry<T>[] = [];
  let added = 0;

  return {
    add(item, dueAt, hasHeadStart = false) {
      push(hasHeadStart ? early : others, { item, dueAt, order: added++ });
    },
    takeDue(now, headStartMs = 0) {
      const earlyAt = dueAtOf(early);
      const otherAt = dueAtOf(others);
      const isEarlyFirst = earlyAt <= now && (otherAt > now || earlyAt - headStartMs <= otherAt);
      const heap = isEarlyFirst ? early : others;
      return dueAtOf(heap) <= now ? pop(heap) : undefined;
    },
    nextDueAt() {
      const dueAt = Math.min(dueAtOf(early), dueAtOf(others));
      return dueAt === Infinity ? undefined : dueAt;
    },
    get size() {
      return early.length + others.length;
    },
  };
}

function dueAtOf<T>(heap: readonly Entry<T>[]): number {
  return heap[0]?.dueAt ?? Infinity;
}

// Binary heaps: thousands of targets, a few turns a second each way.

function push<T>(heap: Entry<T>[], entry: Entry<T>): void {
  heap.push(entry);
  siftUp(heap);
}

function pop<T>(heap: Entry<T>[]): T | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (last !== undefined && last !== first) {
    heap[0] = last;
    siftDown(heap);
  }
  return first?.item;
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
