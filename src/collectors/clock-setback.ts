import type { EpochMs } from '../model/time.ts';
import type { CollectorParts } from './collector-parts.ts';

/**
 * Creates the set of targets of one collector that are paused because the wall clock was set back behind their watermark.
 * Requesting the range again would count the same rows again, so they pause until the clock catches up. Start and end are
 * logged once.
 */
export function createClockSetback(
  { account, log }: Pick<CollectorParts, 'account' | 'log'>,
  operation: string,
) {
  const paused = new Map<string, EpochMs>();
  const fields = { account: account.account, operation };
  return {
    /** The target is not polled before `until`. */
    pause(targetKey: string, until: EpochMs, now: EpochMs): void {
      if (paused.size === 0) {
        log.warn('clock set back: counting pauses until it catches up', {
          ...fields,
          until: new Date(until).toISOString(),
          behind_s: Math.round((until - now) / 1000),
        });
      }
      paused.set(targetKey, until);
    },
    /** The target is polled again or was removed. No-op if it was not paused. */
    resume(targetKey: string): void {
      if (paused.delete(targetKey) && paused.size === 0) {
        log.info('clock has caught up: counting resumes', fields);
      }
    },
    /** Returns the time until the last target resumes; 0 if none is paused. */
    behindMs(now: EpochMs): number {
      let latest = now;
      for (const until of paused.values()) latest = Math.max(latest, until);
      return latest - now;
    },
  };
}
