import { Client } from 'undici';
import type { Connector } from './connect.ts';
import { createInterimFilter, type InterimFilter } from './interim-filter.ts';
import type { Peer } from './network-errors.ts';

/** Connection that carries one request at a time. */
export interface Connection {
  readonly client: Client;
  /** Whether a response has arrived on the current socket. */
  hasServed: boolean;
  readonly filter: InterimFilter;
}

export type Pool = ReturnType<typeof createPool>;

/**
 * Time in ms after which an idle connection is closed. It is shorter than the keep-alive timeout of most
 * servers (5 s or more), so that few requests are sent on a connection that the server has just closed.
 */
const keepAliveMs = 4_000;

/**
 * Creates a pool of connections to one origin. The connection that was released last is reused first, so that
 * the other connections can expire. Undici's own Pool releases a client one iteration of the event loop after
 * the response and restarts its timers, which costs about a tenth of the CPU of a response (collection cell
 * of the benchmark).
 */
export function createPool(origin: string, peer: Peer, connector: Connector) {
  const clients: Client[] = [];
  const idle: Connection[] = [];
  const connect = connector(peer);

  const open = (): Connection => {
    const filter = createInterimFilter();
    const client = new Client(origin, {
      connect: (target, callback) =>
        connect(target, (...result) => {
          if (result[0] === null) filter.attach(result[1]);
          callback(...result);
        }),
      keepAliveTimeout: keepAliveMs,
      // Maximum keep-alive timeout in ms that a server can request with its Keep-Alive header.
      keepAliveMaxTimeout: 10 * keepAliveMs,
      allowH2: false,
    });
    clients.push(client);
    const connection = { client, filter, hasServed: false };
    client.on('disconnect', () => {
      connection.hasServed = false;
    });
    return connection;
  };

  return {
    peer,
    acquire: (): Connection => idle.pop() ?? open(),
    release: (connection: Connection) => void idle.push(connection),
    /** Closes all connections, including those in use. */
    destroy: () => Promise.all(clients.map((client) => client.destroy())),
  };
}
