import type { Log } from '../log.ts';
import type { SavedRecord } from '../model/saved-record.ts';
import { type Clock, type EpochMs, secondMs } from '../model/time.ts';
import type { Recreation } from '../store/kept-files.ts';
import { StateLockedError } from '../store/lock.ts';
import type { MaintenanceRequest, MaintenanceState } from '../store/maintenance.ts';
import type { Damage } from '../store/new-state-file.ts';
import { createStateClient } from '../store/state-client.ts';
import type { OpenReply, StorageFactory, StoragePort } from '../store/storage.ts';
import { createStorageThread } from '../store/storage-thread.ts';

export interface StateParts {
  readonly storagePath: string;
  readonly lockTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly pid: number;
  /** Cancels the wait for the lock of the state. */
  readonly signal: AbortSignal;
  /** Creates the port to the state. By default, the state runs in a thread of its own. */
  readonly createStorage?: StorageFactory | undefined;
}

/**
 * Maximum number of lost rows that are logged at a start. A state file with tens of thousands of streams can
 * be damaged in every row.
 */
const maxLogged = 20;

/** Time between two attempts to get the lock of the state, in ms. */
const lockRetryMs = secondMs / 4;

interface StateEvents {
  /** Called once for each loss of saved state. */
  readonly onReset: () => void;
  /** Called when the state was written again, after somebody deleted or replaced its files. */
  readonly onRecreated: () => void;
}

/** Open state, with the messages about it. */
export type State = Awaited<ReturnType<typeof openState>>['state'];

/**
 * Locks and opens the state. Rejects with a StateLockedError if another process still holds the lock after
 * `lockTimeoutMs`. Rejects with another error if the directory or the state file is not usable.
 */
export async function openState(parts: StateParts, { onReset, onRecreated }: StateEvents) {
  const { clock, createStorage = createStorageThread } = parts;
  const reports = createReports(parts, onReset);
  const port = createStorage((recreation: Recreation) => {
    reports.recreated(recreation);
    onRecreated();
  });
  const client = createStateClient(port, clock.yieldNow);
  try {
    const { scrapers, savedAt } = await openPort(port, parts, reports.damaged);
    const saves = createCondition(parts, {
      failed:
        'the state cannot be saved: check the disk, and do not restart the exporter before a save succeeds',
      works: 'saving the state works again',
      problem: (why) =>
        `the state cannot be saved: ${why}; check the disk, and do not restart the exporter before a save succeeds`,
    });
    const compaction = createCondition(parts, {
      failed: 'the state cannot be compacted: all totals are saved, but the journal grows; check the disk',
      works: 'compacting the state works again',
      problem: (why) => `the state cannot be compacted: ${why}; all totals are saved, but the journal grows`,
    });
    const state = {
      ...client,
      /** Reads records. Reports damage that is found. Rejects if the disk cannot be read. */
      async load(targetKeys: readonly string[], now: EpochMs): Promise<readonly SavedRecord[]> {
        const { records, problems } = await client.load(targetKeys, now);
        reports.lost(problems, {});
        return records;
      },
      /** Freezes records. Reports damage that is found. */
      async freeze(targetKeys: readonly string[], now: EpochMs): Promise<readonly string[]> {
        const damaged = await client.freeze(targetKeys, now);
        if (damaged.length > 0) reports.damagedRows(damaged.length);
        return damaged;
      },
      /** Does a part of the background work of the store. Reports damage that is found. */
      async maintain(request: MaintenanceRequest): Promise<MaintenanceState> {
        const done = await client.maintain(request);
        if (done.lost.length > 0) reports.damagedJournal(done.lost.length);
        return done;
      },
      /** Reports a successful save. */
      saved: saves.works,
      /** Reports a failed save. */
      failed: saves.failed,
      /**
       * Reports that the failure with this error is over. Without it, the failure would stay until a save has something
       * to write.
       */
      ended: saves.ended,
      /** Reports that the background work of the store succeeded. */
      compacted: compaction.works,
      /** Reports that the background work of the store failed. */
      notCompacted: compaction.failed,
      /** Returns the current problems with the state, one sentence each. */
      problems: () => [...saves.problems(), ...compaction.problems()],
    };
    return { state, scrapers, savedAt };
  } catch (error) {
    await port.end();
    throw error;
  }
}

