/** How long the event loop was held at most, in milliseconds. One tick of the watch is in each. */
export interface Pauses {
  /** As a request saw it that had to wait: also the time in which another process had the core. */
  readonly pauseMs: number;
  /** Of that, what the thread itself worked. */
  readonly busyMs: number;
}

/** Watches the time between two ticks of a 1 ms timer. `stop` tells the longest since. */
export function watchPauses(): { stop(): Pauses } {
  let last = performance.now();
  let worked = threadMs();
  let pauseMs = 0;
  let busyMs = 0;
  const look = () => {
    const now = performance.now();
    const nowWorked = threadMs();
    pauseMs = Math.max(pauseMs, now - last);
    busyMs = Math.max(busyMs, nowWorked - worked);
    last = now;
    worked = nowWorked;
  };
  const timer = setInterval(look, 1);
  return {
    stop() {
      look();
      clearInterval(timer);
      return { pauseMs, busyMs };
    },
  };
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
