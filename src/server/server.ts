import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import {
  headersTimeoutMs,
  keepAliveTimeoutMs,
  maxConnections,
  requestTimeoutMs,
  shutdownGraceMs,
  socketTimeoutMs,
} from './limits.ts';
import { type BoundAddress, ListenError, listen } from './listen.ts';
import type { Sleeper } from './ports.ts';
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

/** Listens on all addresses. If one fails, closes the others and rejects with a ListenError. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { listenAddresses, telemetryPath, clock, log, graceMs = shutdownGraceMs } = options;
  const problem = telemetryPathProblem(telemetryPath);
  if (problem !== undefined) throw new ListenError(problem);

  const routes = createRoutes(options);
  const servers: HttpServer[] = [];
  const addresses: BoundAddress[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close(clock, graceMs)));
  };
  try {
    for (const address of listenAddresses) {
      const server = createHttpServer(routes);
      addresses.push(await listen(server.http, address));
      servers.push(server);
      // Without a listener, a failed accept (no free file descriptor) would terminate the process.
      server.http.on('error', (error) => log.error('cannot accept connection', { address, error }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, close };
}

interface HttpServer {
  readonly http: Server;
  close(clock: Sleeper, graceMs: number): Promise<void>;
}

/**
 * Creates a server that handles one request per connection at a time. Node emits all pipelined requests at once: 2,000
 * scrapes in one packet would block the event loop for seconds. No scraper or browser pipelines.
 */
function createHttpServer(routes: Express): HttpServer {
  /** Sockets with a response in progress. */
  const busy = new Set<Duplex>();
  let isClosing = false;
  const timeouts = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
  };
  const http = createServer(timeouts, (request, response) => {
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
  });
  http.maxConnections = maxConnections;
  http.timeout = socketTimeoutMs;
  http.on('clientError', (error, socket) => {
    // An error response would end up inside the body of the response in progress.
    if (busy.has(socket)) socket.destroy();
    else sendParseError(error, socket);
  });

  /**
   * Closes all connections once no request is in progress. `http.close()` leaves those open that never sent a
   * request, such as preconnected sockets of a browser.
   */
  function closeWhenIdle(): void {
    if (isClosing && busy.size === 0) http.closeAllConnections();
  }

  return {
    http,
    async close(clock, graceMs) {
      isClosing = true;
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      closeWhenIdle();
      const cancel = new AbortController();
      const deadline = clock.sleep(graceMs, cancel.signal).then(
        () => http.closeAllConnections(),
        () => undefined,
      );
      await closed;
      cancel.abort();
      await deadline;
    },
  };
}
