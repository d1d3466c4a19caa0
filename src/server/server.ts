import { createServer, type Server } from 'node:http';
import type { Express } from 'express';
import { trackConnections } from './connections.ts';
import {
  closeGraceMs,
  headersTimeoutMs,
  keepAliveTimeoutMs,
  maxConnections,
  requestTimeoutMs,
  silentSocketMs,
} from './limits.ts';
import { type BoundAddress, ListenError, listen } from './listen.ts';
import type { Sleeper } from './ports.ts';
import { sendUnreadable } from './responses.ts';
import { createRoutes, type RouteParts, telemetryPathProblem } from './routes.ts';

export interface ServerOptions extends RouteParts {
  /** In the manner of Prometheus, such as `:10935`; see parseListenAddress. */
  readonly listenAddresses: readonly string[];
  /** How long requests may still run after close(). */
  readonly graceMs?: number;
}

export interface RunningServer {
  /** In the order of `listenAddresses`. */
  readonly addresses: readonly BoundAddress[];
  /** Takes no new connections, lets running requests finish for the grace time, then cuts them off. */
  close(): Promise<void>;
}

/** Opens all addresses or, with a ListenError, none. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { listenAddresses, telemetryPath, clock, log, graceMs = closeGraceMs } = options;
  const problem = telemetryPathProblem(telemetryPath);
  if (problem !== undefined) throw new ListenError(problem);

  const routes = createRoutes(options);
  const servers: OneServer[] = [];
  const addresses: BoundAddress[] = [];
  const close = async () => {
    await Promise.all(servers.map((server) => server.close(clock, graceMs)));
  };
  try {
    for (const address of listenAddresses) {
      const server = createOneServer(routes);
      addresses.push(await listen(server.http, address));
      servers.push(server);
      // Without a listener, a connection that cannot be taken (no file left to open) would end the program.
      server.http.on('error', (error) => log.error('a connection could not be taken', { address, error }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, close };
}

interface OneServer {
  readonly http: Server;
  close(clock: Sleeper, graceMs: number): Promise<void>;
}

function createOneServer(routes: Express): OneServer {
  const http = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
    },
    (request, response) => {
      connections.inTurn(request.socket, response, () => routes(request, response));
    },
  );
  const connections = trackConnections(http);
  http.maxConnections = maxConnections;
  http.timeout = silentSocketMs;
  http.on('clientError', (error, socket) => {
    if (connections.isBusy(socket)) socket.destroy();
    else sendUnreadable(error, socket);
  });

  return {
    http,
    async close(clock, graceMs) {
      const closed = Promise.withResolvers<void>();
      http.close(() => closed.resolve());
      connections.end();
      const inTime = new AbortController();
      const cut = clock.sleep(graceMs, inTime.signal).then(
        () => http.closeAllConnections(),
        () => undefined,
      );
      await closed.promise;
      inTime.abort();
      await cut;
    },
  };
}
