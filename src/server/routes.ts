import express, { type Express, type Response } from 'express';
import type { StreamsQuery, StreamsView } from '../status/stream-view.ts';
import type { StatusView } from '../status/view.ts';
import { maxStreamsOnPage } from './limits.ts';
import { createMetricsHandler, type MetricsParts } from './metrics.ts';
import type { Health } from './ports.ts';
import { createReloadHandler } from './reload.ts';
import { createErrorHandler, route, sendNotFound, sendText } from './responses.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { statusPage } from './status-page.ts';
import { createStreamsHandler } from './streams-api.ts';

/** Functions that provide the data of the routes. They are called again for each request. */
export interface RouteParts extends MetricsParts {
  readonly telemetryPath: string;
  readonly healthy: () => Health;
  readonly ready: () => Health;
  readonly status: () => StatusView;
  readonly streams: (query: StreamsQuery) => StreamsView;
  /**
   * Reloads the config. Resolves with the problems of a rejected config; the list is empty on success. The
   * function is undefined if reloading over HTTP is disabled.
   */
  readonly reload?: (() => Promise<readonly string[]>) | undefined;
}

export function createRoutes(parts: RouteParts): Express {
  const { telemetryPath, healthy, ready, status, streams, reload, log } = parts;
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(addSecurityHeaders);
  route(app, 'get', '/', ({ query }, response) => {
    const isRefreshing = query.refresh !== 'off';
    const mostUrgent = streams({ offset: 0, limit: maxStreamsOnPage, worstFirst: true });
    const page = statusPage({ telemetryPath, isRefreshing, status: status(), streams: mostUrgent });
    response.set('Cache-Control', 'no-store').type('html').send(page);
  });
  route(app, 'get', telemetryPath, createMetricsHandler(parts));
  route(app, 'get', '/-/healthy', (_request, response) => sendHealth(response, healthy()));
  route(app, 'get', '/-/ready', (_request, response) => sendHealth(response, ready()));
  route(app, 'post', '/-/reload', createReloadHandler(reload));
  route(app, 'get', '/api/v1/status', (_request, response) => {
    response.set('Cache-Control', 'no-store').json(status());
  });
  route(app, 'get', '/api/v1/streams', createStreamsHandler(streams));
  app.use(sendNotFound);
  app.use(createErrorHandler(log));
  return app;
}

function sendHealth(response: Response, { ok, reason }: Health): void {
  sendText(response, ok ? 200 : 503, reason);
}

const reservedPaths = ['/', '/-/healthy', '/-/ready', '/-/reload', '/api/v1/status', '/api/v1/streams'];

/**
 * Returns the reason why a telemetry path is invalid; undefined if it is valid. None of the allowed
 * characters is special in a route of express.
 */
export function telemetryPathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'telemetry path must start with /';
  if (reservedPaths.includes(path)) return `telemetry path ${path} is reserved by the exporter`;
  if (!/^[\w./~-]+$/.test(path)) return 'telemetry path can contain only letters, digits and . / _ ~ -';
  return undefined;
}
