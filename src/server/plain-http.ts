import type { Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { Clock } from '../model/time.ts';
import { sendRawResponse } from './responses.ts';

const text = 'the server speaks HTTPS, and this request is plain HTTP: use https:// in the URL';

/**
 * Answers plain HTTP at the port of a TLS server with 400 and the reason, as servers in Go do. Node would close the
 * connection without a word. The first byte decides: that of a method is a capital letter, that of TLS is not. Other
 * connections go to the listeners of the TLS server, which Node permits (documentation of the event `connection`).
 * A connection without a byte for `firstByteMs` is closed.
 */
export function answerPlainHttp(
  server: TlsServer,
  { clock, firstByteMs }: { readonly clock: Pick<Clock, 'sleep'>; readonly firstByteMs: number },
): void {
  // The cast is safe: these are the listeners of Node for its own event.
  const startTls = server.listeners('connection') as ((this: TlsServer, socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const destroy = () => socket.destroy();
    socket.on('error', destroy);
    const decided = new AbortController();
    clock.sleep(firstByteMs, decided.signal).then(destroy, () => undefined);
    socket.once('close', () => decided.abort());
    socket.once('readable', () => {
      const first: Buffer | null = socket.read(1);
      if (first === null) {
        socket.destroy();
        return;
      }
      if (/^[A-Z]/.test(first.toString('latin1'))) {
        socket.once('finish', destroy);
        sendRawResponse(socket, 400, text);
        return;
      }
      socket.unshift(first);
      decided.abort();
      socket.off('error', destroy);
      for (const listener of startTls) listener.call(server, socket);
    });
  });
}
