import type { EpochMs } from '../model/time.ts';
import type { CollectorParts } from './answer-warnings.ts';

/**
 * Of one collection, the targets of which nothing can be asked, since the clock was set back behind what was asked
 * already. To go back with it would count the same rows again; so they wait, and it is said when that begins and ends.
 */
export interface ClockSetback {
  /** Nothing is asked about the target before `until`. */
  pause(targetKey: string, until: EpochMs, now: EpochMs): void;
  /** It was asked about again, or is gone. */
  resume(targetKey: string): void;
  /** How long the last of them will wait; 0: nobody does. */
  behindMs(now: EpochMs): number;
}

export function createClockSetback(
  { account, log }: Pick<CollectorParts, 'account' | 'log'>,
  operation: string,
): ClockSetback {
  const waiting = new Map<string, EpochMs>();
  const names = { account: account.name, operation };
  return {
    pause(targetKey, until, now) {
      if (waiting.size === 0) {
        log.warn('the clock is behind what was asked already: nothing is counted until it has caught up', {
          ...names,
          until: new Date(until).toISOString(),
          behind_s: Math.round((until - now) / 1000),
        });
      }
      waiting.set(targetKey, until);
    },
    resume(targetKey) {
      if (waiting.delete(targetKey) && waiting.size === 0) {
        log.info('the clock has caught up with what was asked: all is counted again', names);
      }
    },
    behindMs(now) {
      let latest = now;
      for (const until of waiting.values()) latest = Math.max(latest, until);
      return latest - now;
    },
  };
}
