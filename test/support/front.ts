import { once } from 'node:events';
import { createServer, request } from 'node:http';

/** HTTP reverse proxy with a constant address, for a daemon that has another port after each restart. */
export interface Front extends AsyncDisposable {
  /** Constant host:port. */
  readonly address: string;
  /** URL that requests are forwarded to; undefined: requests get 502. */
  target: string | undefined;
  /** Responses are forwarded when it resolves; undefined: immediately. */
  held: Promise<void> | undefined;
}

/**
 * Starts the proxy. `drop` lists request headers to remove (lower case), `put` request headers to add, and `hide`
 * response headers to remove.
 */
export async function startFront(
  drop: readonly string[] = [],
  put: Readonly<Record<string, string>> = {},
  hide: readonly string[] = [],
): Promise<Front> {
  const server = createServer((incoming, outgoing) => {
    const fail = () => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.destroy();
    };
    if (front.target === undefined) return fail();
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(([name]) => !drop.includes(name)),
    );
    const upstream = request(new URL(incoming.url ?? '/', front.target), {
      method: incoming.method,
      headers: { ...headers, ...put },
    });
    upstream.on('response', async (response) => {
      await front.held;
      outgoing.sendDate = false;
      const kept = Object.entries(response.headers).filter(([name]) => !hide.includes(name));
      outgoing.writeHead(response.statusCode ?? 502, Object.fromEntries(kept));
      response.on('error', fail).pipe(outgoing);
    });
    upstream.on('error', fail).end();
    outgoing.on('close', () => upstream.destroy());
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const front: Front = {
    address: `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`,
    target: undefined,
    held: undefined,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return front;
}
