import { constants, type NodeGCPerformanceDetail, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

/*
 * Loaded before the daemon: measures how long its event loop is held. Told anything by its parent, it says the longest
 * pauses since it was told before, and begins anew.
 */

/** Milliseconds: from one look to the next, and what of that the thread was busy. The rest it waited for a core. */
export interface Pauses {
  readonly wallMs: number;
  readonly busyMs: number;
  /** The longest in which V8 was not marking the old generation: that takes what the whole heap asks for, whatever ran. */
  readonly unmarkedMs: number;
  /** How often V8 collected the old generation. */
  readonly markings: number;
  /** Of the whole process, all its threads, in the time. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

interface Pause {
  readonly from: number;
  readonly to: number;
  readonly busyMs: number;
}

/** Shorter ones are none. */
const leastMs = 5;

const busyMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let pauses: Pause[] = [];
/** From the start of marking to the end of the collection. */
let markings: { readonly from: number; readonly to: number }[] = [];
let markingFrom: number | undefined;
/** Of the first phase, also what came before this. */
let cpuBefore: NodeJS.CpuUsage = { user: 0, system: 0 };
let lastAt = performance.now();
let lastBusyMs = busyMs();
setInterval(() => {
  const to = performance.now();
  const busy = busyMs();
  if (to - lastAt >= leastMs) pauses.push({ from: lastAt, to, busyMs: busy - lastBusyMs });
  lastAt = to;
  lastBusyMs = busy;
}, 1).unref();

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { startTime, duration } = entry;
    // The cast: what Node says of collections; @types/node has it for no entry.
    const { kind } = (entry as unknown as { readonly detail: NodeGCPerformanceDetail }).detail;
    // Told when marking starts, and when it has ended.
    if (kind === constants.NODE_PERFORMANCE_GC_INCREMENTAL) markingFrom ??= startTime;
    if (kind !== constants.NODE_PERFORMANCE_GC_MAJOR) continue;
    markings.push({ from: markingFrom ?? startTime, to: startTime + duration });
    markingFrom = undefined;
  }
}).observe({ entryTypes: ['gc'] });

process.on('message', async () => {
  // What the observer is to be told of may still be on its way.
  await setImmediate();
  const { user, system } = process.cpuUsage(cpuBefore);
  const marked = markingFrom === undefined ? markings : [...markings, { from: markingFrom, to: Infinity }];
  const unmarked = pauses.filter(({ from, to }) => !marked.some((one) => from < one.to && to > one.from));
  const taken: Pauses = {
    wallMs: longest(pauses.map(({ from, to }) => to - from)),
    busyMs: longest(pauses.map((pause) => pause.busyMs)),
    unmarkedMs: longest(unmarked.map(({ from, to }) => to - from)),
    markings: markings.length,
    cpuMs: (user + system) / 1000,
    residentBytes: process.memoryUsage.rss(),
  };
  process.send?.(taken);
  pauses = [];
  markings = [];
  cpuBefore = process.cpuUsage();
});
process.channel?.unref();

function longest(ms: readonly number[]): number {
  return ms.reduce((most, one) => Math.max(most, one), 0);
}
