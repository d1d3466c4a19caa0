import type { Log } from '../log.ts';
import { type Clock, hourMs } from '../model/time.ts';
import { causeOf } from './error-cause.ts';
import type { Fields } from './fields.ts';

export type BugLog = ReturnType<typeof createBugLog>;

/** Time in ms for which an error with the same cause is not logged again. */
const quietMs = hourMs;

/** Maximum number of causes that are remembered, so that messages which always differ cannot fill the memory. */
const maxCauses = 100;

/**
 * Creates the log of errors in background work, which nobody waits for: without a handler, such an error would end the
 * process. Each cause is logged once an hour, because most of the work is repeated every second. Each line has the
 * `common` fields.
 */
export function createBugLog(log: Log, { elapsed }: Pick<Clock, 'elapsed'>, common: Fields = {}) {
  /** Time of the last log line of each cause (monotonic ms), the earliest one first. */
  const loggedAt = new Map<string, number>();

  /** Logs an error in `work`, which is a noun phrase. Never throws: nothing would catch the error. */
  function report(work: string, error: unknown): void {
    try {
      const cause = `${work}: ${causeOf(error instanceof Error ? error.message : String(error), '')}`;
      const now = elapsed();
      if (now - (loggedAt.get(cause) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
      loggedAt.delete(cause);
      loggedAt.set(cause, now);
      if (loggedAt.size > maxCauses) for (const oldest of loggedAt.keys().take(1)) loggedAt.delete(oldest);
      log.error('bug: background work failed; the exporter continues and tries again, report this', {
        ...common,
        work,
        error,
      });
    } catch {
      // The log itself is broken, so there is no way to report the error.
    }
  }

  return {
    report,
    /** Does `run`, and logs its error. */
    async guard(work: string, run: () => void | Promise<void>): Promise<void> {
      try {
        await run();
      } catch (error) {
        report(work, error);
      }
    },
  };
}
