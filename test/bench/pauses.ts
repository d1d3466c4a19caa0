/** Watches for how long the event loop is held: the longest time between two ticks of a 1 ms timer. */
export interface PauseWatch {
  /** Milliseconds, since the watch began. One tick is in it. */
  stop(): number;
}

export function watchPauses(): PauseWatch {
  let last = performance.now();
  let longest = 0;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  return {
    stop() {
      look();
      clearInterval(timer);
      return longest;
    },
  };
}
