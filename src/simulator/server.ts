import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { urlHost } from '../model/address.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import { createAlibaba } from './alibaba/api.ts';
import { createApi3 } from './api3/api.ts';
import { isApi3 } from './api3/call.ts';
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
  /** Port to listen on. The default, 0, selects a free port. */
  readonly port?: number;
  /**
   * Time at which the story of the scenario starts (wall clock, epoch ms). The default is the time at which
   * the simulator starts.
   */
  readonly startedAt?: EpochMs;
}

export type Simulator = Awaited<ReturnType<typeof startSimulator>>;

const statcgiPath = '/common_access';

/**
 * Maximum size of a request body in bytes. The form parameters of a real request have a few hundred bytes.
 */
const maxFormBytes = 64 * 1024;

/**
 * Starts an HTTP server that simulates the APIs of the providers as the scenario describes. Rejects if it
 * cannot listen on the host and port.
 */
export async function startSimulator(options: SimulatorOptions) {
  const { scenario, clock, host = '127.0.0.1', port = 0, startedAt = clock.now() } = options;
  // By default, Node responds with 400 to a request without a Host header. According to the documentation of
  // the Tencent API, the response is 404.
  const server = createServer({ requireHostHeader: false });
  // Keep idle connections open for longer than the exporter does. If the simulator closed them first, the
  // exporter would see a fault that is not part of the story.
  server.keepAliveTimeout = 65_000;
  server.listen(port, host);
  await once(server, 'listening');
  // The cast is safe: `address()` returns a string only for a pipe and null only before the server listens.
  const bound = server.address() as AddressInfo;
  const url = `http://${urlHost(host)}:${bound.port}`;
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
    /** URL of the simulated Tencent API, which is the value of `statcgi.endpoint` in the exporter config. */
    endpoint,
    /**
     * URL of the simulated Alibaba API, which is the value of `endpoint` of an Alibaba account in the
     * exporter config.
     */
    alibabaEndpoint: url,
    /** Ground truth: the samples and actions that the exporter should count. */
    world,
    /** Returns a copy of the request log: the counts of all requests since the start, by operation. */
    requests: log.read,
    /** Stops the server immediately and closes all connections. A second call is a no-op. */
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
      // Set the Date header from the simulator's clock, so that a client can measure its clock skew from the
      // header.
      sendReply(handled.reply, request, response.set('date', new Date(now).toUTCString()));
    };
  const handleStatcgi = createStatcgi(world);
  const handleApi3 = createApi3(world);
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
    serve((request, now) => {
      const call = alibabaCallOf(request);
      return isApi3(call) ? handleApi3(call, now) : handleAlibaba(call, now);
    }),
  );
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('not found\n');
  });
  // Replace the default error handler of Express, which would send the stack trace to the client.
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
 * Returns the HTTP status of a request to the simulated Tencent API that the provider's web server would
 * reject; undefined if the request passes. Documented: 404 without a Host header, and 403 if another check
 * fails. Not documented: that a request with a cookie or with a method other than GET gets 403. This is
 * inferred from "no cookies" on the page and from the sample requests, which all use GET.
 */
function statusOfBadRequest(request: Request): number | undefined {
  if (request.headers.host === undefined) return 404;
  return request.method !== 'GET' || request.headers.cookie !== undefined ? 403 : undefined;
}
