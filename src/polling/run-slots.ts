/** Maximum number of runs (polls) in progress, of all collectors together. */
const maxRuns = 256;

/**
 * Descriptors that the process always has open: the state file with its log and lock, the listening sockets,
 * standard streams, and those of Node.js itself.
 */
const openAtStart = 32;

/**
 * Returns the maximum number of runs in progress for a limit of open files (descriptors), which is undefined
 * if unknown. Each run has at most one request in progress, which needs a connection. The runs get a quarter
 * of the descriptors: idle connections stay open for some seconds, and the server needs descriptors for
 * scrapes.
 */
export function maxRunsOf(maxOpenFiles: number | undefined): number {
  if (maxOpenFiles === undefined) return maxRuns;
  return Math.max(1, Math.min(maxRuns, Math.floor((maxOpenFiles - openAtStart) / 4)));
}

/** Slots (permissions for concurrent runs) of one poller. */
export interface PollerSlots {
  /** Takes a slot. Returns false if no slot is free for this poller. */
  acquire(): boolean;
  /** Returns a slot that was taken. */
  release(): void;
  /** Gives up the poller's share. Slots that it holds still count until they are released. */
  leave(): void;
}

export type RunSlots = ReturnType<typeof createRunSlots>;

/**
 * Creates the slots that all pollers of the process share. Half of the `max` slots are divided into equal
 * shares, one per poller and at least one slot each. The other half goes to any poller. So an account whose
 * requests hang can take half of the slots and its own share, and never the share of another account.
 */
export function createRunSlots(max = maxRuns) {
  /** Numbers of slots that the pollers hold, and whether each poller has a share. */
  const pollers = new Set<{ held: number; hasShare: boolean }>();

  /** Reports whether a slot is free that belongs to no share. */
  const hasCommonSlot = (share: number, shares: number): boolean => {
    let taken = 0;
    for (const { held, hasShare } of pollers) taken += hasShare ? Math.max(0, held - share) : held;
    return taken < max - share * shares;
  };
  let shares = 0;

  return {
    join(): PollerSlots {
      const poller = { held: 0, hasShare: true };
      const forget = () => {
        if (!poller.hasShare && poller.held === 0) pollers.delete(poller);
      };
      pollers.add(poller);
      shares++;
      return {
        acquire() {
          const share = Math.max(1, Math.floor(max / 2 / shares));
          if (poller.held >= share && !hasCommonSlot(share, shares)) return false;
          poller.held++;
          return true;
        },
        release() {
          poller.held--;
          forget();
        },
        leave() {
          poller.hasShare = false;
          shares--;
          forget();
        },
      };
    },
  };
}
