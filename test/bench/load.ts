import { setTimeout as sleep } from 'node:timers/promises';
import { type PauseWatch, watchPauses } from './pauses.ts';

/** What a process spent between two moments. */
export interface Spent {
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  /** How long its event loop was held at most. */
  readonly pauseMs: number;
}

/** The garbage of before, and what is left of collecting it in other threads. */
export async function collectGarbage(): Promise<void> {
  globalThis.gc?.();
  await sleep(20);
}

/** Commands by which a process tells what it spends. */
export function spending() {
  let watch: PauseWatch | undefined;
  let before = process.cpuUsage();
  return {
    async begin(): Promise<void> {
      await collectGarbage();
      watch = watchPauses();
      before = process.cpuUsage();
    },
    end(): Spent {
      const { user, system } = process.cpuUsage(before);
      return { cpuMs: (user + system) / 1000, pauseMs: watch?.stop() ?? 0 };
    },
  };
}
