import type { Simulator } from '../../../src/simulator/server.ts';
import { realNow, secondMs, startStanding } from '../standing-simulator.ts';

const ageMs = 100 * secondMs;

/** Start of the story of each simulator. */
export const storyStart = realNow - ageMs;

/**
 * Starts a simulator of `streams` (YAML) whose story began 100 s ago, and whose clock stands still. `account`
 * and `provider` are fields of these sections, and `head` is other YAML. The simulator is closed after the
 * test.
 */
export function startStreams(
  streams: string,
  { provider = '', account = '', head = '' } = {},
): Promise<Simulator> {
  return startStanding(
    `
name: standing
noise: 0%
${head}
account: {${account}}
provider: {${provider}}
streams:
${streams}
`,
    ageMs,
  );
}
