import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { maxWaitingRequests } from './limits.ts';

/** Who is connected, and whom an answer is being written to. */
export interface Connections {
  /** While an answer is being written, nothing else may be written to the socket. */
  isBusy(socket: Duplex): boolean;
  /**
   * Begins the answer once those before it on the connection have ended; never, when the connection ends first. Node tells
   * at once of all requests that come together, while it sends only one answer after the other.
   */
  inTurn(socket: Socket, response: ServerResponse, begin: () => void): void;
  /** Ends every connection that waits for a request, and the others after their answer. */
  end(): void;
}

interface Connection {
  isAnswering: boolean;
  readonly waiting: (() => void)[];
}

/** Node ends only connections that have had a request; one that never said a word would hold up the close. */
export function trackConnections(http: Server): Connections {
  const connections = new Map<Duplex, Connection>();
  let isEnding = false;

  http.on('connection', (socket) => {
    connections.set(socket, { isAnswering: false, waiting: [] });
    socket.once('close', () => connections.delete(socket));
  });

  const answer = (socket: Socket, connection: Connection, response: ServerResponse, begin: () => void) => {
    connection.isAnswering = true;
    if (isEnding) response.setHeader('Connection', 'close');
    response.once('close', () => {
      const next = connection.waiting.shift();
      if (next === undefined) {
        connection.isAnswering = false;
        if (isEnding) socket.destroySoon();
        return;
      }
      // Other connections have their turn in between. One that was told to close answers no more.
      setImmediate(() => {
        if (!socket.destroyed && !socket.writableEnded) next();
      });
    });
    begin();
  };

  return {
    isBusy: (socket) => connections.get(socket)?.isAnswering ?? false,
    inTurn(socket, response, begin) {
      const connection = connections.get(socket);
      // What Node had read of a connection when it ended, it tells of still.
      if (connection === undefined || socket.destroyed) return;
      if (!connection.isAnswering) answer(socket, connection, response, begin);
      else if (connection.waiting.length < maxWaitingRequests)
        connection.waiting.push(() => answer(socket, connection, response, begin));
      else socket.destroy();
    },
    end() {
      isEnding = true;
      for (const [socket, { isAnswering }] of connections) if (!isAnswering) socket.destroy();
    },
  };
}
