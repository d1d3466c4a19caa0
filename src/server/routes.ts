import express, { type Express } from 'express';
import { createStatusHandler, createStreamsHandler } from './api.ts';
import { createReloadHandler, createVerdictHandler } from './health.ts';
import { createMetricsHandler, type MetricsParts } from './metrics.ts';
import { styleHash } from './page-style.ts';
import type { StreamsQuery, Verdict } from './ports.ts';
import { createErrorHandler, createSecurityHeaders, route, sendNotFound } from './responses.ts';
import { createStatusPageHandler, type StatusPageStatus, type StatusPageStreams } from './status-page.ts';

/** What the server shows, as functions: it asks them anew for each request. */
export interface RouteParts extends MetricsParts {
  readonly telemetryPath: string;
  readonly healthy: () => Verdict;
  readonly ready: () => Verdict;
  /** Drawn as JSON as it is; the page shows what it knows of it. */
  readonly status: () => StatusPageStatus;
  readonly streams: (query: StreamsQuery) => StatusPageStreams;
  /** Resolves with the problems that kept the old config. Only where the operator enabled it. */
  readonly reload?: (() => Promise<readonly string[]>) | undefined;
}

export function createRoutes(parts: RouteParts): Express {
  const { telemetryPath, healthy, ready, status, streams, reload, log } = parts;
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(createSecurityHeaders(styleHash));
  route(app, 'GET', '/', createStatusPageHandler({ telemetryPath, status, streams }));
  route(app, 'GET', telemetryPath, createMetricsHandler(parts));
  route(app, 'GET', '/-/healthy', createVerdictHandler(healthy));
  route(app, 'GET', '/-/ready', createVerdictHandler(ready));
  route(app, 'POST', '/-/reload', createReloadHandler(reload));
  route(app, 'GET', '/api/v1/status', createStatusHandler(status));
  route(app, 'GET', '/api/v1/streams', createStreamsHandler(streams));
  app.use(sendNotFound);
  app.use(createErrorHandler(log));
  return app;
}

const ownPaths = ['/', '/-/healthy', '/-/ready', '/-/reload', '/api/v1/status', '/api/v1/streams'];

/** What is wrong with a telemetry path, in a line; undefined: nothing. Its letters are those that mean nothing to a router. */
export function telemetryPathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'the telemetry path has to begin with /';
  if (ownPaths.includes(path)) return `the telemetry path ${path} is taken by a page of the exporter`;
  if (!/^[\w./~-]+$/.test(path)) return 'the telemetry path may hold letters, digits and . / _ ~ - only';
  return undefined;
}
