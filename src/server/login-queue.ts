import type { Clock } from '../model/time.ts';
import type { Client } from './client.ts';

/** Login whose password is compared with a bcrypt hash. */
export interface Login {
  readonly client: Client;
  readonly password: string;
  readonly hash: string;
}

/**
 * Maximum number of logins that wait for their comparison. At a tenth of a second each, the last one waits about 3 s.
 */
const maxWaiting = 32;

/** Maximum number of addresses and clients whose wrong passwords are counted. */
const maxCounted = 2_000;

/** Time in ms after the last wrong password of an address or client until they no longer count. */
const forgetMs = 60_000;

/** Wrong passwords from which on a client guesses; more than a person types in a minute. See `suspicionOf`. */
const guessingFrom = 5;

/** Pause after a wrong password before the next guess, in durations of its comparison: guesses take a tenth of a core. */
const pauseFactor = 9;
/** Maximum pause in ms, so that a right password behind the address of a guessing client is compared in time. */
const maxPauseMs = 3_000;

interface Waiter extends Login {
  settle(isEqual: boolean | undefined): void;
}

/**
 * Creates the queue of comparisons, which take a tenth of a second and more, so that somebody who guesses passwords does
 * not keep others out. The next login is the one whose client and address have sent the fewest wrong passwords. If too
 * many logins wait, the one with the most is not compared, and the result is undefined. A client that guesses waits for a
 * pause after each wrong password, so that guesses do not take the CPU from scrapes and from other programs.
 */
export function createLoginQueue(
  compare: (password: string, hash: string) => Promise<boolean | undefined>,
  { elapsed, sleep }: Pick<Clock, 'elapsed' | 'sleep'>,
) {
  const waiters: Waiter[] = [];
  const wrong = createCounts(elapsed);
  let isComparing = false;
  /** Monotonic time in ms of the next comparison for a client that guesses. */
  let nextGuessAt = -Infinity;
  /** Aborted by a new login, which ends a pause: its client may not guess. */
  let pause = new AbortController();

  /**
   * Returns how suspicious a client is. An address counts less: it can belong to a proxy. It counts at all because a
   * client can pretend to be another one with each request.
   */
  const suspicionOf = (client: Client): number => wrong.of(keyOf(client)) + wrong.of(client.address) / 10;

  /** Returns the waiter that `isPreferred` to all others. */
  function find(isPreferred: (suspicion: number, toOther: number) => boolean): Waiter | undefined {
    let found: { readonly waiter: Waiter; readonly suspicion: number } | undefined;
    for (const waiter of waiters) {
      const suspicion = suspicionOf(waiter.client);
      if (found === undefined || isPreferred(suspicion, found.suspicion)) found = { waiter, suspicion };
    }
    return found?.waiter;
  }

  /** Returns the first of the least suspicious logins. */
  const findBest = () => find((suspicion, other) => suspicion < other);
  /** Returns the last of the most suspicious logins. */
  const findWorst = () => find((suspicion, other) => suspicion >= other);
  const remove = (waiter: Waiter) => void waiters.splice(waiters.indexOf(waiter), 1);

  async function pauseFor(ms: number): Promise<void> {
    pause = new AbortController();
    await sleep(ms, pause.signal).catch(() => undefined);
  }

  async function compareAll(): Promise<void> {
    isComparing = true;
    for (let next = findBest(); next !== undefined; next = findBest()) {
      const { client, password, hash, settle } = next;
      const pauseMs = suspicionOf(client) >= guessingFrom ? nextGuessAt - elapsed() : 0;
      if (pauseMs > 0) {
        await pauseFor(pauseMs);
        continue;
      }
      remove(next);
      const startedAt = elapsed();
      // If no comparison can start, for example for lack of memory, the next logins must not wait for ever.
      const isEqual = await Promise.try(compare, password, hash).catch(() => undefined);
      if (isEqual === false) {
        wrong.add(keyOf(client));
        wrong.add(client.address);
        const now = elapsed();
        nextGuessAt = now + Math.min(maxPauseMs, pauseFactor * (now - startedAt));
      }
      settle(isEqual);
    }
    isComparing = false;
  }

  return (login: Login): Promise<boolean | undefined> => {
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
    waiters.push({ ...login, settle: resolve });
    const worst = waiters.length > maxWaiting ? findWorst() : undefined;
    if (worst !== undefined) {
      remove(worst);
      worst.settle(undefined);
    }
    if (isComparing) pause.abort();
    else void compareAll();
    return promise;
  };
}

function keyOf({ address, identity }: Client): string {
  return JSON.stringify([address, identity]);
}

/** Creates counters of events by key. A key without an event for `forgetMs` has none. */
function createCounts(elapsed: () => number) {
  /** In the order of the last events. */
  const counts = new Map<string, { readonly count: number; readonly at: number }>();
  const of = (key: string): number => {
    const known = counts.get(key);
    return known !== undefined && elapsed() - known.at < forgetMs ? known.count : 0;
  };
  return {
    of,
    add(key: string): void {
      const count = of(key) + 1;
      counts.delete(key);
      counts.set(key, { count, at: elapsed() });
      const [oldest] = counts.keys();
      if (counts.size > maxCounted && oldest !== undefined) counts.delete(oldest);
    },
  };
}
