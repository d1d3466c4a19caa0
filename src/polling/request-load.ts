/** Minimum number of runs over which the average is taken. */
const minRuns = 20;

/**
 * Creates the average number of tokens per run (poll of one target). A run takes more than one token if it sends
 * further requests, such as peeks, rechecks, retries and the halves of a truncated window. The same budget then allows
 * fewer runs. `taken` returns the number of tokens that all runs have taken so far; by default, each run takes one.
 */
export function createRequestLoad(taken?: () => number) {
  let runs = 0;
  let takenBefore = taken?.() ?? 0;
  let previous = { runs: minRuns, tokens: minRuns };
  const tokens = () => (taken === undefined ? runs : taken() - takenBefore);
  return {
    /**
     * Adds a run that starts. The average covers the last one to two times as many runs as there are targets, so the
     * tokens of runs in progress do not matter.
     */
    started(targets: number): void {
      if (runs >= Math.max(minRuns, targets)) {
        previous = { runs, tokens: tokens() };
        takenBefore += previous.tokens;
        runs = 0;
      }
      runs++;
    },
    /** Returns the average number of tokens per run, at least 1. */
    perRun: (): number => Math.max(1, (previous.tokens + tokens()) / (previous.runs + runs)),
  };
}
