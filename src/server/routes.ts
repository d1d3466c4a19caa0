import express, { type Express, type RequestHandler, type Response } from 'express';
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
import { createViewLimit } from './view-limit.ts';

/** Functions that provide the data of the routes. They are called again for each request. */
export interface RouteParts extends MetricsParts {
  /** Path below which all routes are, such as `/live`; empty (the default) for the root. */
  readonly routePrefix?: string;
  /** Path of the metrics, below `routePrefix`. */
  readonly telemetryPath: string;
  /** URL under which browsers reach the exporter; undefined if it is unknown. */
  readonly externalUrl?: string | undefined;
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
  const { routePrefix = '', telemetryPath, externalUrl, healthy, ready, overview, status } = parts;
  const { streams, stream, reload, clock, log } = parts;
  const rendering = createRendering(clock);
  const pages = createPages({ telemetryPath, overview, stream, rendering, clock });
  const limited = createViewLimit(clock);
  const statusJson = rendering.shared(async (inSlices) => toJson(await status(), inSlices));

  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(addSecurityHeaders);
  const below = (path: string) => `${routePrefix}${path}`;
  if (routePrefix !== '') {
    route(app, 'get', '/', redirectTo(`${routePrefix.slice(1)}/`));
    route(app, 'get', routePrefix, redirectTo(`${routePrefix.slice(routePrefix.lastIndexOf('/') + 1)}/`));
  }
  route(app, 'get', below('/'), limited(pages.status));
  route(app, 'get', below('/streams/:key'), limited(pages.ofStream));
  route(app, 'get', below(telemetryPath), createMetricsHandler(parts));
  route(app, 'get', below('/-/healthy'), (_request, response) => sendHealth(response, healthy()));
  route(app, 'get', below('/-/ready'), (_request, response) => sendHealth(response, ready()));
  route(app, 'post', below('/-/reload'), createReloadHandler(reload, externalUrl));
  const sendStatus: RequestHandler<{ key: string }> = async (_request, response) => {
    await rendering.send(response, 'json', await statusJson());
  };
  route(app, 'get', below('/api/v1/status'), limited(sendStatus));
  route(app, 'get', below('/api/v1/streams'), limited(createStreamsHandler(streams, rendering)));
  route(app, 'get', below('/api/v1/streams/:key'), limited(createStreamHandler(stream, rendering)));
  app.use(sendNotFound);
  app.use(createErrorHandler(log));
  return app;
}

/**
 * Creates a handler that redirects to a relative URL. A browser resolves it against the URL that it knows, so the
 * redirect also works behind a proxy that removes a part of the path.
 */
function redirectTo(relativeUrl: string): RequestHandler {
  return ({ url }, response) => {
    const start = url.indexOf('?');
    response.set('Location', `${relativeUrl}${start === -1 ? '' : url.slice(start)}`);
    sendText(response, 302, `see ${relativeUrl}`);
  };
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
  if (!path.startsWith('/')) return '--web.telemetry-path must start with /';
  if (reservedPaths.includes(path) || reservedFolders.some((folder) => path.startsWith(folder)))
    return `--web.telemetry-path ${path} is reserved by the exporter`;
  if (!/^[\w./~-]+$/.test(path)) return '--web.telemetry-path can contain only letters, digits and . / _ ~ -';
  if (path.split('/').some((part, i) => i > 0 && ['', '.', '..'].includes(part))) {
    return '--web.telemetry-path must not contain an empty part, . or ..';
  }
  return undefined;
}
