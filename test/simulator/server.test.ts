import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { asForm, v1Call, v3Call } from './alibaba/caller.ts';
import { quietScenario, scenarioOf, signedQuery, start } from './support.ts';

const clock = { now: () => start };
const good = signedQuery({ from: start - 60_000, to: start, now: start });
const started: Simulator[] = [];

afterEach(async () => {
  for (const simulator of started.splice(0)) await simulator.close();
});

async function startWith(more = '', scenario = quietScenario(more)): Promise<Simulator> {
  const simulator = await startSimulator({ scenario, clock });
  started.push(simulator);
  return simulator;
}

/** Sends raw bytes and returns the response when the server closes the connection. */
async function rawResponse({ port }: Simulator, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes;
  });
  socket.write(request);
  await once(socket, 'close');
  return text;
}

test('responds to a signed request with JSON with all five keys', async () => {
  const { endpoint } = await startWith();

  const response = await fetch(`${endpoint}?${good}`);

  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  const body = await response.json();
  expect(Object.keys(body as object).sort()).toEqual(['errmsg', 'message', 'output', 'ret', 'retcode']);
  expect(body).toMatchObject({ ret: 0, retcode: 0 });
});

test('rejects the sample URL of the page, which contains white space, with "cmd is invalid"', async () => {
  const { endpoint } = await startWith();
  const asOnThePage = `${good}`.replaceAll('&', '%0A%09%09%09&').replaceAll('=', '%20=');

  const response = await fetch(`${endpoint}?${asOnThePage}`);

  expect([response.status, await response.json()]).toEqual([
    200,
    { errmsg: 'cmd is invalid', message: 'cmd is invalid', ret: -1, retcode: -1 },
  ]);
});

test.each([
  ['a cookie', { headers: { cookie: 'skey=1' } }, 403],
  ['a form instead of a query', { method: 'POST', body: good }, 403],
])('responds with 403 to a request with %s', async (_, request, status) => {
  const simulator = await startWith();

  const response = await fetch(`${simulator.endpoint}?${good}`, request);
  await response.text();

  expect(response.status).toBe(status);
  expect(simulator.requests().Get_LivePushStatHistory?.refused).toEqual({ '403': 1 });
});

test('responds with 404 to a request without a Host header and to an unknown path', async () => {
  const simulator = await startWith();

  const raw = await rawResponse(
    simulator,
    `GET /common_access?${good} HTTP/1.1\r\nConnection: close\r\n\r\n`,
  );
  const elsewhere = await fetch(`${simulator.url}/common?${good}`);

  expect(raw.split('\r\n')[0]).toBe('HTTP/1.1 404 Not Found');
  expect([elsewhere.status, await elsewhere.text()]).toEqual([404, 'not found\n']);
});

test('responds with a status, without JSON, or not at all if the story forces it', async () => {
  const forced = async (answer: string) => {
    const { endpoint } = await startWith(`provider: {story: [{at: 0s, answer: ${answer}}]}`);
    return fetch(`${endpoint}?${good}`);
  };

  expect((await forced('503')).status).toBe(503);
  expect(await (await forced('not_json')).text()).toBe('<html><body>Please try again later.</body></html>');
  await expect(forced('reset')).rejects.toThrow('fetch failed');
});

test('closes a hanging connection; a second close is a no-op', async () => {
  const simulator = await startWith('provider: {story: [{at: 0s, answer: hang}]}');
  const socket = connect(simulator.port, '127.0.0.1');
  socket.write(`GET /common_access?${good} HTTP/1.1\r\nHost: simulator\r\n\r\n`);
  const closed = once(socket, 'close');
  // The request has arrived when it is in the log.
  while (simulator.requests().Get_LivePushStatHistory?.refused.hang !== 1) await new Promise(setImmediate);

  await Promise.all([simulator.close(), simulator.close()]);

  await closed;
  expect(socket.bytesRead).toBe(0);
  await expect(fetch(simulator.url)).rejects.toThrow('fetch failed');
});

test('rejects if the port is in use', async () => {
  const { port } = await startWith();

  await expect(startSimulator({ scenario: quietScenario(), clock, port })).rejects.toThrow('EADDRINUSE');
});

