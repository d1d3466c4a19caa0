import { setTimeout as sleep } from 'node:timers/promises';
import { type Pauses, watchPauses } from './pauses.ts';

/** Resources that a process used in an interval. */
export interface Spent extends Pauses {
  /** User and system time of all threads. */
  readonly cpuMs: number;
}

/** Collects garbage, and waits until other threads have finished the collection. */
export async function collectGarbage(): Promise<void> {
  globalThis.gc?.();
  await sleep(20);
}

/** Commands that measure the resources of a process. */
export function spending() {
  let watch = watchPauses();
  watch.stop();
  let before = process.cpuUsage();
  const beginAsItIs = () => {
    watch = watchPauses();
    before = process.cpuUsage();
  };
  return {
    async begin(): Promise<void> {
      await collectGarbage();
      beginAsItIs();
    },
    /** Starts without a collection, in which V8 would drop compiled code. */
    beginAsItIs,
    end(): Spent {
      const { user, system } = process.cpuUsage(before);
      return { cpuMs: (user + system) / 1000, ...watch.stop() };
    },
  };
}
