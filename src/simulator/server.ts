import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import type { Clock, EpochMs } from '../model/time.ts';
import { createAlibaba } from './alibaba/api.ts';
import { createControl } from './control.ts';
import type { HandledRequest } from './reply.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import type { Scenario } from './scenario/scenario.ts';
import { createStatcgi, reject } from './statcgi/api.ts';
import { alibabaCallOf, queryOf, sendReply } from './wire.ts';
import { createWorld, type World } from './world/world.ts';

export interface SimulatorOptions {
  readonly scenario: Scenario;
  readonly clock: Pick<Clock, 'now'>;
  readonly host?: string;
  /** 0 (default): any free port. */
  readonly port?: number;
  /** Start of the story; default: now. */
  readonly startedAt?: EpochMs;
}

export type Simulator = Awaited<ReturnType<typeof startSimulator>>;

const statcgiPath = '/common_access';

/** Maximum size of a form; real parameters have a few hundred bytes. */
const maxFormBytes = 64 * 1024;

/** Serves the scenario. Rejects if it cannot listen. */
export async function startSimulator(options: SimulatorOptions) {
  const { scenario, clock, host = '127.0.0.1', port = 0, startedAt = clock.now() } = options;
  // By default, Node responds with 400 to a request without a Host header. The page of the API says 404.
  const server = createServer({ requireHostHeader: false });
  // Keep idle connections longer than the exporter does: a closed connection would be a fault that is not in the story.
  server.keepAliveTimeout = 65_000;
  server.listen(port, host);
  await once(server, 'listening');
  // The address is a string only for a pipe, and null only before listening.
  const bound = server.address() as AddressInfo;
  const url = `http://${isIPv6(host) ? `[${host}]` : host}:${bound.port}`;
  const endpoint = `${url}${statcgiPath}`;
  const world = createWorld(scenario, startedAt);
  const log = createRequestLog();
  server.on('request', createApp(world, log, clock, endpoint));

  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    url,
    port: bound.port,
    /** Value for `statcgi.endpoint` of a Tencent account. */
    endpoint,
    /** Value for `endpoint` of an Alibaba account. */
    alibabaEndpoint: url,
    /** Ground truth, to compare with the exporter. */
    world,
    /** Returns the requests so far, by operation. */
    requests: log.read,
    /** Stops immediately and closes all connections. Idempotent. */
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createApp(world: World, log: RequestLog, clock: Pick<Clock, 'now'>, endpoint: string): Express {
  const serve =
    (handle: (request: Request, now: EpochMs) => HandledRequest): RequestHandler =>
    (request, response) => {
      const now = clock.now();
      const handled = handle(request, now);
      log.add(handled, now);
      // Use the clock of the scenario, so that a client can measure its clock skew.
      sendReply(handled.reply, request, response.set('date', new Date(now).toUTCString()));
    };
  const handleStatcgi = createStatcgi(world);
  const handleAlibaba = createAlibaba(world);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use('/-', createControl(world, log, endpoint));
  app.all(
    statcgiPath,
    serve((request, now) => {
      const query = queryOf(request);
      const status = statusOfBadRequest(request);
      if (status === undefined) return handleStatcgi(query, now);
      return reject(query, String(status), { kind: 'status', status });
    }),
  );
  app.all(
    '/',
    express.raw({ type: () => true, limit: maxFormBytes }),
    serve((request, now) => handleAlibaba(alibabaCallOf(request), now)),
  );
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('not found\n');
  });
  // The default error handler of Express would expose the stack.
  const onError: ErrorRequestHandler = (error, _request, response, _next) => {
    const isTooLarge = error instanceof Error && 'status' in error && error.status === 413;
    response
      .status(isTooLarge ? 413 : 500)
      .type('text/plain')
      .send(isTooLarge ? 'payload too large\n' : 'internal server error\n');
  };
  app.use(onError);
  return app;
}

/**
 * Returns the status for a request that fails the checks of the web server; undefined if it passes. Documented: 404
 * without a Host header, and 403 if the check fails. Not documented: that a cookie or a method other than GET fails it
 * (inferred from "no cookies" and from the samples, which all use GET).
 */
function statusOfBadRequest(request: Request): number | undefined {
  if (request.headers.host === undefined) return 404;
  return request.method !== 'GET' || request.headers.cookie !== undefined ? 403 : undefined;
}
