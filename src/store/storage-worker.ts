import { parentPort } from 'node:worker_threads';
import { createStorage } from './storage.ts';
import type { ThreadCall, ThreadMessage } from './storage-thread.ts';

/*
 * Entry point of the thread that `createStorageThread` starts. It runs the operations on the state in the order in
 * which they arrive.
 */

const send = (message: ThreadMessage) => parentPort?.postMessage(message);
const operations = createStorage((recreation) => send({ recreation }));

parentPort?.on('message', ({ id, name, parameters }: ThreadCall) => {
  try {
    // The cast is safe: `call` accepts only the parameters of the operation.
    const operation = operations[name] as (...given: readonly unknown[]) => unknown;
    send({ id, result: operation(...parameters) });
  } catch (error) {
    send({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
