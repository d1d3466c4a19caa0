import { ProviderError } from '../model/answer.ts';
import { type Clock, secondMs } from '../model/time.ts';
import type { Call } from './call.ts';

/**
 * Gives up a call after `ms`, also one that does not heed its signal. All calls under way for one caller's signal share
 * one timer and one listener, since a call in time should cost neither.
 */
export function withDeadline(call: Call, ms: number, clock: Clock): Call {
  const watches = new Map<AbortSignal, Watch>();

  const beginWatch = (signal: AbortSignal): Watch => {
    const watch = createWatch(signal, clock, () => watches.delete(signal));
    watches.set(signal, watch);
    return watch;
  };

  return (operation, query, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const over = new AbortController();
      const giveUp = (reason: unknown) => {
        reject(reason);
        over.abort(reason);
      };
      const toFailure = () =>
        new ProviderError('unavailable', `${operation}: no answer within ${ms / secondMs} s`);
      const watch = watches.get(signal) ?? beginWatch(signal);
      const underWay = { dueAt: clock.elapsed() + ms, giveUp, toFailure };
      watch.add(underWay);
      Promise.try(call, operation, query, over.signal).then(
        (answer) => {
          watch.remove(underWay);
          resolve(answer);
        },
        (error: unknown) => {
          watch.remove(underWay);
          reject(error);
        },
      );
    });
}

interface UnderWay {
  readonly dueAt: number;
  readonly giveUp: (reason: unknown) => void;
  readonly toFailure: () => ProviderError;
}

/** The calls under way for one signal. It ends with the last of them, and is not used again. */
interface Watch {
  /** To be called in the order in which the calls are due. */
  add(underWay: UnderWay): void;
  /** Nothing, for one that was given up. */
  remove(underWay: UnderWay): void;
}

const noneIsLeft = new Error('no call is left');

function createWatch(signal: AbortSignal, clock: Clock, onEnd: () => void): Watch {
  const underWay = new Set<UnderWay>();
  const ended = new AbortController();

  const end = () => {
    signal.removeEventListener('abort', onAbort);
    onEnd();
    ended.abort(noneIsLeft);
  };
  const remove = (one: UnderWay) => {
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
      one.giveUp(one.toFailure());
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
