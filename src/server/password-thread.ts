import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface PasswordTask {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

export interface PasswordResult {
  readonly id: number;
  readonly isEqual: boolean;
}

/**
 * Compares passwords in a thread, one after another, so that the event loop does not wait for them. The thread has a
 * low priority and starts with the first comparison. `onError` receives the error of a thread that fails.
 */
export function createPasswordThread(onError: (error: unknown) => void, script: URL = workerScript) {
  const waiting = new Map<number, PromiseWithResolvers<boolean | undefined>>();
  let worker: Worker | undefined;
  let lastId = 0;

  function start(): Worker {
    const started = new Worker(script, { env: {}, execArgv: [] });
    // The thread must not keep the process running.
    started.unref();
    started.on('message', ({ id, isEqual }: PasswordResult) => {
      waiting.get(id)?.resolve(isEqual);
      waiting.delete(id);
    });
    // A thread that fails, for example for lack of memory, is replaced at the next comparison.
    started.on('error', onError);
    started.on('exit', () => {
      if (worker === started) worker = undefined;
      for (const { resolve } of waiting.values()) resolve(undefined);
      waiting.clear();
    });
    return started;
  }

  /** Resolves with whether the password is that of the hash; undefined if the thread failed. */
  const compare = (password: string, hash: string): Promise<boolean | undefined> => {
    worker ??= start();
    lastId += 1;
    const task: PasswordTask = { id: lastId, password, hash };
    const result = Promise.withResolvers<boolean | undefined>();
    waiting.set(task.id, result);
    worker.postMessage(task);
    return result.promise;
  };
  return {
    compare,
    async close(): Promise<void> {
      await worker?.terminate();
    },
  };
}

/** URL of password-worker beside this file: .ts in a checkout, .js in the published package. */
const workerScript = new URL(`./password-worker${extname(import.meta.url)}`, import.meta.url);
