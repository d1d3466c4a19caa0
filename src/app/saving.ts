import { type Clock, type EpochMs, secondMs } from '../model/time.ts';

/** Time in ms after which a save that has not ended is reported. */
const slowMs = 10 * secondMs;

interface SavingParts {
  /**
   * Saves and publishes everything that changed, and compacts what was saved. Resolves with whether everything was
   * saved.
   */
  readonly save: (now: EpochMs) => Promise<boolean>;
  /** Called with the error of a save that rejects, which is a bug. */
  readonly onFailed: (error: unknown) => void;
  /** Called every second while a save takes longer than 10 s. */
  readonly onSlow: (error: Error) => void;
  /** Called with the same error when such a save has succeeded, whether or not there was something to save. */
  readonly onResponded: (error: Error) => void;
  readonly clock: Pick<Clock, 'elapsed'>;
}

/** Creates the part that saves in the background, one save at a time, so that a hanging disk blocks nothing else. */
export function createSaving({ save, onFailed, onSlow, onResponded, clock }: SavingParts) {
  const slow = new Error('the disk has not responded for more than 10 s');
  let running: { readonly done: Promise<void>; readonly since: number; isSlow: boolean } | undefined;

  return {
    /** Starts a save, unless one is still running. */
    start(now: EpochMs): void {
      if (running !== undefined) {
        if (clock.elapsed() - running.since >= slowMs) {
          running.isSlow = true;
          onSlow(slow);
        }
        return;
      }
      const done = save(now)
        .then((isSaved) => {
          if (isSaved && running?.isSlow) onResponded(slow);
        })
        .catch(onFailed)
        .finally(() => {
          running = undefined;
        });
      running = { done, since: clock.elapsed(), isSlow: false };
    },
    /** Resolves when no save is running. */
    async ended(): Promise<void> {
      await running?.done;
    },
  };
}
