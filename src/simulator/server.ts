import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { isIPv6 } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import type { Clock, EpochMs } from '../model/time.ts';
import { createAlibaba } from './alibaba/alibaba.ts';
import { createControl } from './control.ts';
import { createRequestLog, type OperationLog, type RequestLog } from './request-log.ts';
import type { Scenario } from './scenario/scenario.ts';
import { createStatcgi, refused } from './statcgi/statcgi.ts';
import { alibabaCallOf, queryOf, sendReply } from './wire.ts';
import { createWorld, type World } from './world/world.ts';

export interface SimulatorOptions {
  readonly scenario: Scenario;
  readonly clock: Pick<Clock, 'now'>;
  readonly host?: string;
  /** 0, as when left out: any free one. */
  readonly port?: number;
  /** When the story begins; left out: now. */
  readonly startedAt?: EpochMs;
}

export interface Simulator extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** What an account's `statcgi.endpoint` has to be. */
  readonly endpoint: string;
  /** What the `endpoint` of an account of Alibaba has to be. */
  readonly alibabaEndpoint: string;
  /** What is true, for whoever wants to compare. */
  readonly world: World;
  /** What was asked so far, by operation. */
  requests(): Readonly<Record<string, OperationLog>>;
  /** Ends at once, cutting calls that hang; a second time it does no more. */
  close(): Promise<void>;
}

const statcgiPath = '/common_access';

/** Operation parameters are a few hundred bytes. */
const longestFormBytes = 64 * 1024;

/** Plays the scenario on a port of its own. Rejects when it cannot listen there. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { scenario, clock, host = '127.0.0.1', port: wantedPort = 0 } = options;
  const world = createWorld(scenario, options.startedAt ?? clock.now());
  const log = createRequestLog();
  let url = '';
  const app = createApp(world, log, clock, () => `${url}${statcgiPath}`);

  // Without it node itself would answer a call without a Host header, with 400 where the page says 404.
  const server = createServer({ requireHostHeader: false }, app);
  // Longer than the exporter waits between two calls: a connection closed in its hands would be a fault not in the story.
  server.keepAliveTimeout = 65_000;
  server.listen(wantedPort, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wantedPort;
  url = `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;

  const close = () => end(server);
  return {
    url,
    port,
    endpoint: `${url}${statcgiPath}`,
    alibabaEndpoint: url,
    world,
    requests: () => log.read(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function end(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function createApp(
  world: World,
  log: RequestLog,
  clock: Pick<Clock, 'now'>,
  endpoint: () => string,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use('/-', createControl(world, log, endpoint));
  app.all(statcgiPath, playStatcgi(world, log, clock));
  app.all('/', express.raw({ type: () => true, limit: longestFormBytes }), playAlibaba(world, log, clock));
  app.use((_request, response) => {
    response.status(404).type('text/plain').send('not found\n');
  });
  // Express would show the stack.
  const onError: ErrorRequestHandler = (error, _request, response, _next) => {
    const isTooLong = error instanceof Error && 'status' in error && error.status === 413;
    response
      .status(isTooLong ? 413 : 500)
      .type('text/plain')
      .send(isTooLong ? 'too long\n' : 'the simulator failed\n');
  };
  app.use(onError);
  return app;
}

function playStatcgi(world: World, log: RequestLog, clock: Pick<Clock, 'now'>): RequestHandler {
  const answer = createStatcgi(world);
  return (request, response) => {
    const now = clock.now();
    const query = queryOf(request);
    const status = statusOfBadRequest(request);
    const answered =
      status === undefined ? answer(query, now) : refused(query, String(status), { kind: 'status', status });
    log.add(answered, now);
    sendReply(answered.reply, request, tellTime(response, now));
  };
}

/** By the clock that plays the story, so that a client can compare the two. */
function tellTime(response: Response, now: EpochMs): Response {
  return response.set('date', new Date(now).toUTCString());
}

/**
 * 404 without a Host header and 403 when the check of the request fails are documented. That a cookie or another method
 * makes it fail is our reading of "no cookies" and of the samples, which are all GET.
 */
function statusOfBadRequest(request: Parameters<RequestHandler>[0]): number | undefined {
  if (request.headers.host === undefined) return 404;
  return request.method !== 'GET' || request.headers.cookie !== undefined ? 403 : undefined;
}

function playAlibaba(world: World, log: RequestLog, clock: Pick<Clock, 'now'>): RequestHandler {
  const answer = createAlibaba(world);
  return (request, response) => {
    const now = clock.now();
    const answered = answer(alibabaCallOf(request), now);
    log.add(answered, now);
    sendReply(answered.reply, request, tellTime(response, now));
  };
}
