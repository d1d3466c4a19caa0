import express, { type Express, type Response } from 'express';
import type { Overview, OverviewQuery } from '../status/overview.ts';
import type { StreamDetail } from '../status/stream-detail.ts';
import type { StreamsQuery, StreamsView } from '../status/streams-view.ts';
import type { StatusView } from '../status/view.ts';
import { toJson } from './json.ts';
import { createMetricsHandler, type MetricsParts } from './metrics.ts';
import { createPages } from './pages.ts';
import type { Health } from './ports.ts';
import { createReloadHandler } from './reload.ts';
import { createRendering } from './rendering.ts';
import { createErrorHandler, route, sendNotFound, sendText } from './responses.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { createStreamHandler, createStreamsHandler } from './streams-api.ts';

/** Functions that provide the data of the routes. They are called again for each request. */
export interface RouteParts extends MetricsParts {
  readonly telemetryPath: string;
  readonly healthy: () => Health;
  readonly ready: () => Health;
  /** Returns the data of the status page. */
  readonly overview: (query: OverviewQuery) => Promise<Overview>;
  readonly status: () => Promise<StatusView>;
  /** Returns a page of the streams; undefined if the cursor of the query is invalid. */
  readonly streams: (query: StreamsQuery) => Promise<StreamsView | undefined>;
  /** Returns one stream with its last requests; undefined if there is no stream with this key. */
  readonly stream: (urlKey: string) => StreamDetail | undefined;
  /**
   * Reloads the config. Resolves with the problems of a rejected config; the list is empty on success. The
   * function is undefined if reloading over HTTP is disabled.
   */
  readonly reload?: (() => Promise<readonly string[]>) | undefined;
}

export function createRoutes(parts: RouteParts): Express {
  const { telemetryPath, healthy, ready, overview, status, streams, stream, reload, clock, log } = parts;
  const rendering = createRendering(clock);
  const pages = createPages({ telemetryPath, overview, stream, rendering });
  const statusJson = rendering.shared(async (inSlices) => toJson(await status(), inSlices));

  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(addSecurityHeaders);
  route(app, 'get', '/', pages.status);
  route(app, 'get', '/streams/:key', pages.ofStream);
  route(app, 'get', telemetryPath, createMetricsHandler(parts));
  route(app, 'get', '/-/healthy', (_request, response) => sendHealth(response, healthy()));
  route(app, 'get', '/-/ready', (_request, response) => sendHealth(response, ready()));
  route(app, 'post', '/-/reload', createReloadHandler(reload));
  route(app, 'get', '/api/v1/status', async (_request, response) => {
    await rendering.send(response, 'json', await statusJson());
  });
  route(app, 'get', '/api/v1/streams', createStreamsHandler(streams, rendering));
  route(app, 'get', '/api/v1/streams/:key', createStreamHandler(stream, rendering));
  app.use(sendNotFound);
  app.use(createErrorHandler(log));
  return app;
}

function sendHealth(response: Response, { ok, reason }: Health): void {
  sendText(response, ok ? 200 : 503, reason);
}

const reservedFolders = ['/streams/', '/api/v1/streams/'];
const reservedPaths = ['/', '/-/healthy', '/-/ready', '/-/reload', '/api/v1/status', '/api/v1/streams'];

/**
 * Returns the reason why a telemetry path is invalid; undefined if it is valid. None of the allowed
 * characters is special in a route of express.
 */
export function telemetryPathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'telemetry path must start with /';
  if (reservedPaths.includes(path) || reservedFolders.some((folder) => path.startsWith(folder)))
    return `telemetry path ${path} is reserved by the exporter`;
  if (!/^[\w./~-]+$/.test(path)) return 'telemetry path can contain only letters, digits and . / _ ~ -';
  return undefined;
}
