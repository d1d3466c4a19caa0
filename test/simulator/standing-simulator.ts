import { onTestFinished } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { scenarioOf } from './support.ts';

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;

/**
 * Returns the present system time as `realNow`, and a function that starts simulators whose clock stands still
 * at this time. The official clients sign with the system time, so each test file calls this: the files of a
 * process share this module, and a time of many minutes ago would be an expired one. It is a whole second,
 * because the times in responses have whole seconds.
 */
export function standAtSystemTime() {
  const realNow = Math.floor(Date.now() / secondMs) * secondMs;
  return {
    realNow,
    /** Starts a simulator of a scenario (YAML) whose story began `ageMs` ago. It is closed after the test. */
    async startStanding(yaml: string, ageMs: number): Promise<Simulator> {
      const simulator = await startSimulator({
        scenario: scenarioOf(yaml),
        clock: { now: () => realNow },
        startedAt: realNow - ageMs,
      });
      onTestFinished(() => simulator.close());
      return simulator;
    },
  };
}
