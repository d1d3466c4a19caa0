import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Recreation } from './kept-files.ts';
import type { StorageFactory, StorageOperations, StoragePort } from './storage.ts';

/** Call of an operation, as it is sent to the thread. */
export interface ThreadCall {
  readonly id: number;
  readonly name: keyof StorageOperations;
  readonly parameters: readonly unknown[];
}

/** Message from the thread: the end of a call, or files that were written again. */
export type ThreadMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly recreation: Recreation };

/**
 * URL of storage-worker in the directory of this file. It has the same file extension as this file: .ts in a
 * checkout, .js in the published package.
 */
const workerScript = new URL(`./storage-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Starts the thread that reads and writes the state. It has no environment variables, so it cannot read secrets
 * from them. If the thread ends, all calls reject.
 */
export const createStorageThread: StorageFactory = (onRecreated): StoragePort => {
  // The young generation is small, because most objects of this thread live shortly.
  const resourceLimits = { maxYoungGenerationSizeMb: 8 };
  const worker = new Worker(workerScript, { env: {}, execArgv: [], resourceLimits });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let failure: Error | undefined;

  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  worker.on('message', (message: ThreadMessage) => {
    if ('recreation' in message) {
      onRecreated(message.recreation);
      return;
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) call?.reject(new Error(message.error));
    else call?.resolve(message.result);
  });
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => fail(new Error('the storage thread has ended')));

  return {
    async call(name, ...parameters) {
      if (failure !== undefined) throw failure;
      const id = ++lastId;
      const call = Promise.withResolvers<unknown>();
      waiting.set(id, call);
      worker.postMessage({ id, name, parameters } satisfies ThreadCall);
      // The cast is safe: the thread calls the operation `name`.
      return (await call.promise) as Awaited<ReturnType<StorageOperations[typeof name]>>;
    },
    async end() {
      await worker.terminate();
    },
  };
};
