import { type Response, Router } from 'express';
import { dayMs, type EpochMs, secondMs } from '../model/time.ts';
import { toExporterConfig } from './exporter-config.ts';
import type { RequestLog } from './request-log.ts';
import { queryOf } from './wire.ts';
import type { World } from './world/world.ts';

/** A week has 120,960 samples of a stream: the longest answer that does not hold up the others. */
const longestTruthMs = 7 * dayMs;

/** What is no part of the provider's API: what is true, what was asked, and how to ask it. Lives under `/-/`. */
export function createControl(world: World, log: RequestLog, endpoint: () => string): Router {
  const router = Router();
  router.get('/', (_request, response) => {
    response.type('text/html').send(index);
  });
  router.get('/healthy', (_request, response) => {
    response.type('text/plain').send('the simulator is healthy\n');
  });
  router.get('/requests', (_request, response) => {
    response.json({ operations: log.read() });
  });
  router.get('/streams', (_request, response) => {
    response.json({
      streams: world.streams.map(({ name, domain, appName, framesPerSecond, bitsPerSecond }) => {
        return { stream: name, domain, app_name: appName, fps: framesPerSecond, bitrate_bps: bitsPerSecond };
      }),
    });
  });
  router.get('/domains', (_request, response) => {
    response.json({
      domains: world.scenario.domains.map(({ name, appNames }) => ({ domain: name, app_names: appNames })),
    });
  });
  router.get('/config', (_request, response) => {
    response.type('text/yaml').send(toExporterConfig(world, endpoint()));
  });
  router.get('/truth', (request, response) => sendTruth(world, queryOf(request), response));
  return router;
}

const index = `<!doctype html>
<title>simulator</title>
<ul>
<li><a href="/-/streams">/-/streams</a>: names and ordinary values of the streams
<li><a href="/-/domains">/-/domains</a>: names of the domains and their applications
<li>/-/truth?stream=NAME&amp;from=SECONDS&amp;to=SECONDS: what the samples of a stream add up to
<li>/-/truth?domain=NAME&amp;from=SECONDS&amp;to=SECONDS: what was done to the streams of a domain
<li><a href="/-/requests">/-/requests</a>: what was asked
<li><a href="/-/config">/-/config</a>: the exporter's config for all of it
<li><a href="/-/healthy">/-/healthy</a>
</ul>
`;

function sendTruth(world: World, query: URLSearchParams, response: Response): void {
  const from = readSeconds(query.get('from'));
  const to = readSeconds(query.get('to'));
  const tell = toTeller(world, query);
  if (tell === undefined) {
    response.status(404).json({ error: 'no such stream or domain; /-/streams and /-/domains list them' });
  } else if (from === undefined || to === undefined || to < from || to - from > longestTruthMs) {
    response.status(400).json({ error: 'from and to: UNIX seconds, in this order, at most 7 days apart' });
  } else {
    response.json(tell(from, to));
  }
}

/** How to tell what is true of the stream or domain in question; undefined where there is no such. */
function toTeller(world: World, query: URLSearchParams) {
  const { streams, scenario } = world;
  const stream = streams.find(({ name }) => name === query.get('stream'))?.name;
  const domain = scenario.domains.find(({ name }) => name === query.get('domain'))?.name;
  if (stream !== undefined) return (from: EpochMs, to: EpochMs) => streamTruth(world, stream, from, to);
  if (domain !== undefined) return (from: EpochMs, to: EpochMs) => domainTruth(world, domain, from, to);
  return undefined;
}

function streamTruth(world: World, stream: string, from: EpochMs, to: EpochMs): unknown {
  const { samples, observedMs, milliframes, bytes } = world.truthOf(stream, from, to);
  const window = { from: from / secondMs, to: to / secondMs };
  return { stream, ...window, samples, observed_ms: observedMs, milliframes, bytes };
}

function domainTruth(world: World, domain: string, from: EpochMs, to: EpochMs): unknown {
  const actions = world.truthOfActions(domain, from, to).map(({ appName, lastAt, ...truth }) => {
    return { app_name: appName, ...truth, last_at: lastAt / secondMs };
  });
  return { domain, from: from / secondMs, to: to / secondMs, actions };
}

function readSeconds(text: string | null): EpochMs | undefined {
  return text !== null && /^\d{1,10}(\.\d{1,3})?$/.test(text)
    ? Math.round(Number(text) * secondMs)
    : undefined;
}
