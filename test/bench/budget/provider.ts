import { systemClock } from '../../../src/clock.ts';
import { startSimulator } from '../../../src/simulator/server.ts';
import { storyOf } from './story.ts';

/*
 * Child process: the simulator, so that the load of the parent does not affect its seconds. Sends its
 * endpoint to the parent, and its request log on any message.
 */

const [streams, perSecond, startedAt] = process.argv.slice(2).map(Number);
if (streams === undefined || perSecond === undefined || startedAt === undefined) {
  throw new Error('expected arguments: streams, calls per second, start time of the scenario');
}

const scenario = storyOf({ streams, perSecond });
const simulator = await startSimulator({ scenario, clock: systemClock, startedAt });
process.on('message', () => process.send?.(simulator.requests()));
// The parent has exited.
process.on('disconnect', () => process.exit());
process.send?.({ endpoint: simulator.endpoint });