test('serves the request log', async () => {
  const { url, endpoint } = await startWith();
  await (await fetch(`${endpoint}?${good}`)).text();
  await (await fetch(`${endpoint}?interface=rm+-rf`)).text();

  expect(await (await fetch(`${url}/-/requests`)).json()).toEqual({
    operations: {
      Get_LivePushStatHistory: {
        calls: 1,
        accepted: 1,
        refused: {},
        rows: 11,
        longestWindowSeconds: 60,
        windowsTooLong: 0,
        mostInOneSecond: 1,
        bySecond: [{ second: 1_700_000_000, accepted: 1, refused: 0 }],
      },
      unknown: {
        calls: 1,
        accepted: 0,
        refused: { 'cmd is invalid': 1 },
        rows: 0,
        longestWindowSeconds: 0,
        windowsTooLong: 0,
        mostInOneSecond: 1,
        bySecond: [{ second: 1_700_000_000, accepted: 0, refused: 1 }],
      },
    },
  });
});

test('serves the totals of a stream as the same integers that the world returns', async () => {
  const { url, world } = await startWith();

  const response = await fetch(`${url}/-/truth?stream=news&from=1700000000&to=1700000060.5`);

  expect(await response.json()).toEqual({
    stream: 'news',
    from: 1_700_000_000,
    to: 1_700_000_060.5,
    samples: 12,
    observed_ms: 60_000,
    milliframes: 1_500_000,
    bytes: 15_000_000,
  });
  expect(world.truthOf('news', start, start + 60_500)).toEqual({
    samples: 12,
    observedMs: 60_000,
    milliframes: 1_500_000,
    bytes: 15_000_000,
  });
});

test.each([
  ['stream=other&from=1&to=2', 404, 'stream or domain not found; see /-/streams and /-/domains'],
  ['domain=other&from=1&to=2', 404, 'stream or domain not found; see /-/streams and /-/domains'],
  ['stream=news', 400, 'invalid from or to; expected UNIX seconds, from <= to, at most 7 days apart'],
  [
    'stream=news&from=2&to=1',
    400,
    'invalid from or to; expected UNIX seconds, from <= to, at most 7 days apart',
  ],
  [
    'stream=news&from=0&to=604801',
    400,
    'invalid from or to; expected UNIX seconds, from <= to, at most 7 days apart',
  ],
  [
    'stream=news&from=now&to=1',
    400,
    'invalid from or to; expected UNIX seconds, from <= to, at most 7 days apart',
  ],
])('rejects a truth request with %s', async (query, status, error) => {
  const { url } = await startWith();

  const response = await fetch(`${url}/-/truth?${query}`);

  expect([response.status, await response.json()]).toEqual([status, { error }]);
});

test('serves the health check, the streams and the exporter config', async () => {
  const scenario = scenarioOf(
    '{name: x, provider: {delay: 1m}, streams: [{name: "0123", app_name: tv, fps: 50}]}',
  );
  const { url, port } = await startWith('', scenario);
  const read = async (path: string) => (await fetch(`${url}${path}`)).text();

  expect(await read('/-/healthy')).toBe('the simulator is healthy\n');
  expect(JSON.parse(await read('/-/streams'))).toEqual({
    streams: [
      { stream: '0123', domain: 'push.example.com', app_name: 'tv', fps: 50, bitrate_bps: 2_500_000 },
    ],
  });
  expect(await read('/-/config')).toBe(`accounts:
  - name: simulator
    provider: tencent
    statcgi:
      app_id: 1234
      key_env: SIMULATOR_STAT_KEY
      endpoint: http://127.0.0.1:${port}/common_access
    expected_delay:
      push_stats: 1m
streams:
  - account: simulator
    stream: "0123"
    domain: push.example.com
    app_name: tv
    expect:
      fps: 50
      bitrate: 2500kbit
      live: true
`);
});

const domains = `
domains:
  - name: play.example.com
    story: [{at: 0s, stream: cam1, action: forbid, times: 2}, {at: 0s, stream: cam2, action: resume}]`;

