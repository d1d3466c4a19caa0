import type { Clock } from '../../src/model/time.ts';
import {
  createStorage,
  type StorageFactory,
  type StorageOperations,
  type StoragePort,
} from '../../src/store/storage.ts';

/** Creates a port to a state in the same thread, so that each call has ended when its promise resolves. */
export const createLocalStorage: StorageFactory = (onRecreated) => portOf(createStorage(onRecreated));

/** Returns a port that runs the operations at once. */
export function portOf(operations: Partial<StorageOperations>): StoragePort {
  return {
    async call(name, ...parameters) {
      const operation = operations[name] as (...given: readonly unknown[]) => unknown;
      // The cast is safe: the operation of this name returns its result.
      return operation(...parameters) as Awaited<ReturnType<StorageOperations[typeof name]>>;
    },
    end: async () => {},
  };
}

/** Storage that can hang like a disk that does not respond. */
export interface HangingStorage {
  readonly create: StorageFactory;
  /** Lets all operations wait from now on. */
  hang(): void;
  /** Continues the waiting operations. */
  resume(): void;
}

export function createHangingStorage(): HangingStorage {
  let waiting: PromiseWithResolvers<void> | undefined;
  return {
    create(onRecreated) {
      const port = createLocalStorage(onRecreated);
      return {
        async call(name, ...parameters) {
          await waiting?.promise;
          return port.call(name, ...parameters);
        },
        end: port.end,
      };
    },
    hang() {
      waiting ??= Promise.withResolvers();
    },
    resume() {
      waiting?.resolve();
      waiting = undefined;
    },
  };
}

/** Creates a storage whose appends take `ms` each, like those of a slow disk, until `signal` is aborted. */
export function createSlowStorage(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  signal: AbortSignal,
): StorageFactory {
  return (onRecreated) => {
    const port = createLocalStorage(onRecreated);
    return {
      async call(name, ...parameters) {
        if (name === 'append' && !signal.aborted) await clock.sleep(ms, signal).catch(() => {});
        return port.call(name, ...parameters);
      },
      end: port.end,
    };
  };
}
