import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach } from 'vitest';
import type { HttpRequest } from '../../src/calls/call.ts';
import { createHttp, type HttpClient, type HttpSettings } from '../../src/calls/http.ts';

export const never = new AbortController().signal;
const ending: (() => unknown)[] = [];

/** Ends all servers and clients of the test, as its end does. */
export async function endAll(): Promise<void> {
  for (const end of ending.splice(0).reverse()) await end();
}

afterEach(endAll);

/** On a free port of the loopback, until the end of the test. Gives its origin. */
export async function serve(listener: RequestListener): Promise<string> {
  return listen(createServer(listener), (server) => server.closeAllConnections());
}

/** The same for any server; `cut` ends its connections. */
export async function listen<T extends Server | ReturnType<typeof createTcpServer>>(
  server: T,
  cut: (server: T) => void,
) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => {
    cut(server);
    server.close();
  });
  return `http://127.0.0.1:${portOf(server)}`;
}

function portOf(server: Pick<Server, 'address'>): number {
  // A server that listens on TCP has an address with a port.
  return (server.address() as AddressInfo).port;
}

/** Waits for no more than two seconds, unless told. */
export function client(changed: Partial<HttpSettings> = {}): HttpClient {
  const http = createHttp({
    connectTimeoutMs: 2_000,
    headersTimeoutMs: 2_000,
    bodyTimeoutMs: 2_000,
    ...changed,
  });
  ending.push(() => http.close());
  return http;
}

export function get(url: string, headers: Record<string, string> = {}): HttpRequest {
  return { method: 'GET', url, headers };
}
