import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { maxStreamsPerResponse } from '../../src/server/limits.ts';
import { filterParameters, maxSearchLength } from '../../src/server/stream-query.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { StreamDetail } from '../../src/status/stream-detail.ts';
import type { StreamsView } from '../../src/status/streams-view.ts';
import { round, startTestApp } from '../support/app.ts';
import { type JsonSchema, problemsOf } from '../support/json-schema.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { bothProviders, bothProvidersEnv } from '../support/scenarios.ts';
import { forbiddenDomain, startStatusServer } from '../support/status-server.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: { readonly maximum?: number; readonly maxLength?: number };
}

interface Document {
  readonly paths: Readonly<Record<string, { readonly get: { readonly parameters?: readonly Parameter[] } }>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

// The shape of the document, of which only these parts are used.
const document = parse(readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8')) as Document;
const { schemas } = document.components;

/** Requests a path and checks the response with the schema of this name. */
async function checked(base: string | undefined, path: string, schema: string): Promise<unknown> {
  const response = await fetch(new URL(path, base));
  const body: unknown = await response.json();
  expect(problemsOf(body, schemas[schema] ?? {}, schemas), path).toEqual([]);
  return body;
}

test('every response of a daemon that polls both providers is as documented', async () => {
  const clock = createManualClock();
  await using simulator = await startSimulator({ scenario: bothProviders, clock });
  const config = `
accounts:
  - {name: a, provider: tencent, statcgi: {app_id: 1234, key_env: STAT_KEY, endpoint: "${simulator.endpoint}"}}
  - {name: b, provider: alibaba, access_key_id_env: KEY_ID, access_key_secret_env: KEY_SECRET, security_token_env: TOKEN,
     endpoint: "${simulator.alibabaEndpoint}"}
streams:
  - {account: a, stream: news, expect: {fps: 25, live: true}}
  - {account: a, stream: nobody, expect: {live: true}, labels: {channel: one}}
domains: [{account: b, domain: play.example.com}]
`;
  await using daemon = await startTestApp(config, bothProvidersEnv, clock);
  const url = daemon.app.addresses[0]?.url;
  await checked(url, 'api/v1/status', 'Status');
  await checked(url, 'api/v1/streams', 'Streams');
  for (let i = 0; i < 12; i++) await round(daemon, clock);

  await checked(url, 'api/v1/status', 'Status');
  // `checked` has compared the body with the schema.
  const { streams } = (await checked(url, 'api/v1/streams?cursor=', 'Streams')) as StreamsView;
  const detail = (await checked(url, `api/v1/streams/${streams[0]?.key}`, 'StreamDetail')) as StreamDetail;

  expect(streams.map(({ stream, state }) => [stream, state])).toEqual([
    ['news', 'up'],
    ['nobody', 'missing'],
  ]);
  expect(detail.stream.stream).toBe('news');
  expect(detail.requests).toHaveLength(12);
  expect(detail.requests[0]).toMatchObject({ status: 'ok', message: null });
  expect(detail.requests.reduce((sum, { counted }) => sum + counted, 0)).toBe(detail.stream.totals?.samples);
  const due = Date.parse(detail.next_request_at ?? '') - clock.now();
  expect(due).toBeGreaterThanOrEqual(0);
  expect(due).toBeLessThanOrEqual(5_000);
});

test('responses with every state, failures and bans are as documented', async () => {
  const states = ['missing', 'degraded', 'unknown', 'up', 'not_pushed', 'recovered'] as const;
  await using server = await startStatusServer({
    streams: states.map((state) => ({ name: state, state, minutes: 4 })),
    domains: [forbiddenDomain()],
  });

  await checked(server.url, 'api/v1/status', 'Status');
  const { streams } = (await checked(server.url, 'api/v1/streams', 'Streams')) as StreamsView;
  for (const { key } of streams) await checked(server.url, `api/v1/streams/${key}`, 'StreamDetail');
  await checked(server.url, 'api/v1/streams/none', 'Error');
  await checked(server.url, 'api/v1/streams?limit=0', 'Error');

  expect(streams.map(({ state }) => state)).toEqual([...states.slice(0, 5), 'up']);
  expect(schemas.State?.enum).toEqual(states.slice(0, 5));
});

test('documents every path and every query parameter with its limits', () => {
  const { parameters = [] } = document.paths['/api/v1/streams']?.get ?? {};
  const schemaOf = (name: string) => parameters.find((parameter) => parameter.name === name)?.schema;

  expect(Object.keys(document.paths)).toEqual(['/api/v1/status', '/api/v1/streams', '/api/v1/streams/{key}']);
  expect(parameters.map(({ name }) => name).toSorted()).toEqual(
    ['limit', 'cursor', 'offset', ...filterParameters].toSorted(),
  );
  expect(schemaOf('limit')?.maximum).toBe(maxStreamsPerResponse);
  expect(schemaOf('search')?.maxLength).toBe(maxSearchLength);
});

test('every schema that is referred to exists, and every schema is used', () => {
  const text = JSON.stringify(document);
  const used = new Set([...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name));

  expect([...used].toSorted()).toEqual(Object.keys(schemas).toSorted());
});
