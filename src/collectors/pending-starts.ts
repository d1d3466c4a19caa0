import { type Clock, type EpochMs, secondMs } from '../model/time.ts';

/**
 * Change of the clock in ms up to which no correction is made, so that a slewed clock (adjusted in small
 * steps) causes none. The value must not exceed the shortest lookback that a config can set: then the
 * lookback still covers all the time since the start.
 */
const toleranceMs = 5 * secondMs;

/**
 * Creates the list of the targets that have no answer since they started or returned to the config, with
 * their start times (wall clock). If the clock was wrong at the start and is then corrected, a target would
 * count old history as new, or pause until the clock catches up. So its start time must be corrected too.
 */
export function createPendingStarts({ elapsed }: Pick<Clock, 'elapsed'>) {
  const started = new Map<string, { readonly at: EpochMs; readonly elapsed: number }>();
  return {
    /** Adds a target that starts or resumes at `now` (wall clock). */
    add: (targetKey: string, now: EpochMs) => void started.set(targetKey, { at: now, elapsed: elapsed() }),
    /**
     * Removes a target after its first answer or its removal from the config. No-op if the key is unknown.
     */
    remove: (targetKey: string) => void started.delete(targetKey),
    /**
     * Returns the corrected start time of a target (epoch ms) if the wall clock was stepped since the start,
     * but only once for each step. Otherwise returns undefined.
     */
    adjustedStart(targetKey: string, now: EpochMs): EpochMs | undefined {
      const known = started.get(targetKey);
      if (known === undefined) return undefined;
      const at = now - (elapsed() - known.elapsed);
      if (Math.abs(at - known.at) <= toleranceMs) return undefined;
      started.set(targetKey, { ...known, at });
      return at;
    },
  };
}
