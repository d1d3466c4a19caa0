import { afterEach } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { scenarioOf } from './support.ts';

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;

/**
 * System time at the start of the tests, because the official clients sign with it. A whole second, because
 * the times in responses have whole seconds.
 */
export const realNow = Math.floor(Date.now() / secondMs) * secondMs;

const started: Simulator[] = [];

afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
});

/**
 * Starts a simulator of a scenario (YAML) whose story began `ageMs` ago, and whose clock stands still at
 * `realNow`. The simulator is closed after the test.
 */
export async function startStanding(yaml: string, ageMs: number): Promise<Simulator> {
  const simulator = await startSimulator({
    scenario: scenarioOf(yaml),
    clock: { now: () => realNow },
    startedAt: realNow - ageMs,
  });
  started.push(simulator);
  return simulator;
}