/**
 * Creates the report of something that works or fails. A failure is logged if it worked before or
 * failed for another reason.
 */
function createCondition(
  { storagePath, log }: Pick<StateParts, 'storagePath' | 'log'>,
  texts: { readonly failed: string; readonly works: string; readonly problem: (why: string) => string },
) {
  let failure: string | undefined;
  const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
  function works(): void {
    if (failure === undefined) return;
    failure = undefined;
    log.info(texts.works, { state: storagePath });
  }
  return {
    works,
    /** Like `works`, but only if the last failure had this error. */
    ended(error: unknown): void {
      if (failure === reasonOf(error)) works();
    },
    failed(error: unknown): void {
      const why = reasonOf(error);
      if (failure === why) return;
      failure = why;
      log.error(texts.failed, { state: storagePath, why });
    },
    problems: () => (failure === undefined ? [] : [texts.problem(failure)]),
  };
}

/** Opens the state. Waits for its lock, and reports damage before it is repaired. */
async function openPort(
  port: StoragePort,
  { storagePath, lockTimeoutMs, clock, log, pid, signal }: StateParts,
  report: (damage: Damage) => void,
): Promise<Extract<OpenReply, { is: 'open' }>> {
  const now = clock.now();
  const request = { directory: storagePath, now, pid, startedAt: new Date(now).toISOString() };
  const deadline = clock.elapsed() + lockTimeoutMs;
  let isWaiting = false;
  for (;;) {
    const reply = await port.call('open', request);
    switch (reply.is) {
      case 'open':
        return reply;
      case 'damaged':
        for (const damage of reply.damages) report(damage);
        break;
      case 'locked':
        if (clock.elapsed() >= deadline) throw new StateLockedError(storagePath, reply.holder);
        if (!isWaiting) {
          log.info('waiting for another process to release the state', {
            state: storagePath,
            holder: reply.holder,
          });
        }
        isWaiting = true;
        await clock.sleep(lockRetryMs, signal);
        break;
      default:
        reply satisfies never;
    }
  }
}

/** Creates the functions that log damage of the state. `onReset` is called once for each loss. */
function createReports({ storagePath, log }: StateParts, onReset: () => void) {
  function lost(problems: readonly string[], fields: Readonly<Record<string, unknown>>): void {
    for (const why of problems.slice(0, maxLogged)) {
      log.error('saved state was lost: the affected totals are 0 or older (reason in the field why)', {
        state: storagePath,
        ...fields,
        why,
      });
    }
    if (problems.length > maxLogged)
      log.error('further rows of the saved state were lost; they are not listed here', {
        rows: problems.length - maxLogged,
      });
    for (const _ of problems) onReset();
  }
  return {
    lost,
    damaged({ problems, isLossy, recovered, movedTo }: Damage): void {
      const fields = { recovered_records: recovered, moved_to: movedTo };
      if (isLossy) lost(problems, fields);
      else
        log.warn('the state file was damaged, but all records were recovered; check the disk', {
          state: storagePath,
          ...fields,
          why: problems[0],
        });
    },
    damagedJournal(records: number): void {
      log.warn('saved changes were damaged on the disk: these records are saved again; check the disk', {
        state: storagePath,
        records,
      });
    },
    damagedRows(records: number): void {
      log.warn(
        'saved records without a target are damaged on the disk: if they are still in memory, they are saved again, otherwise the next start reports the loss; check the disk',
        { state: storagePath, records },
      );
    },
    recreated({ why, movedTo }: Recreation): void {
      log.error(
        'files of the state were deleted or replaced while the exporter was running: all saved totals were written again',
        { state: storagePath, why, moved_to: movedTo },
      );
    },
  };
}
