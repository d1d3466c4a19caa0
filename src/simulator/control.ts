import { type Response, Router } from 'express';
import { dayMs, type EpochMs, secondMs } from '../model/time.ts';
import { toExporterConfig } from './exporter-config.ts';
import type { RequestLog } from './request-log.ts';
import { queryOf } from './wire.ts';
import type { World } from './world/world.ts';

/**
 * Maximum time range in ms of a request to `/-/truth`. A week contains 120,960 samples per stream; computing
 * more would block the event loop.
 */
const maxTruthMs = 7 * dayMs;

/**
 * Creates the routes under `/-/`: ground truth, request log and exporter config. The real APIs have no such
 * routes.
 */
export function createControl(world: World, log: RequestLog, endpoint: string): Router {
  const router = Router();
  const send = (path: string, type: string, body: () => string) =>
    router.get(path, (_request, response) => void response.type(type).send(body()));
  const sendJson = (path: string, body: () => object) =>
    router.get(path, (_request, response) => void response.json(body()));
  send('/', 'text/html', () => index);
  send('/healthy', 'text/plain', () => 'the simulator is healthy\n');
  send('/config', 'text/yaml', () => toExporterConfig(world, endpoint));
  sendJson('/requests', () => ({ operations: log.read() }));
  sendJson('/streams', () => ({
    streams: world.streams.map(({ name, domain, appName, framesPerSecond, bitsPerSecond }) => {
      return { stream: name, domain, app_name: appName, fps: framesPerSecond, bitrate_bps: bitsPerSecond };
    }),
  }));
  sendJson('/domains', () => ({
    domains: domainsOf(world).map(({ name, appNames }) => ({ domain: name, app_names: appNames })),
  }));
  router.get('/truth', (request, response) => sendTruth(world, queryOf(request), response));
  return router;
}

/** Returns the domains of both providers whose streams can have control actions. */
function domainsOf({ scenario, streams }: World) {
  const cut = streams.filter(({ story }) => story.some(({ cut }) => cut !== undefined));
  const ofTencent = Map.groupBy(cut, ({ domain }) => domain)
    .entries()
    .map(([name, own]) => ({ name, appNames: [...new Set(own.map(({ appName }) => appName))] }));
  return [...scenario.domains, ...ofTencent];
}

const index = `<!doctype html>
<title>simulator</title>
<ul>
<li><a href="/-/streams">/-/streams</a>: names and normal values of the streams
<li><a href="/-/domains">/-/domains</a>: names of the domains and their app names
<li>/-/truth?stream=NAME&amp;from=SECONDS&amp;to=SECONDS: totals of the samples of a stream
<li>/-/truth?domain=NAME&amp;from=SECONDS&amp;to=SECONDS: number of actions on the streams of a domain
<li><a href="/-/requests">/-/requests</a>: request log by operation
<li><a href="/-/config">/-/config</a>: exporter config for all streams and domains
<li><a href="/-/healthy">/-/healthy</a>: health check
</ul>
`;

function sendTruth(world: World, query: URLSearchParams, response: Response): void {
  const from = parseSeconds(query.get('from'));
  const to = parseSeconds(query.get('to'));
  const stream = world.streams.find(({ name }) => name === query.get('stream'))?.name;
  const domain = domainsOf(world).find(({ name }) => name === query.get('domain'))?.name;
  if (stream === undefined && domain === undefined) {
    response.status(404).json({ error: 'stream or domain not found; see /-/streams and /-/domains' });
  } else if (from === undefined || to === undefined || to < from || to - from > maxTruthMs) {
    const error = 'invalid from or to; expected UNIX seconds, from <= to, at most 7 days apart';
    response.status(400).json({ error });
  } else {
    const window = { from: from / secondMs, to: to / secondMs };
    if (stream !== undefined) {
      const { samples, observedMs, ...totals } = world.truthOf(stream, from, to);
      response.json({ stream, ...window, samples, observed_ms: observedMs, ...totals });
    } else if (domain !== undefined) {
      const actions = world.truthOfActions(domain, from, to).map(({ appName, lastAt, ...truth }) => {
        return { app_name: appName, ...truth, last_at: lastAt / secondMs };
      });
      response.json({ domain, ...window, actions });
    }
  }
}

/**
 * Parses seconds since 1970 with up to three decimals. Returns epoch ms; undefined if the text has another
 * format.
 */
function parseSeconds(text: string | null): EpochMs | undefined {
  return text !== null && /^\d{1,10}(\.\d{1,3})?$/.test(text)
    ? Math.round(Number(text) * secondMs)
    : undefined;
}
