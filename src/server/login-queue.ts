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

interface Waiter extends Login {
  settle(isEqual: boolean | undefined): void;
}

/**
 * Creates the queue of comparisons, which take a tenth of a second and more, so that somebody who guesses passwords does
 * not keep others out. The next login is the one whose client and address have sent the fewest wrong passwords. If too
 * many logins wait, the one with the most is not compared, and the result is undefined.
 */
export function createLoginQueue(
  compare: (password: string, hash: string) => Promise<boolean | undefined>,
  elapsed: () => number,
) {
  const waiters: Waiter[] = [];
  const wrong = createCounts(elapsed);
  let isComparing = false;

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

  /** Removes and returns the first of the least suspicious logins. */
  const takeBest = () => take(find((suspicion, other) => suspicion < other));
  /** Removes and returns the last of the most suspicious logins. */
  const takeWorst = () => take(find((suspicion, other) => suspicion >= other));
  function take(waiter: Waiter | undefined): Waiter | undefined {
    if (waiter !== undefined) waiters.splice(waiters.indexOf(waiter), 1);
    return waiter;
  }

  async function compareAll(): Promise<void> {
    isComparing = true;
    for (let next = takeBest(); next !== undefined; next = takeBest()) {
      const { client, password, hash, settle } = next;
      // If no comparison can start, for example for lack of memory, the next logins must not wait for ever.
      const isEqual = await Promise.try(compare, password, hash).catch(() => undefined);
      if (isEqual === false) {
        wrong.add(keyOf(client));
        wrong.add(client.address);
      }
      settle(isEqual);
    }
    isComparing = false;
  }

  return (login: Login): Promise<boolean | undefined> => {
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
    waiters.push({ ...login, settle: resolve });
    if (waiters.length > maxWaiting) takeWorst()?.settle(undefined);
    if (!isComparing) void compareAll();
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
