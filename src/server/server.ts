import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { maxConnections, serverTimeouts, shutdownGraceMs, socketTimeoutMs } from './limits.ts';
import { type BoundAddress, ListenError, listen } from './listen.ts';
import { rejectPipelined, sendParseError } from './responses.ts';
import { createRoutes, type RouteParts, telemetryPathProblem } from './routes.ts';

export interface ServerOptions extends RouteParts {
  /** In the format of Prometheus, such as `:10935`; see parseListenAddress. */
  readonly listenAddresses: readonly string[];
  /** Time for requests in progress after close(). */
  readonly graceMs?: number;
}

export interface RunningServer {
  /** In the order of `listenAddresses`. */
  readonly addresses: readonly BoundAddress[];
  /**
   * Graceful shutdown: accepts no connections, waits up to the grace time for responses, then aborts them.
   */
  close(): Promise<void>;
}

/**
 * Listens on all addresses. If one address fails, closes the others and rejects with a ListenError. Each
 * connection handles one request at a time. Node emits all pipelined requests of a packet at once, and 2,000
 * pipelined scrapes would block the event loop for seconds. Scrapers and browsers do not pipeline requests.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { listenAddresses, telemetryPath, clock, log, graceMs = shutdownGraceMs } = options;
  const problem = telemetryPathProblem(telemetryPath);
  if (problem !== undefined) throw new ListenError(problem);

  const routes = createRoutes(options);
  const servers: Server[] = [];
  const addresses: BoundAddress[] = [];
  /** Sockets with a response in progress. */
  const busy = new Set<Duplex>();
  let isClosing = false;

  const closeConnections = () => {
    for (const server of servers) server.closeAllConnections();
  };
  /** Server.close() ends idle connections, except those that never sent a request, such as preconnects of a browser. */
  const closeWhenIdle = () => {
    if (isClosing && busy.size === 0) closeConnections();
  };
  const close = async () => {
    isClosing = true;
    const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    closeWhenIdle();
    const cancel = new AbortController();
    clock.sleep(graceMs, cancel.signal).then(closeConnections, () => undefined);
    await Promise.all(closed);
    cancel.abort();
  };
  const handle: RequestListener = (request, response) => {
    const { socket } = request;
    if (busy.has(socket)) {
      rejectPipelined(response);
      return;
    }
    busy.add(socket);
    response.once('close', () => {
      busy.delete(socket);
      closeWhenIdle();
    });
    if (isClosing) response.setHeader('Connection', 'close');
    routes(request, response);
  };

  try {
    for (const address of listenAddresses) {
      const server = createServer(serverTimeouts, handle);
      server.maxConnections = maxConnections;
      server.timeout = socketTimeoutMs;
      server.on('clientError', (error, socket) => {
        // An error response would end up inside the body of the response in progress.
        if (busy.has(socket)) socket.destroy();
        else sendParseError(error, socket);
      });
      addresses.push(await listen(server, address));
      servers.push(server);
      // Without a listener, a failed accept (no free file descriptor) would terminate the process.
      server.on('error', (error) => log.error('cannot accept connection', { address, error }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, close };
}
