import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { withAccess } from './access.ts';
import { createConnections } from './connections.ts';
import { maxConnectionsOf, serverOptions, shutdownGraceMs, socketTimeoutMs } from './limits.ts';
import { type BoundAddress, type ListenAddress, ListenError, listen } from './listen.ts';
import { createPasswordThread } from './password-thread.ts';
import { answerPlainHttp } from './plain-http.ts';
import { rejectPipelined, rejectWrongHost, sendParseError } from './responses.ts';
import { createRoutes, type RouteParts, telemetryPathProblem } from './routes.ts';
import { clientProblem, hasSameClients, secureContextOf, tlsOptionsOf } from './tls.ts';
import type { TlsSettings, WebAccess } from './web-settings.ts';

export interface ServerOptions extends RouteParts {
  readonly listenAddresses: readonly ListenAddress[];
  /** TLS, users and headers; undefined: plain HTTP for everybody. */
  readonly web?: WebAccess | undefined;
  /** Receives the error of background work, which is a noun phrase. */
  readonly onBug: (work: string, error: unknown) => void;
  /** Maximum duration of a TLS handshake in ms. */
  readonly handshakeMs?: number;
  /** Limit of open files of the process; undefined if it is not known. */
  readonly maxOpenFiles?: number | undefined;
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
  const { listenAddresses, telemetryPath, web, clock, log, onBug, graceMs = shutdownGraceMs } = options;
  const problem = telemetryPathProblem(telemetryPath);
  if (problem !== undefined) throw new ListenError(problem);

  const passwords = createPasswordThread((error) => onBug('comparison of passwords', error));
  const allRoutes = createRoutes(options);
  const routes =
    web === undefined
      ? allRoutes
      : withAccess(allRoutes, { ...web, comparePassword: passwords.compare, clock });
  const connections = createConnections(maxConnectionsOf(options.maxOpenFiles));
  const servers: (Server | TlsServer)[] = [];
  const addresses: BoundAddress[] = [];
  /** Sockets with a response in progress. */
  const busy = new Set<Duplex>();
  const connected = new Set<Socket>();
  let isClosing = false;

  const closeConnections = () => {
    for (const server of servers) server.closeAllConnections();
    // Those in a TLS handshake are no HTTP connections yet.
    for (const socket of connected) socket.destroy();
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
    await passwords.close();
  };
  const handle: RequestListener = (request, response) => {
    const { socket } = request;
    if (busy.has(socket)) {
      rejectPipelined(response);
      return;
    }
    busy.add(socket);
    const endOccupied = connections.occupy(socket);
    response.once('close', () => {
      busy.delete(socket);
      endOccupied();
      closeWhenIdle();
    });
    if (isClosing || hasBody(request)) response.setHeader('Connection', 'close');
    if (rejectWrongHost(request, response)) return;
    routes(request, response);
  };

  try {
    for (const address of listenAddresses) {
      const server = createOneServer(handle, options);
      server.on('connection', connections.add);
      server.timeout = socketTimeoutMs;
      server.prependListener('connection', (socket: Socket) => {
        connected.add(socket);
        socket.once('close', () => connected.delete(socket));
      });
      server.on('clientError', (error, socket) => {
        // Send no error response on a busy socket: it would end up in the body of the response in progress.
        if (busy.has(socket)) socket.destroy();
        else sendParseError(error, socket);
      });
      const bound = await listen(server, address, `${options.routePrefix ?? ''}/`);
      addresses.push(bound);
      servers.push(server);
      // Without this listener, a failed accept (no free file descriptor) would terminate the process.
      server.on('error', (error) =>
        log.error('cannot accept HTTP connections', { address: bound.name, error }),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { addresses, close };
}

/**
 * Reports whether a request has a body. No path reads one. Node would read it to its end before the next request, also
 * if it is endless, so the connection closes after the response.
 */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Creates a server for HTTPS if the web config has a certificate, and for HTTP otherwise. */
function createOneServer(
  handle: RequestListener,
  { web, handshakeMs = serverOptions.headersTimeout, clock, log }: ServerOptions,
): Server | TlsServer {
  const settings = web?.settings;
  const tls = settings?.current().tls;
  if (settings === undefined || tls === undefined) return createServer(serverOptions, handle);
  /** TLS settings by which the client of each connection was accepted. */
  const acceptedBy = new WeakMap<Socket, TlsSettings>();
  const handleTls: RequestListener = (request, response) => {
    const accepted = acceptedBy.get(request.socket);
    const current = settings.current().tls ?? tls;
    // A scraper keeps its connection for days. After this response, it needs a handshake by the new rules.
    if (accepted !== undefined && !hasSameClients(accepted, current))
      response.setHeader('Connection', 'close');
    handle(request, response);
  };
  const server = createTlsServer(
    { ...serverOptions, handshakeTimeout: handshakeMs, ...tlsOptionsOf(tls) },
    handleTls,
  );
  answerPlainHttp(server, { clock, firstByteMs: handshakeMs });
  // Also checks whether a certificate was renewed, so that the next connection gets the new one.
  server.on('secureConnection', (socket) => {
    const current = settings.current().tls ?? tls;
    acceptedBy.set(socket, current);
    const problem = clientProblem(current, socket);
    if (problem === undefined) return;
    log.debug('connection refused', { peer: socket.remoteAddress, problem });
    socket.destroy();
  });
  server.on('tlsClientError', (error, socket) => {
    // Node ends the connection of an unverified client without a reason in the error.
    const reason: unknown = socket.authorizationError;
    const problem = reason ? `the certificate of the client was refused: ${reason}` : error.message;
    log.debug('TLS handshake failed', { peer: socket.remoteAddress, problem });
    // After a timeout, Node leaves that to the listeners of `clientError`, which cannot answer without TLS.
    socket.destroy();
  });
  settings.onChange((changed) => {
    if (changed.tls !== undefined) server.setSecureContext(secureContextOf(changed.tls));
  });
  return server;
}
