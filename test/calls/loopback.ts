import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, createServer as createTcpServer } from 'node:net';
import { onTestFinished } from 'vitest';
import type { HttpRequest } from '../../src/calls/call.ts';
import { createHttp, type HttpClient, type HttpSettings } from '../../src/calls/http.ts';
import { createProxyChoice, type ProxySettings } from '../../src/config/proxy.ts';

export const never = new AbortController().signal;
const cleanups: (() => unknown)[] = [];

/**
 * Closes a server or a client after the test. A hook of this module would do so in the first test file of a
 * process only, because the files share the module.
 */
function closeAfterTest(cleanup: () => unknown): void {
  if (cleanups.length === 0) onTestFinished(endAll);
  cleanups.push(cleanup);
}

/** Closes all servers and clients of the test. It also runs after each test that has some. */
export async function endAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

/** Starts a server on a free loopback port until the cleanup of the test. Returns its origin. */
export async function serve(listener: RequestListener): Promise<string> {
  return listen(createServer(listener), (server) => server.closeAllConnections());
}

/** Like `serve`, at another address of the loopback network and a port that is in use only at 127.0.0.1. */
export async function serveAt(address: string, port: number, listener: RequestListener): Promise<void> {
  const server = createServer(listener).listen(port, address);
  await once(server, 'listening');
  closeAfterTest(() => {
    server.closeAllConnections();
    server.close();
  });
}

/** Like `serve`, for any server; `cut` closes its connections. */
export async function listen<T extends Server | ReturnType<typeof createTcpServer>>(
  server: T,
  cut: (server: T) => void,
) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeAfterTest(() => {
    cut(server);
    server.close();
  });
  return `http://127.0.0.1:${portOf(server)}`;
}

function portOf(server: Pick<Server, 'address'>): number {
  // A server that listens on TCP has an address with a port.
  return (server.address() as AddressInfo).port;
}

/**
 * Creates a client with timeouts of 2 s, unless `changed` overrides them. Its proxies come from `env`, or from
 * `proxyUrl`, the proxy of an account.
 */
export function client({
  env = {},
  proxyUrl,
  ...changed
}: Partial<HttpSettings & ProxySettings> = {}): HttpClient {
  const http = createHttp({
    connectTimeoutMs: 2_000,
    responseTimeoutMs: 2_000,
    proxyOf: createProxyChoice({ env, proxyUrl }),
    ...changed,
  });
  closeAfterTest(() => http.close());
  return http;
}

export function get(url: string, headers: Record<string, string> = {}): HttpRequest {
  return { method: 'GET', url, headers };
}
