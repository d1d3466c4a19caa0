import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Who is connected, and whom an answer is being written to. */
export interface Connections {
  /** While an answer is being written, nothing else may be written to the socket. */
  isBusy(socket: Duplex): boolean;
  answering(socket: Socket, response: ServerResponse): void;
  /** Ends every connection that waits for a request, and the others after their answer. */
  end(): void;
}

/** Node ends only connections that have had a request; one that never said a word would hold up the close. */
export function trackConnections(http: Server): Connections {
  /** With the number of its unfinished answers. */
  const sockets = new Map<Duplex, number>();
  let isEnding = false;

  http.on('connection', (socket) => {
    sockets.set(socket, 0);
    socket.once('close', () => sockets.delete(socket));
  });

  return {
    isBusy: (socket) => (sockets.get(socket) ?? 0) > 0,
    answering(socket, response) {
      if (isEnding) response.setHeader('Connection', 'close');
      sockets.set(socket, (sockets.get(socket) ?? 0) + 1);
      response.once('close', () => {
        const left = (sockets.get(socket) ?? 1) - 1;
        if (sockets.has(socket)) sockets.set(socket, left);
        if (isEnding && left === 0) socket.destroySoon();
      });
    },
    end() {
      isEnding = true;
      for (const [socket, answers] of sockets) if (answers === 0) socket.destroy();
    },
  };
}
