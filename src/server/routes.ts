import express, { type Express } from 'express';
import type { StreamsQuery, StreamsView } from '../status/stream-view.ts';
import type { StatusView } from '../status/view.ts';
import { createStatusHandler, createStreamsHandler } from './api.ts';
import { createHealthHandler, createReloadHandler } from './health.ts';
import { createMetricsHandler, type MetricsParts } from './metrics.ts';
import type { Health } from './ports.ts';
import { createErrorHandler, route, sendNotFound } from './responses.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { createStatusPageHandler } from './status-page.ts';

/** Data sources of the routes. Each request calls them again. */
export interface RouteParts extends MetricsParts {
  readonly telemetryPath: string;
  readonly healthy: () => Health;
  readonly ready: () => Health;
  readonly status: () => StatusView;
  readonly streams: (query: StreamsQuery) => StreamsView;
  /** Resolves with the diagnostics of a rejected config. Undefined: reloading over HTTP is disabled. */
  readonly reload?: (() => Promise<readonly string[]>) | undefined;
}

export function createRoutes(parts: RouteParts): Express {
  const { telemetryPath, healthy, ready, status, streams, reload, log } = parts;
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(addSecurityHeaders);
  route(app, 'get', '/', createStatusPageHandler({ telemetryPath, status, streams }));
  route(app, 'get', telemetryPath, createMetricsHandler(parts));
  route(app, 'get', '/-/healthy', createHealthHandler(healthy));
  route(app, 'get', '/-/ready', createHealthHandler(ready));
  route(app, 'post', '/-/reload', createReloadHandler(reload));
  route(app, 'get', '/api/v1/status', createStatusHandler(status));
  route(app, 'get', '/api/v1/streams', createStreamsHandler(streams));
  app.use(sendNotFound);
  app.use(createErrorHandler(log));
  return app;
}

const reservedPaths = ['/', '/-/healthy', '/-/ready', '/-/reload', '/api/v1/status', '/api/v1/streams'];

/** Returns why a telemetry path is invalid, or undefined. The allowed characters have no meaning to the router. */
export function telemetryPathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'telemetry path must start with /';
  if (reservedPaths.includes(path)) return `telemetry path ${path} is reserved by the exporter`;
  if (!/^[\w./~-]+$/.test(path)) return 'telemetry path can contain only letters, digits and . / _ ~ -';
  return undefined;
}
