import { setTimeout as sleep } from 'node:timers/promises';
import { type Pauses, watchPauses } from './pauses.ts';

/** What a process spent between two moments. */
export interface Spent extends Pauses {
  /** User and system time of all its threads. */
  readonly cpuMs: number;
}

/** The garbage of before, and what is left of collecting it in other threads. */
export async function collectGarbage(): Promise<void> {
  globalThis.gc?.();
  await sleep(20);
}

/** Commands by which a process tells what it spends. */
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
    /** With the garbage of before, and with all the code that V8 has compiled: it drops some when it collects. */
    beginAsItIs,
    end(): Spent {
      const { user, system } = process.cpuUsage(before);
      return { cpuMs: (user + system) / 1000, ...watch.stop() };
    },
  };
}
