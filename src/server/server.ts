import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { maxConnections, serverTimeouts, shutdownGraceMs, socketTimeoutMs } from './limits.ts';
import { type BoundAddress, ListenError, listen } from './listen.ts';
import { rejectPipelined, sendParseError } from './responses.ts';
import { createRoutes, type RouteParts, telemetryPathProblem } from './routes.ts';

export interface ServerOptions extends RouteParts {
  /** Addresses in the format of Prometheus, such as `:10935`; see `parseListenAddress`. */
  readonly listenAddresses: readonly string[];
  /** Maximum time in ms that close() waits for requests in progress. */
  readonly graceMs?: number;
}

export interface RunningServer {
  /** Addresses on which the server listens, in the order of `listenAddresses`. */
  readonly addresses: readonly BoundAddress[];
  /**
   * Shuts down gracefully: accepts no new connections, waits for responses in progress up to `graceMs`, then
   * closes their connections.
   */
  close(): Promise<void>;
}

/**
 * Listens on all addresses. If listening on one address fails, closes the others and rejects with a
 * ListenError. Rejects pipelined requests, which scrapers and browsers do not send: Node emits all pipelined
 * requests of a packet at once, and 2,000 pipelined scrapes would block the event loop for seconds.
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
  /**
   * During the shutdown, closes all connections as soon as no response is in progress. Server.close() closes
   * idle connections, but not connections on which no request was ever sent, such as the preconnects of a
   * browser.
   */
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
        // Send no error response on a busy socket: it would end up in the body of the response in progress.
        if (busy.has(socket)) socket.destroy();
        else sendParseError(error, socket);
      });
      addresses.push(await listen(server, address));
      servers.push(server);
      // Without this listener, a failed accept (no free file descriptor) would terminate the process.
      server.on('error', (error) => log.error('cannot accept HTTP connections', { address, error }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, close };
}
