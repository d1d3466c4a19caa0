import { type Clock, type EpochMs, secondMs } from '../model/time.ts';

/**
 * Maximum change of the clock in ms that needs no correction, so that a slewed clock (adjusted in small
 * amounts) causes no correction. The tolerance is at most the shortest lookback that a config can set: then
 * all time since the start is still within the lookback.
 */
const toleranceMs = 5 * secondMs;

/**
 * Creates the list of pending starts: wall-clock start times of the targets that have no answer since they
 * started or resumed. If the clock was wrong at the start and is corrected, a target would count old history
 * as new, or pause until the clock catches up. So the start of the target moves with the clock.
 */
export function createPendingStarts({ elapsed }: Pick<Clock, 'elapsed'>) {
  const started = new Map<string, { readonly at: EpochMs; readonly elapsed: number }>();
  return {
    /** Adds a target that starts or resumes at `now` (wall clock). */
    add: (targetKey: string, now: EpochMs) => void started.set(targetKey, { at: now, elapsed: elapsed() }),
    /**
     * Ends the adjustment of a target, after its first answer or its removal. No-op if the key is unknown.
     */
    remove: (targetKey: string) => void started.delete(targetKey),
    /**
     * Returns the start time of a target on the current wall clock (epoch ms) if the clock was stepped since
     * the start, once per step. Otherwise returns undefined.
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
