/** Longest time that the event loop was blocked, in milliseconds, including one tick of the timer. */
export interface Pauses {
  /** Wall time, as a waiting request sees it. Includes the time in which another process used the core. */
  readonly pauseMs: number;
  /** CPU time of the thread between two ticks. */
  readonly busyMs: number;
}

/** Measures the time between two ticks of a 1 ms timer. `stop` returns the longest. */
export function watchPauses(): { stop(): Pauses } {
  let last = performance.now();
  let lastCpuMs = threadMs();
  let pauseMs = 0;
  let busyMs = 0;
  const tick = () => {
    const now = performance.now();
    const cpuMs = threadMs();
    pauseMs = Math.max(pauseMs, now - last);
    busyMs = Math.max(busyMs, cpuMs - lastCpuMs);
    last = now;
    lastCpuMs = cpuMs;
  };
  const timer = setInterval(tick, 1);
  return {
    stop() {
      tick();
      clearInterval(timer);
      return { pauseMs, busyMs };
    },
  };
}

/**
 * Returns the CPU time of this thread. Linux adds the time since the last tick of its scheduler, up to 4 ms,
 * to the CPU time of a thread only when that of the process is read, so read that first: otherwise the
 * longest of many short times is 4 ms too long.
 */
function threadMs(): number {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
