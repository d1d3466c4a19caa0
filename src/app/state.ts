import type { Log } from '../log.ts';
import { type Clock, secondMs } from '../model/time.ts';
import { lockState, type StateLock, StateLockedError } from '../store/lock.ts';
import type { Damage } from '../store/new-state-file.ts';
import { openStateStore } from '../store/state-store.ts';

interface StateParts {
  readonly storagePath: string;
  readonly lockTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly pid: number;
  /** Cancels the wait for the lock of the state. */
  readonly signal: AbortSignal;
}

/**
 * Maximum number of lost rows that are logged at a start. A state file with tens of thousands of streams can
 * be damaged in every row.
 */
const maxLogged = 20;

/** Time between two attempts to get the lock of the state, in ms. */
const lockRetryMs = secondMs / 4;

interface StateEvents {
  /** Called once for each loss of saved state that is found at the start. */
  readonly onReset: () => void;
  /** Called when the state was written again, after somebody deleted or replaced its files. */
  readonly onRecreated: () => void;
}

/**
 * Locks and opens the state. Rejects with a
 * StateLockedError if another process still holds the lock after `lockTimeoutMs`. Rejects with another error
 * if the directory or the state file is not usable.
 */
export async function openState(parts: StateParts, { onReset, onRecreated }: StateEvents) {
  const { storagePath, clock, log } = parts;
  const startedAt = clock.now();
  const lock = await acquireLock(parts);
  const onDamage = (damage: Damage) => {
    const { problems, isLossy, recovered, movedTo } = damage;
    const fields = { state: storagePath, recovered_records: recovered, moved_to: movedTo };
    if (!isLossy) {
      log.warn('the state file was damaged, but all records were recovered; check the disk', {
        ...fields,
        why: problems[0],
      });
      return;
    }
    for (const why of problems.slice(0, maxLogged)) {
      log.error('saved state was lost: the affected totals start at 0 (reason in the field why)', {
        ...fields,
        why,
      });
    }
    if (problems.length > maxLogged)
      log.error('further rows of the saved state were lost; they are not listed here', {
        rows: problems.length - maxLogged,
      });
    for (const _ of problems) onReset();
  };
  try {
    const { store, ...contents } = openStateStore(storagePath, startedAt, {
      lock,
      onDamage,
      onRecreated({ why, movedTo }) {
        log.error(
          'files of the state were deleted or replaced while the exporter was running: all saved totals were written again',
          { state: storagePath, why, moved_to: movedTo },
        );
        onRecreated();
      },
    });
    let failure: string | undefined;
    const state = {
      ...store,
      /** Reports a successful save. Logs it if the save before it failed. */
      saved(): void {
        if (failure === undefined) return;
        failure = undefined;
        log.info('saving the state works again', { state: storagePath });
      },
      /** Reports a failed save. Logs it if the save before it succeeded or failed for another reason. */
      failed(error: unknown): void {
        const why = error instanceof Error ? error.message : String(error);
        if (failure === why) return;
        failure = why;
        log.error(
          'the state cannot be saved: check the disk, and do not restart the exporter before a save succeeds',
          {
            state: storagePath,
            why,
          },
        );
      },
      /**
       * Returns the current problems with the state, one sentence each; an empty list if the last save
       * succeeded.
       */
      problems: () =>
        failure === undefined
          ? []
          : [
              `the state cannot be saved: ${failure}; check the disk, and do not restart the exporter before a save succeeds`,
            ],
      close(): void {
        store.close();
        lock.release();
      },
    };
    // Return the records beside `state` and not as a member of it: `state` lives as long as the daemon and
    // would keep the records in memory.
    return { state, ...contents };
  } catch (error) {
    lock.undo();
    throw error;
  }
}

/**
 * Locks the state. If another process holds the lock, tries again until `lockTimeoutMs` has passed, then
 * rejects with a StateLockedError.
 */
async function acquireLock({
  storagePath,
  lockTimeoutMs,
  clock,
  log,
  pid,
  signal,
}: StateParts): Promise<StateLock> {
  const startedAt = new Date(clock.now()).toISOString();
  const deadline = clock.elapsed() + lockTimeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return lockState(storagePath, { pid, startedAt });
    } catch (error) {
      if (!(error instanceof StateLockedError) || clock.elapsed() >= deadline) throw error;
      if (attempt === 1) log.info('waiting for another process to release the state', { state: storagePath });
      await clock.sleep(lockRetryMs, signal);
    }
  }
}
