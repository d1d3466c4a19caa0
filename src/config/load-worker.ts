import { parentPort, workerData } from 'node:worker_threads';
import { readConfigFile } from './load.ts';
import type { WorkerRequest } from './load-in-worker.ts';

/*
 * Runs in a thread of its own, which `readConfigApart` starts. It puts the lists of a Config into the port in small
 * pieces, and tells its parent the rest only once all of them are there.
 */

/** Taking this many targets out of the port takes the other side a millisecond. */
const targetsPerPiece = 250;

// The casts: what readConfigApart gives.
const { file, port } = workerData as WorkerRequest;
const loaded = await readConfigFile(file);
if ('config' in loaded) {
  const { config, named } = loaded;
  const { pushTargets, controlTargets, ...rest } = config;
  for (const [list, targets] of Object.entries({ pushTargets, controlTargets })) {
    for (let i = 0; i < targets.length; i += targetsPerPiece) {
      port.postMessage({ list, targets: targets.slice(i, i + targetsPerPiece) });
    }
  }
  parentPort?.postMessage({ rest, named });
} else parentPort?.postMessage(loaded);
