const mebibyte = 1024 * 1024;

/** Growth that is noise: caches that fill, and code that is compiled late. */
const slackBytes = 8 * mebibyte;

/** Returns the used heap in bytes after all garbage was collected; undefined without `--expose-gc`. */
export async function settledHeap(collectGarbage: (() => void) | undefined): Promise<number | undefined> {
  if (collectGarbage === undefined) return undefined;
  // Several times: finalizers and ended connections release more in later iterations of the event loop.
  for (let i = 0; i < 4; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

/** Returns the problem of a heap that grew by more than a tenth since the warm-up; undefined if it is steady. */
export function heapProblem(warm: number | undefined, end: number | undefined): string | undefined {
  if (warm === undefined || end === undefined || end <= warm * 1.1 + slackBytes) return undefined;
  return `the heap grew from ${toMebibytes(warm)} to ${toMebibytes(end)}`;
}

export function toMebibytes(bytes: number): string {
  return `${(bytes / mebibyte).toFixed(1)} MiB`;
}
