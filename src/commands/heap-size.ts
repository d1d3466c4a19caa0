/** Access to the heap of V8, the JavaScript engine. */
export interface Heap {
  /** Sets a flag of V8, such as `--semi-space-growth-factor=2`. */
  setFlag(flag: string): void;
  /** Returns the current size of the young generation, which holds new objects, in bytes. */
  youngBytes(): number;
  /** Maximum size of the whole heap in bytes. */
  readonly maxBytes: number;
}

/** Size of the young generation without targets, in bytes. */
const minYoungBytes = 4 * 1024 ** 2;
/** Bytes of the young generation per target. From about 16,000 targets on, V8's own maximum of 128 MiB applies. */
const youngBytesPerTarget = 8 * 1024;

/** Growth of the old generation until the next marking in percent of its live size, for few and for many targets. */
const minGrowth = 30;
const maxGrowth = 100;
/** Targets per percent of growth. */
const targetsPerPercent = 50;

/**
 * Creates the control of V8's heap size. By default, V8 grows the young generation to 128 MiB even if the program
 * uses little memory, and marks the old generation only at up to four times its live size. That keeps the memory of
 * a few hundred streams at twice of what they need.
 *
 * V8 reads the maximum size of the young generation only at its start, when the config is not known yet. But it
 * reads the factor by which it grows after a garbage collection each time: a factor of 1 stops the growth.
 */
export function createHeapSize({ setFlag, youngBytes, maxBytes }: Heap) {
  let maxYoungBytes = minYoungBytes;
  let canGrow: boolean | undefined;

  /** Stops or permits the growth of the young generation. Call this function after each garbage collection. */
  function adjust(): void {
    const permitted = 2 * youngBytes() <= maxYoungBytes;
    if (permitted === canGrow) return;
    canGrow = permitted;
    setFlag(`--semi-space-growth-factor=${permitted ? 2 : 1}`);
  }

  return {
    adjust,
    /** Sets the number of targets (streams and domains) of the config; Infinity for V8's own maximum. */
    setTargets(targets: number): void {
      maxYoungBytes = minYoungBytes + targets * youngBytesPerTarget;
      adjust();
      // V8 plans to mark the whole heap within 0.5 s, which two cores cannot do for a heap of four times the live
      // size. When V8 falls behind this plan, each allocation marks for another 5 ms, which blocks the event loop
      // for 0.1 s: see docs/performance.md. If the heap limit is at most 1 GiB, V8 reduces the growth itself.
      const growth = Math.min(maxGrowth, minGrowth + Math.floor(targets / targetsPerPercent));
      if (growth < maxGrowth || maxBytes > 1024 ** 3) setFlag(`--heap-growing-percent=${growth}`);
    },
  };
}
