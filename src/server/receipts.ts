import type { Socket } from 'node:net';
import type { Response } from 'express';
import type { Clock } from '../model/time.ts';
import { defaultReceiptSeconds, maxReceiptSeconds } from './limits.ts';

/**
 * Creates the part that finds out whether clients have received their responses. The operating system accepts
 * a response long before the client reads it, so a client that reads nothing would look as if it had received
 * everything. On a connection that stays open, one of these events proves the receipt:
 *
 * - The client sends its next request.
 * - The client closes the connection properly. If it had not read everything, its system would reset it.
 * - The connection is still open at the timeout of the client, which otherwise would have closed it.
 *
 * If the connection ends with the response, the client gives no sign. Then the receipt is assumed.
 */
export function createReceipts(clock: Pick<Clock, 'sleep'>) {
  /** Functions that confirm the last response on a connection. */
  const awaited = new WeakMap<Socket, () => void>();

  return {
    /** Records that a client has sent a request on the connection. */
    requested: (socket: Socket): void => awaited.get(socket)?.(),
    /**
     * Calls `onReceived` as soon as the receipt of a response is certain. Call this method when the operating
     * system has accepted the whole response. `timeoutSeconds` is the timeout of the client; undefined if it
     * is unknown.
     */
    sent(response: Response, timeoutSeconds: number | undefined, onReceived: () => void): void {
      const { socket } = response.req;
      if (!response.shouldKeepAlive) {
        onReceived();
        return;
      }
      if (socket.destroyed) return;
      const settled = new AbortController();
      const settle = (isReceived: boolean) => {
        awaited.delete(socket);
        socket.off('close', onClose);
        settled.abort();
        if (isReceived) onReceived();
      };
      const onClose = (hasError: boolean) => settle(!hasError && socket.readableEnded);
      awaited.set(socket, () => settle(true));
      socket.once('close', onClose);
      const seconds = Math.min(timeoutSeconds ?? defaultReceiptSeconds, maxReceiptSeconds);
      clock.sleep(1_000 * seconds, settled.signal).then(
        () => settle(true),
        () => undefined,
      );
    },
  };
}
