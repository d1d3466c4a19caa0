/*
 * Loaded before the daemon: measures how long its event loop is held. Told anything by its parent, it says the longest
 * pauses since it was told before, and begins anew.
 */

/** Milliseconds: from one look to the next, and what of that the thread was busy. The rest it waited for a core. */
export interface Pauses {
  readonly wallMs: number;
  readonly busyMs: number;
  /** Of the whole process, all its threads, in the time. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

const busyMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let wallMs = 0;
let longestBusyMs = 0;
/** Of the first phase, also what came before this. */
let cpuBefore: NodeJS.CpuUsage = { user: 0, system: 0 };
let lastAt = performance.now();
let lastBusyMs = busyMs();
setInterval(() => {
  const at = performance.now();
  const busy = busyMs();
  wallMs = Math.max(wallMs, at - lastAt);
  longestBusyMs = Math.max(longestBusyMs, busy - lastBusyMs);
  lastAt = at;
  lastBusyMs = busy;
}, 1).unref();

process.on('message', () => {
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = (user + system) / 1000;
  const pauses: Pauses = { wallMs, busyMs: longestBusyMs, cpuMs, residentBytes: process.memoryUsage.rss() };
  process.send?.(pauses);
  wallMs = 0;
  longestBusyMs = 0;
  cpuBefore = process.cpuUsage();
});
process.channel?.unref();
