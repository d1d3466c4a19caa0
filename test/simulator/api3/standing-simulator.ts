import { afterEach } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/server.ts';
import { scenarioOf } from '../support.ts';

export const secondMs = 1_000;

/**
 * System time at the start of the tests, because the official client signs with it. A whole second, because
 * the times in responses have whole seconds.
 */
export const realNow = Math.floor(Date.now() / secondMs) * secondMs;

/** Start of the story of each simulator. */
export const storyStart = realNow - 100 * secondMs;

const started: Simulator[] = [];

afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
});

/**
 * Starts a simulator of `streams` (YAML) whose story began 100 s ago, and whose clock stands still. `account`
 * and `provider` are fields of these sections, and `head` is other YAML. The simulator is closed after the
 * test.
 */
export async function startStanding(
  streams: string,
  { provider = '', account = '', head = '' } = {},
): Promise<Simulator> {
  const scenario = scenarioOf(`
name: standing
noise: 0%
${head}
account: {${account}}
provider: {${provider}}
streams:
${streams}
`);
  const clock = { now: () => realNow };
  const simulator = await startSimulator({ scenario, clock, startedAt: storyStart });
  started.push(simulator);
  return simulator;
}
