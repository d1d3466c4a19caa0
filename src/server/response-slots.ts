import type { ServerResponse } from 'node:http';
import type { Clock } from '../model/time.ts';
import type { Client } from './client.ts';

/** Time in ms between two checks whether responses make progress. There are checks only while requests wait. */
const checkIntervalMs = 500;

/**
 * Time in ms for which a client has accepted nothing of its response before the response can be cut. A response in
 * chunks of 768 KiB needs 3 Mbit/s to make progress within it, and only while other requests wait.
 */
const stallMs = 2_000;

export interface ResponseSlotsOptions {
  /** Maximum number of responses in progress. */
  readonly max: number;
  /** Maximum number of requests that wait for a slot. */
  readonly maxWaiting: number;
  readonly clock: Pick<Clock, 'elapsed' | 'sleep' | 'yieldNow'>;
}

/** Signal that is not aborted: the checks end by themselves. */
const never = new AbortController().signal;

/** Response in progress. */
interface Holder {
  readonly response: ServerResponse;
  readonly client: Client;
  /** Number of bytes that the client had accepted at the last check. */
  accepted: number;
  /** Monotonic time in ms since when the client has accepted nothing, as far as it was checked. */
  stalledSince: number;
}

interface Waiter {
  readonly client: Client;
  settle(isGranted: boolean): void;
  readonly response: ServerResponse;
}

/**
 * Creates the slots (permissions for a response in progress) of one kind of responses. Each response occupies memory
 * until its client has read it, so their number is limited. A request without a free slot waits:
 *
 * - A free slot goes to the address with the fewest slots, then to its client with the fewest slots. So many requests
 *   of one client do not delay those of another one.
 * - While requests wait, a response whose client reads nothing is cut. So slow clients do not keep the slots.
 */
export function createResponseSlots({ max, maxWaiting, clock }: ResponseSlotsOptions) {
  const holders = new Set<Holder>();
  const waiters = new Set<Waiter>();
  let isChecking = false;

  function hold(response: ServerResponse, client: Client): void {
    const holder = { response, client, accepted: 0, stalledSince: clock.elapsed() };
    holders.add(holder);
    response.once('close', () => {
      holders.delete(holder);
      grantNext();
    });
  }

  function grantNext(): void {
    while (holders.size < max && waiters.size > 0) {
      const rankOf = rankAmong([...holders].map(({ client }) => client));
      const next = first(waiters, ({ client }) => rankOf(client));
      next?.settle(true);
      if (next !== undefined) hold(next.response, next.client);
    }
  }

  /** Makes room for one more waiter: the address with the most waiters loses its last one. */
  function hasRoomFor({ address }: Client): boolean {
    if (waiters.size < maxWaiting) return true;
    const byAddress = Map.groupBy(waiters, ({ client }) => client.address);
    const most = first(byAddress.values(), ({ length }) => [-length]) ?? [];
    if ((byAddress.get(address)?.length ?? 0) >= most.length) return false;
    most.at(-1)?.settle(false);
    return true;
  }

  function wait(response: ServerResponse, client: Client, waitMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const settled = new AbortController();
    const giveUp = () => waiter.settle(false);
    const waiter: Waiter = {
      client,
      response,
      settle(isGranted) {
        waiters.delete(waiter);
        response.off('close', giveUp);
        settled.abort();
        resolve(isGranted);
      },
    };
    waiters.add(waiter);
    response.once('close', giveUp);
    clock.sleep(waitMs, settled.signal).then(giveUp, () => undefined);
    if (!isChecking) void check();
    return promise;
  }

  /** Cuts stalled responses, at most as many as requests wait, until none waits. */
  async function check(): Promise<void> {
    isChecking = true;
    while (waiters.size > 0) {
      const stalled = findStalled(holders, clock.elapsed());
      for (const { response } of stalled.slice(0, waiters.size)) response.destroy();
      await clock.sleep(checkIntervalMs, never);
    }
    isChecking = false;
  }

  return {
    /**
     * Takes a slot until the response closes. Waits at most `waitMs` if there is none. Resolves with whether the
     * response has a slot.
     */
    async acquire(response: ServerResponse, client: Client, waitMs: number): Promise<boolean> {
      // If the client has reset its connection already, Node reads that after the next poll for I/O, which comes between
      // the two calls. Otherwise clients that send a request and disconnect would occupy the exporter with responses
      // that nobody gets.
      await clock.yieldNow();
      await clock.yieldNow();
      if (response.closed || response.socket?.destroyed) return false;
      if (holders.size < max) {
        hold(response, client);
        return true;
      }
      return hasRoomFor(client) && wait(response, client, waitMs);
    },
  };
}

/**
 * Returns the responses whose clients have accepted nothing for a while, those of the addresses with the most slots
 * first. Updates what the clients have accepted.
 */
function findStalled(holders: ReadonlySet<Holder>, now: number): readonly Holder[] {
  const stalled = [...holders].filter((holder) => {
    const { socket } = holder.response;
    const unsent = socket?.writableLength ?? 0;
    const accepted = (socket?.bytesWritten ?? 0) - unsent;
    // With nothing to send, the client waits for the exporter.
    if (unsent === 0 || accepted !== holder.accepted) {
      holder.accepted = accepted;
      holder.stalledSince = now;
    }
    return now - holder.stalledSince >= stallMs;
  });
  const rankOf = rankAmong([...holders].map(({ client }) => client));
  return stalled.toSorted((a, b) => compare(rankOf(b.client), rankOf(a.client)));
}

/** Returns a function that counts, among the clients, those of the same address and those that are the same client. */
function rankAmong(clients: readonly Client[]): (client: Client) => readonly number[] {
  return ({ address, identity }) => {
    const sameAddress = clients.filter((other) => other.address === address);
    return [sameAddress.length, sameAddress.filter((other) => other.identity === identity).length];
  };
}

/** Returns the first of the items with the lowest rank. */
function first<T>(items: Iterable<T>, rankOf: (item: T) => readonly number[]): T | undefined {
  let found: { readonly item: T; readonly rank: readonly number[] } | undefined;
  for (const item of items) {
    const rank = rankOf(item);
    if (found === undefined || compare(rank, found.rank) < 0) found = { item, rank };
  }
  return found?.item;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i === -1 ? 0 : (a[i] ?? 0) - (b[i] ?? 0);
}
