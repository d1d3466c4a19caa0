import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Forwards TCP connections at a constant address, for a daemon that has another port after each restart. */
export interface TcpFront extends AsyncDisposable {
  /** Constant host:port. */
  readonly address: string;
  /** URL whose host and port get new connections; undefined: they are reset. */
  target: string | undefined;
  /** Resets all connections. */
  reset(): void;
}

/**
 * Starts the forwarding. The end and the reset of a connection are forwarded too, so that the daemon sees
 * whether a client has read its response. Behind a reverse proxy, it sees only what the proxy has read.
 */
export async function startTcpFront(): Promise<TcpFront> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (front.target === undefined) {
      client.resetAndDestroy();
      return;
    }
    const { hostname, port } = new URL(front.target);
    const daemon = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    for (const [from, to] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => sockets.delete(from));
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const front: TcpFront = {
    address: `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`,
    target: undefined,
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
  return front;
}
