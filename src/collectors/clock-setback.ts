import type { EpochMs } from '../model/time.ts';
import type { CollectorParts } from './collector-parts.ts';

/**
 * Creates the set of paused targets of one collector. A target pauses if the wall clock was set back behind
 * the start of its next request window. Rows that are older than that start may have been counted already and
 * could not be recognized as duplicates. The target resumes when the clock has caught up. The log reports
 * when the first target pauses and when the last target resumes.
 */
export function createClockSetback(
  { account, log }: Pick<CollectorParts, 'account' | 'log'>,
  operation: string,
) {
  const paused = new Map<string, EpochMs>();
  const fields = { account: account.account, operation };
  return {
    /** Adds a target, which is not polled before the wall clock time `until`. */
    pause(targetKey: string, until: EpochMs, now: EpochMs): void {
      if (paused.size === 0) {
        log.warn(
          'clock of this host was set back: the affected targets are not polled until the clock has caught up; check the time synchronization',
          {
            ...fields,
            until: new Date(until).toISOString(),
            behind_s: Math.round((until - now) / 1000),
          },
        );
      }
      paused.set(targetKey, until);
    },
    /** Removes a target that is polled again. No-op if the target is not paused. */
    resume(targetKey: string): void {
      if (paused.delete(targetKey) && paused.size === 0) {
        log.info('clock of this host has caught up: all targets are polled again', fields);
      }
    },
    /** Removes a target that is no longer polled, which does not show that the clock has caught up. */
    remove: (targetKey: string): void => void paused.delete(targetKey),
    /** Returns the time in ms until the last paused target resumes; 0 if no target is paused. */
    behindMs(now: EpochMs): number {
      let latest = now;
      for (const until of paused.values()) latest = Math.max(latest, until);
      return latest - now;
    },
  };
}
