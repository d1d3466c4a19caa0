/**
 * Wraps `run` so that its runs never overlap and callers share them. A run serves all calls that came before it
 * began. A call during a run gets the result of the next run, because the run in progress can have read older
 * data. So any number of simultaneous calls cost two runs.
 */
export function shareRuns<T>(run: () => Promise<T>): () => Promise<T> {
  let latest: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    if (next === undefined) {
      next = latest.then(() => {
        next = undefined;
        return run();
      });
      latest = next.catch(() => undefined);
    }
    return next;
  };
}
