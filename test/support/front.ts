import { once } from 'node:events';
import { createServer, request } from 'node:http';

/** A plain HTTP proxy in front of a daemon that comes back on another port each time. */
export interface Front extends AsyncDisposable {
  /** host:port, always the same. */
  readonly address: string;
  /** Where the next requests go; undefined: nobody is there, and they get 502. */
  target: string | undefined;
  /** Answers are handed on once it is resolved; undefined: at once. */
  held: Promise<void> | undefined;
}

/** `drop`: request headers, by lower-case name, that do not reach the daemon; `put`: those that all requests get; `hide`: headers of answers. */
export async function startFront(
  drop: readonly string[] = [],
  put: Readonly<Record<string, string>> = {},
  hide: readonly string[] = [],
): Promise<Front> {
  const server = createServer((incoming, outgoing) => {
    const refuse = () => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.destroy();
    };
    if (front.target === undefined) return refuse();
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(([name]) => !drop.includes(name)),
    );
    const onward = request(new URL(incoming.url ?? '/', front.target), {
      method: incoming.method,
      headers: { ...headers, ...put },
    });
    onward.on('response', async (answer) => {
      await front.held;
      outgoing.sendDate = false;
      const told = Object.entries(answer.headers).filter(([name]) => !hide.includes(name));
      outgoing.writeHead(answer.statusCode ?? 502, Object.fromEntries(told));
      answer.on('error', refuse).pipe(outgoing);
    });
    onward.on('error', refuse).end();
    outgoing.on('close', () => onward.destroy());
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
