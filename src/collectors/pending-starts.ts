import { type Clock, type EpochMs, secondMs } from '../model/time.ts';

/**
 * When the targets began, or came back, that have had no answer since. A clock that was wrong then and is set right would
 * let old history look like today's, or keep them waiting until it has caught up; so their beginning is moved with it.
 */
export interface PendingStarts {
  add(targetKey: string, now: EpochMs): void;
  /** It had an answer, or is gone. */
  remove(targetKey: string): void;
  /** When it began, by the clock as it is now, where the clock was set since then; told once. */
  adjustedStart(targetKey: string, now: EpochMs): EpochMs | undefined;
}

/**
 * A clock that is only steered goes on as if nothing was. Not more than the shortest lookback that a config may set: then
 * what happens from the beginning on still lies within it.
 */
const toleranceMs = 5 * secondMs;

export function createPendingStarts({ elapsed }: Pick<Clock, 'elapsed'>): PendingStarts {
  const begun = new Map<string, { readonly at: EpochMs; readonly elapsed: number }>();
  return {
    add: (targetKey, now) => void begun.set(targetKey, { at: now, elapsed: elapsed() }),
    remove: (targetKey) => void begun.delete(targetKey),
    adjustedStart(targetKey, now) {
      const known = begun.get(targetKey);
      if (known === undefined) return undefined;
      const at = now - (elapsed() - known.elapsed);
      if (Math.abs(at - known.at) <= toleranceMs) return undefined;
      begun.set(targetKey, { ...known, at });
      return at;
    },
  };
}
