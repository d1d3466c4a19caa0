import type { Socket } from 'node:net';
import { networkOf } from './client.ts';

/** Open connection. */
interface Connection {
  readonly key: string | Socket;
  readonly socket: Socket;
  /** Network of the client, see `networkOf`. */
  readonly network: string;
}

/**
 * Creates the limit of open connections. A connection is busy while a response is in progress, and idle otherwise, also
 * while its client sends a request. At the limit, a new connection replaces an idle one: of the network with the most
 * idle connections, the connection that was idle for the longest time. So neither idle clients nor clients that send
 * their requests slowly keep others out. If all connections are busy, the new one is closed.
 */
export function createConnections(max: number) {
  const connections = new Map<string | Socket, Connection>();
  /** Idle connections by network, those that have been idle for the longest time first. */
  const idle = new Map<string, Set<Connection>>();

  function addIdle(connection: Connection): void {
    const ofNetwork = idle.get(connection.network) ?? new Set();
    idle.set(connection.network, ofNetwork.add(connection));
  }
  function removeIdle(connection: Connection): void {
    const ofNetwork = idle.get(connection.network);
    ofNetwork?.delete(connection);
    if (ofNetwork?.size === 0) idle.delete(connection.network);
  }
  function remove(connection: Connection): void {
    removeIdle(connection);
    if (connections.get(connection.key) === connection) connections.delete(connection.key);
  }
  /** Returns the connection that a new one replaces; undefined if all are busy. */
  function replaceable(): Connection | undefined {
    let most: ReadonlySet<Connection> = new Set();
    for (const ofNetwork of idle.values()) if (ofNetwork.size > most.size) most = ofNetwork;
    const [oldest] = most;
    return oldest;
  }

  return {
    /** Adds a new connection. Closes it if all others are busy. */
    add(socket: Socket): void {
      if (connections.size >= max) {
        const replaced = replaceable();
        if (replaced === undefined) {
          socket.destroy();
          return;
        }
        remove(replaced);
        replaced.socket.destroy();
      }
      const connection = { key: keyOf(socket), socket, network: networkOf(socket.remoteAddress) };
      connections.set(connection.key, connection);
      addIdle(connection);
      socket.once('close', () => remove(connection));
    },
    /** Records that a response on the connection is in progress. The function that it returns records its end. */
    occupy(socket: Socket): () => void {
      const connection = connections.get(keyOf(socket));
      if (connection === undefined) return () => undefined;
      removeIdle(connection);
      return () => {
        if (connections.get(connection.key) === connection) addIdle(connection);
      };
    },
  };
}

/**
 * Returns what the socket of a TLS connection and the socket below it have in common: the addresses and ports. A socket
 * without a port, such as a Unix socket, has only itself.
 */
function keyOf(socket: Socket): string | Socket {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remotePort === undefined) return socket;
  return JSON.stringify([remoteAddress, remotePort, localAddress, localPort]);
}
