import { systemClock } from '../../../src/clock.ts';
import { startSimulator } from '../../../src/simulator/server.ts';
import { storyOf } from './story.ts';

/*
 * The simulator, a child process: so that what else the parent does is not in its seconds. Tells its parent where it is,
 * and, when asked for it by any message, what it was asked.
 */

const [streams, perSecond, startedAt] = process.argv.slice(2).map(Number);
if (streams === undefined || perSecond === undefined || startedAt === undefined) {
  throw new Error('expected streams, calls per second, and when the story begins');
}

const scenario = storyOf({ streams, perSecond });
const simulator = await startSimulator({ scenario, clock: systemClock, startedAt });
process.on('message', () => process.send?.(simulator.requests()));
// The parent is gone.
process.on('disconnect', () => process.exit());
process.send?.({ endpoint: simulator.endpoint });
