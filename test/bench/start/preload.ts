import { constants, type NodeGCPerformanceDetail, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

/*
 * Preloaded module that measures how long the daemon blocks its event loop. On any message of the parent it
 * replies with the longest pauses since the last message and resets them.
 */

/** Longest pauses in milliseconds between two timer ticks, and the CPU time of the thread in them. */
export interface Pauses {
  readonly wallMs: number;
  readonly busyMs: number;
  /**
   * Longest pause while V8 did not mark the old generation: marking depends on the heap size, not on the code
   * that runs.
   */
  readonly unmarkedMs: number;
  /** Number of collections of the old generation. */
  readonly markings: number;
  /** CPU time of all threads since the last message. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

interface Pause {
  readonly from: number;
  readonly to: number;
  readonly busyMs: number;
}

/** Shorter pauses are ignored. */
const minPauseMs = 5;

const busyMs = () => {
  // See `threadMs` in pauses.ts.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let pauses: Pause[] = [];
/** Each from the start of marking to the end of the collection. */
let markings: { readonly from: number; readonly to: number }[] = [];
let markingFrom: number | undefined;
/** The first phase includes the CPU time before this module. */
let cpuBefore: NodeJS.CpuUsage = { user: 0, system: 0 };
let lastAt = performance.now();
let lastBusyMs = busyMs();
setInterval(() => {
  const to = performance.now();
  const busy = busyMs();
  if (to - lastAt >= minPauseMs) pauses.push({ from: lastAt, to, busyMs: busy - lastBusyMs });
  lastAt = to;
  lastBusyMs = busy;
}, 1).unref();

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { startTime, duration } = entry;
    // Node sets `detail` on GC entries, but @types/node does not declare it.
    const { kind } = (entry as unknown as { readonly detail: NodeGCPerformanceDetail }).detail;
    // Node reports the start of marking and the end of the collection.
    if (kind === constants.NODE_PERFORMANCE_GC_INCREMENTAL) markingFrom ??= startTime;
    if (kind !== constants.NODE_PERFORMANCE_GC_MAJOR) continue;
    markings.push({ from: markingFrom ?? startTime, to: startTime + duration });
    markingFrom = undefined;
  }
}).observe({ entryTypes: ['gc'] });

process.on('message', async () => {
  // Lets pending entries reach the observer.
  await setImmediate();
  const { user, system } = process.cpuUsage(cpuBefore);
  const marked = markingFrom === undefined ? markings : [...markings, { from: markingFrom, to: Infinity }];
  const unmarked = pauses.filter(
    ({ from, to }) => !marked.some((marking) => from < marking.to && to > marking.from),
  );
  const result: Pauses = {
    wallMs: maxOf(pauses.map(({ from, to }) => to - from)),
    busyMs: maxOf(pauses.map((pause) => pause.busyMs)),
    unmarkedMs: maxOf(unmarked.map(({ from, to }) => to - from)),
    markings: markings.length,
    cpuMs: (user + system) / 1000,
    residentBytes: process.memoryUsage.rss(),
  };
  process.send?.(result);
  pauses = [];
  markings = [];
  cpuBefore = process.cpuUsage();
});
process.channel?.unref();

function maxOf(ms: readonly number[]): number {
  return ms.reduce((max, value) => Math.max(max, value), 0);
}
