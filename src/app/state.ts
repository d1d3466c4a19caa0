import type { Log } from '../log.ts';
import type { SavedRecord } from '../model/saved-record.ts';
import { type Clock, type EpochMs, secondMs } from '../model/time.ts';
import { lockState, StateLockedError } from '../store/lock.ts';
import { openStateStore, type StateStore } from '../store/state-store.ts';

export interface OpenState extends StateStore {
  /** Told of each save: logged when it fails first, and when it goes well again. */
  saved(): void;
  failed(error: unknown): void;
  /** What is wrong with the state now, in a sentence each. */
  problems(): readonly string[];
}

export interface StateParts {
  readonly storagePath: string;
  readonly lockTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly pid: number;
  /** Breaks off the wait for another daemon to let go of it. */
  readonly signal: AbortSignal;
}

export interface OpenedState {
  readonly state: OpenState;
  /** What was saved before. Not a part of the state, which lives as long as the daemon: it would hold them all that time. */
  readonly records: readonly SavedRecord[];
  /** When any of it was last saved; undefined: nothing was, or when is not known. */
  readonly savedAt: EpochMs | undefined;
}

/** The state of this daemon, held for it alone. Rejects with a StateLockedError, or when the folder can't be used. */
export async function openState(
  { storagePath, lockTimeoutMs, clock, log, pid, signal }: StateParts,
  { onReset }: { onReset: () => void },
): Promise<OpenedState> {
  const startedAt = clock.now();
  const release = await lockWithin({ storagePath, lockTimeoutMs, clock, log, pid, signal });
  try {
    const { store, saved, savedAt, problem, repaired, reported } = openStateStore(storagePath, startedAt);
    const { records, problems } = saved;
    if (repaired !== undefined) log.warn('the state was damaged', { state: storagePath, why: repaired });
    const lost = problem === undefined ? problems : [problem, ...problems];
    for (const [i, why] of lost.entries()) {
      if (i < maxLogged) log.error('state was lost, its totals start from 0', { state: storagePath, why });
      onReset();
    }
    if (lost.length > maxLogged) log.error('more state was lost', { rows: lost.length - maxLogged });
    reported();
    let failing: string | undefined;
    const failed = (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      if (failing === why) return;
      failing = why;
      log.error('the state cannot be saved: a crash now would count the last samples again', {
        state: storagePath,
        why,
      });
    };
    const state: OpenState = {
      save: store.save,
      remove: store.remove,
      saved() {
        if (failing === undefined) return;
        failing = undefined;
        log.info('the state is saved again', { state: storagePath });
      },
      failed,
      problems: () => (failing === undefined ? [] : [`the state cannot be saved: ${failing}`]),
      close() {
        store.close();
        release();
      },
    };
    return { state, records, savedAt };
  } catch (error) {
    release();
    throw error;
  }
}

/** A file of tens of thousands of streams may be damaged in every row. */
const maxLogged = 20;

/** How often a daemon that waits looks whether the first one has gone. */
const lockEveryMs = secondMs / 4;

async function lockWithin(parts: StateParts): Promise<() => void> {
  const { storagePath, lockTimeoutMs, clock, log, pid, signal } = parts;
  const startedAt = new Date(clock.now()).toISOString();
  const until = clock.elapsed() + lockTimeoutMs;
  for (let tries = 1; ; tries++) {
    try {
      return lockState(storagePath, { pid, startedAt });
    } catch (error) {
      if (!(error instanceof StateLockedError) || clock.elapsed() >= until) throw error;
      if (tries === 1) log.info('waiting for another daemon to let go of the state', { state: storagePath });
      await clock.sleep(lockEveryMs, signal);
    }
  }
}
