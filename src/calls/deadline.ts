import { ProviderError } from '../model/answer.ts';
import { type Clock, secondMs } from '../model/time.ts';
import type { Call, CancelSignal, SignedCall } from './call.ts';

/**
 * Gives up a call after `ms`, also one that does not heed its signal. All calls under way for one caller's signal share
 * one timer and one listener, since a call in time should cost neither.
 */
export function withDeadline(call: SignedCall, ms: number, clock: Clock): Call {
  const watches = new Map<AbortSignal, Watch>();

  const beginWatch = (signal: AbortSignal): Watch => {
    const watch = createWatch(signal, clock, () => watches.delete(signal));
    watches.set(signal, watch);
    return watch;
  };

  return (operation, query, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const watch = watches.get(signal) ?? beginWatch(signal);
      const late = `${operation}: no answer within ${ms / secondMs} s`;
      const attempt = new Attempt(clock.elapsed() + ms, late, reject);
      watch.add(attempt);
      const fail = (error: unknown) => {
        watch.remove(attempt);
        reject(error);
      };
      try {
        call(operation, query, attempt).then((answer) => {
          watch.remove(attempt);
          resolve(answer);
        }, fail);
      } catch (error) {
        fail(error);
      }
    });
}

/** One call under way, and what tells it that it was given up. A class, which takes less memory than four closures. */
class Attempt implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly dueAt: number;
  /** The words of its failure at that time. */
  readonly late: string;
  readonly #reject: (reason: unknown) => void;
  #listeners: readonly (() => void)[] = [];

  constructor(dueAt: number, late: string, reject: (reason: unknown) => void) {
    this.dueAt = dueAt;
    this.late = late;
    this.#reject = reject;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners = [...this.#listeners, listener];
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener);
  }

  giveUp(reason: unknown): void {
    this.#reject(reason);
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch {
        // The call has failed already; the others that are given up with it must be told too.
      }
    }
  }
}

/** The calls under way for one signal. It ends with the last of them, and is not used again. */
interface Watch {
  /** To be called in the order in which the calls are due. */
  add(attempt: Attempt): void;
  /** Nothing, for one that was given up. */
  remove(attempt: Attempt): void;
}

const noneIsLeft = new Error('no call is left');

function createWatch(signal: AbortSignal, clock: Clock, onEnd: () => void): Watch {
  const underWay = new Set<Attempt>();
  const ended = new AbortController();

  const end = () => {
    signal.removeEventListener('abort', onAbort);
    onEnd();
    ended.abort(noneIsLeft);
  };
  const remove = (one: Attempt) => {
    if (underWay.delete(one) && underWay.size === 0) end();
  };
  const onAbort = () => {
    for (const one of underWay) {
      remove(one);
      one.giveUp(signal.reason);
    }
  };
  /**
   * Looks for the oldest anew after each sleep. An iterator kept over it would hold all that the set has outgrown since,
   * and with it the answers of calls that ended.
   */
  const giveUpLate = async () => {
    for (let one = oldest(); one !== undefined; one = oldest()) {
      const leftMs = one.dueAt - clock.elapsed();
      if (leftMs > 0) {
        await clock.sleep(leftMs, ended.signal);
        continue;
      }
      remove(one);
      one.giveUp(new ProviderError('unavailable', one.late));
    }
  };
  const oldest = () => underWay.values().next().value;

  signal.addEventListener('abort', onAbort);
  return {
    add(one) {
      underWay.add(one);
      // Only its end breaks off its sleep.
      if (underWay.size === 1) giveUpLate().catch(() => undefined);
    },
    remove,
  };
}
