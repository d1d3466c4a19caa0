import { createBugLog } from '../log/bug-log.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../model/time.ts';
import { type AccountSources, runDeadlineMs } from './sources.ts';

interface ConnectionRetirementParts {
  readonly clock: Pick<Clock, 'sleep' | 'elapsed'>;
  readonly log: Log;
}

/**
 * Creates the part that closes the connections of replaced sources as soon as no request in progress can need
 * them.
 */
export function createConnectionRetirement({ clock, log }: ConnectionRetirementParts) {
  const bugs = createBugLog(log, clock);
  const retiring = new Set<Promise<void>>();
  const closing = new AbortController();
  return {
    retire({ close }: Pick<AccountSources<unknown>, 'close'>): void {
      const closed = clock
        .sleep(runDeadlineMs, closing.signal)
        .catch(() => undefined)
        .then(() => bugs.guard('end of connections', close))
        .finally(() => retiring.delete(closed));
      retiring.add(closed);
    },
    async close(): Promise<void> {
      closing.abort(new Error('the exporter is stopping'));
      await Promise.all(retiring);
    },
  };
}
