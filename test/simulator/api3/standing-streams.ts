import type { Simulator } from '../../../src/simulator/server.ts';
import { secondMs, standAtSystemTime } from '../standing-simulator.ts';

const ageMs = 100 * secondMs;

/** Like `standAtSystemTime`, for simulators of streams whose story began 100 s ago, at `storyStart`. */
export function standStreamsAtSystemTime() {
  const { realNow, startStanding } = standAtSystemTime();
  return {
    realNow,
    storyStart: realNow - ageMs,
    /**
     * Starts a simulator of `streams` (YAML). `account` and `provider` are fields of these sections, and `head`
     * is other YAML. The simulator is closed after the test.
     */
    startStreams(streams: string, { provider = '', account = '', head = '' } = {}): Promise<Simulator> {
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
    },
  };
}
