import type { TextSlot } from './text-arena.ts';

/**
 * Number of the newest snapshot of a table at some time; 0 before the first one. A later snapshot has a larger
 * number.
 */
export type Epoch = number;

/** Text that was removed from a table while a snapshot contained it. */
interface RemovedText {
  readonly slot: TextSlot;
  /** Epoch in which the text was added: only later snapshots contain it. */
  readonly addedIn: Epoch;
}

/** Snapshot in use. */
interface OpenSnapshot {
  readonly epoch: Epoch;
  /**
   * Removed texts that this snapshot contains, and no newer snapshot in use. An older snapshot can contain them
   * too.
   */
  readonly removed: RemovedText[];
}

/**
 * Creates the part of a table that decides when the memory of a removed text can be reused: as soon as no snapshot
 * in use contains the text. So a text that was added and removed during a long scrape is freed immediately, and
 * scrapes that always overlap hold back no more than the texts that their snapshots contain. The method is that of
 * deadlists in the file system ZFS: each snapshot has a list of the removed texts that it contains, and a released
 * snapshot passes the rest of its list to the next older one.
 */
export function createSnapshotTexts(free: (slot: TextSlot) => void) {
  /** Snapshots in use, the oldest first. At most a few dozen, because the server limits concurrent scrapes. */
  const open: OpenSnapshot[] = [];
  let epoch: Epoch = 0;

  const freeOrKeep = (holder: OpenSnapshot | undefined, removed: RemovedText) => {
    if (holder !== undefined && holder.epoch > removed.addedIn) holder.removed.push(removed);
    else free(removed.slot);
  };

  return {
    epoch: (): Epoch => epoch,
    /** Returns the epoch of the newest snapshot in use; 0 without one. */
    newestInUse: (): Epoch => open.at(-1)?.epoch ?? 0,
    /** Adds a snapshot, and returns the function that releases it. Further calls of the function are no-ops. */
    open() {
      const snapshot: OpenSnapshot = { epoch: ++epoch, removed: [] };
      open.push(snapshot);
      return () => {
        const at = open.indexOf(snapshot);
        if (at === -1) return;
        open.splice(at, 1);
        const older = open[at - 1];
        for (const removed of snapshot.removed) freeOrKeep(older, removed);
      };
    },
    /** Frees a text that was added in `addedIn`, now or when no snapshot contains it any longer. */
    remove: (slot: TextSlot, addedIn: Epoch) => freeOrKeep(open.at(-1), { slot, addedIn }),
  };
}