/** Host of signed requests: the signature includes it. */
const hostOf = ({ port }: Simulator) => `127.0.0.1:${port}`;

test('serves the Alibaba API at the root: by query, form and header', async () => {
  const simulator = await startWith(`alibaba: {delay: 0s}${domains}`);
  const v3 = v3Call({ now: start, but: { host: hostOf(simulator) } });
  const form = asForm(v1Call({ now: start, method: 'POST' }));
  const bodies = [
    await fetch(`${simulator.alibabaEndpoint}/?${v1Call({ now: start }).query}`),
    await fetch(simulator.alibabaEndpoint, {
      method: 'POST',
      headers: [...form.headers].filter(([name]) => name !== 'host'),
      body: Buffer.from(form.body),
    }),
    await fetch(`${simulator.alibabaEndpoint}/?${v3.query}`, { method: 'POST', headers: [...v3.headers] }),
  ].map(async (response) => [response.status, await response.json()]);

  const rows = ['cam1', 'cam1', 'cam2'].map((stream) => ({ StreamName: `play.example.com/live/${stream}` }));
  expect(await Promise.all(bodies)).toMatchObject(
    Array.from({ length: 3 }, () => [200, { ControlInfo: { LiveStreamControlInfo: rows } }]),
  );
  expect(simulator.requests().DescribeLiveStreamsControlHistory).toMatchObject({
    calls: 3,
    accepted: 3,
    rows: 9,
    longestWindowSeconds: 600,
    windowsTooLong: 0,
  });
});

test('logs a rejected request by its code and sets the Date header from the scenario clock', async () => {
  const simulator = await startWith(domains);

  const response = await fetch(`${simulator.url}/?Action=DescribeLiveStreamsControlHistory&Format=JSON`);

  expect(await response.json()).toMatchObject({ Code: 'MissingVersion', HostId: hostOf(simulator) });
  expect(response.headers.get('date')).toBe('Tue, 14 Nov 2023 22:13:20 GMT');
  expect(simulator.requests()).toMatchObject({
    DescribeLiveStreamsControlHistory: { accepted: 0, refused: { MissingVersion: 1 } },
  });
});

test('sets the Date header of statcgi responses from the scenario clock', async () => {
  const simulator = await startWith(domains);

  const response = await fetch(`${simulator.url}/common_access`);

  expect(response.headers.get('date')).toBe('Tue, 14 Nov 2023 22:13:20 GMT');
});

test('truncates a response, or stops in the middle without end', async () => {
  const ask = async (fault: string) => {
    const simulator = await startWith(`alibaba: {story: [{at: 0s, answer: ${fault}}]}${domains}`);
    return fetch(`${simulator.url}/?${v1Call({ now: start }).query}`);
  };

  const truncated = await (await ask('truncated')).text();
  expect(truncated).toMatch(/^\{"ControlInfo":/);
  expect(() => JSON.parse(truncated)).toThrow(SyntaxError);

  const stuck = (await ask('stuck')).body?.getReader();
  const first = await stuck?.read();
  expect(new TextDecoder().decode(first?.value)).toMatch(/^\{"ControlInfo":/);
  await stuck?.cancel();
});

test('rejects a form larger than 64 KiB', async () => {
  const { url } = await startWith(domains);

  const response = await fetch(url, { method: 'POST', body: 'x'.repeat(65_537) });

  expect([response.status, await response.text()]).toEqual([413, 'payload too large\n']);
});

test('serves the domains and the actions on their streams', async () => {
  const { url } = await startWith(domains);
  const read = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();

  expect(await read('/-/domains')).toEqual({
    domains: [{ domain: 'play.example.com', app_names: ['live'] }],
  });
  expect(await read('/-/truth?domain=play.example.com&from=1700000000&to=1700000060')).toEqual({
    domain: 'play.example.com',
    from: 1_700_000_000,
    to: 1_700_000_060,
    actions: [
      { app_name: 'live', stream: 'cam1', action: 'forbid', actions: 2, last_at: 1_700_000_000 },
      { app_name: 'live', stream: 'cam2', action: 'resume', actions: 1, last_at: 1_700_000_000 },
    ],
  });
});
