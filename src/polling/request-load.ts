/** Minimum number of runs over which the average is taken. */
const minRuns = 20;

/**
 * Creates the average number of requests per run (poll of one target). During a catch-up, runs send additional
 * requests, so that the same budget allows fewer runs.
 */
export function createRequestLoad() {
  let average = 1;
  return {
    /** Adds a run that sent `requests` requests. The average covers about as many runs as there are targets. */
    add(requests: number, targets: number): void {
      average += (requests - average) / Math.max(minRuns, targets);
    },
    /** Returns the average number of requests per run, at least 1. */
    perRun: (): number => Math.max(1, average),
  };
}
