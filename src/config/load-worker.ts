import { parentPort, workerData } from 'node:worker_threads';
import { readConfigFile } from './load.ts';
import type { WorkerRequest } from './load-in-worker.ts';

/*
 * Entry point of the worker thread that `loadInWorker` starts. It loads the config, sends the lists of
 * targets through the port in chunks, and then sends the rest of the Config, or the problems, to its parent.
 */

/** Maximum number of targets in one chunk. Deserializing 250 targets takes the receiver about 1 ms. */
const targetsPerChunk = 250;

// The cast is safe: loadInWorker passes a WorkerRequest as `workerData`.
const { file, port } = workerData as WorkerRequest;
const loaded = await readConfigFile(file);
if ('config' in loaded) {
  const { config, named } = loaded;
  const { pushTargets, controlTargets, ...rest } = config;
  for (const [list, targets] of Object.entries({ pushTargets, controlTargets })) {
    for (let i = 0; i < targets.length; i += targetsPerChunk) {
      port.postMessage({ list, targets: targets.slice(i, i + targetsPerChunk) });
    }
  }
  parentPort?.postMessage({ rest, named });
} else parentPort?.postMessage(loaded);
