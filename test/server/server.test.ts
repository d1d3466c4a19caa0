import { expect, test } from 'vitest';
import type { StreamsQuery } from '../../src/status/streams-view.ts';
import { freePort } from '../support/free-port.ts';
import { request, sendRaw, start, statusView, streamsView } from './start.ts';

test('responds to health and readiness checks with the reason in one line', async () => {
  const { url } = await start({
    healthy: () => ({ ok: true, reason: 'all collectors make progress' }),
    ready: () => ({ ok: false, reason: 'loading the state' }),
  });

  const healthy = await request(`${url}/-/healthy`);
  const ready = await request(`${url}/-/ready`);

  expect([healthy.status, healthy.text]).toEqual([200, 'all collectors make progress\n']);
  expect([ready.status, ready.text]).toEqual([503, 'loading the state\n']);
  expect(ready.headers['content-type']).toBe('text/plain; charset=utf-8');
});

test('returns the status as JSON that must not be cached', async () => {
  const { url } = await start();

  const { status, headers, text } = await request(`${url}/api/v1/status`);

  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['cache-control']).toBe('no-store');
  expect(JSON.parse(text)).toEqual(statusView());
});

test.each([
  ['', { limit: 100, from: { offset: 0 }, filter: {} }],
  ['?limit=200&offset=1500', { limit: 200, from: { offset: 1500 }, filter: {} }],
  ['?cursor=', { limit: 100, from: { cursor: '' }, filter: {} }],
  [
    '?state=missing,degraded&search=%20Cam%201&account=a&provider=tencent&domain=d&app_name=&stream=s',
    {
      limit: 100,
      from: { offset: 0 },
      filter: {
        states: ['missing', 'degraded'],
        search: 'Cam 1',
        account: 'a',
        provider: 'tencent',
        domain: 'd',
        app_name: '',
        stream: 's',
      },
    },
  ],
  ['?state=&search=', { limit: 100, from: { offset: 0 }, filter: {} }],
  ['?limit=200&cursor=WyJhIl0', { limit: 200, from: { cursor: 'WyJhIl0' }, filter: {} }],
])('returns a page of the streams: %j', async (query, expected) => {
  const queries: StreamsQuery[] = [];
  const { url } = await start({
    streams: async (streamsQuery) => {
      queries.push(streamsQuery);
      return streamsView([]);
    },
  });

  const { status, headers } = await request(`${url}/api/v1/streams${query}`);

  expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  expect(queries).toEqual([expected]);
});

test.each([
  ['limit=0', 'limit: expected an integer from 1 to 200'],
  ['limit=201', 'limit: expected an integer from 1 to 200'],
  ['limit=', 'limit: expected an integer from 1 to 200'],
  ['limit=1&limit=2', 'limit: expected an integer from 1 to 200'],
  ['offset=-1', 'offset: expected a non-negative integer'],
  ['offset=1e3', 'offset: expected a non-negative integer'],
  ['cursor=&offset=0', 'cursor and offset: expected only one of them'],
  ['cursor=a&cursor=b', 'cursor: expected next_cursor of an earlier response, or nothing for the first page'],
  [
    'ofset=1',
    'unknown query parameter (supported: limit, cursor, offset, account, provider, domain, app_name, stream, state, search)',
  ],
  [
    'state=down',
    'state: expected one or more of missing, degraded, unknown, up, not_pushed, separated by commas',
  ],
  [
    'state=up&state=up',
    'state: expected one or more of missing, degraded, unknown, up, not_pushed, separated by commas',
  ],
  ['account=a&account=b', 'account: expected only one value'],
  [`search=${'a'.repeat(201)}`, 'search: expected one text of at most 200 characters'],
])('rejects an invalid page: %s', async (query, error) => {
  const { url } = await start({ streams: () => expect.unreachable() });

  const { status, text } = await request(`${url}/api/v1/streams?${query}`);

  expect([status, JSON.parse(text)]).toEqual([400, { error }]);
});

test('rejects a cursor that no response contained', async () => {
  const { url } = await start({ streams: async () => undefined });

  const { status, headers, text } = await request(`${url}/api/v1/streams?cursor=x`);

  expect([status, headers['cache-control']]).toEqual([400, 'no-store']);
  expect(JSON.parse(text).error).toContain('cursor: expected next_cursor of an earlier response');
});

test('responds with 404 and a reason to the key of no stream', async () => {
  const { url } = await start();

  const json = await request(`${url}/api/v1/streams/a2V5`);
  const page = await request(`${url}/streams/a2V5`, 'GET', { 'Accept-Language': 'zh' });

  expect([json.status, JSON.parse(json.text)]).toEqual([404, { error: 'there is no stream with this key' }]);
  expect(page.status).toBe(404);
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.text).toContain('<p>没有此 key 对应的流。该流可能已不在配置中。</p>');
  expect(page.text).toContain('<a href="../">← 所有流</a>');
});

test('forbids a reload without the lifecycle flag, and names the flag', async () => {
  const { url } = await start();

  const { status, text } = await request(`${url}/-/reload`, 'POST');

  expect(status).toBe(403);
  expect(text).toBe(
    'lifecycle API is not enabled (start the exporter with --web.enable-lifecycle, or send SIGHUP to reload)\n',
  );
});

test.each([
  ['http://evil.example', 403],
  ['null', 403],
  ['https://HOST', 200],
  ['http://HOST', 200],
])('answers a reload from a page at %s with %i', async (origin, status) => {
  let reloads = 0;
  const reload = async () => {
    reloads += 1;
    return [];
  };
  const { url, port } = await start({ reload });
  const headers = { origin: origin.replace('HOST', `127.0.0.1:${port}`) };

  expect((await request(`${url}/-/reload`, 'POST', headers)).status).toBe(status);
  expect(reloads).toBe(status === 200 ? 1 : 0);
});

test('accepts a reload from a page at the external URL, whatever Host a proxy sends', async () => {
  const { url } = await start({ reload: async () => [], externalUrl: 'https://monitoring.example/live' });
  const statusFrom = async (origin: string) =>
    (await request(`${url}/-/reload`, 'POST', { origin, host: 'upstream' })).status;

  expect(await statusFrom('https://monitoring.example')).toBe(200);
  expect(await statusFrom('http://monitoring.example')).toBe(403);
  expect(await statusFrom('https://monitoring.example.evil.example')).toBe(403);
});

test('reports a successful reload, or all diagnostics of a failed one', async () => {
  const outcomes = [[], ['live.yaml:5:9: streams: expected a list', 'live.yaml:6:1: strams: unknown key']];
  const { url } = await start({ reload: async () => outcomes.shift() ?? [] });

  const good = await request(`${url}/-/reload`, 'POST');
  const bad = await request(`${url}/-/reload`, 'POST');

  expect([good.status, good.text]).toEqual([200, 'config reloaded\n']);
  expect(bad.status).toBe(500);
  expect(bad.text).toBe(
    'reload failed, the previous config stays active:\nlive.yaml:5:9: streams: expected a list\nlive.yaml:6:1: strams: unknown key\n',
  );
});

test.each([
  ['GET', '/-/reload', 'POST'],
  ['POST', '/metrics', 'GET, HEAD'],
  ['DELETE', '/', 'GET, HEAD'],
  ['OPTIONS', '/api/v1/status', 'GET, HEAD'],
])('responds to %s %s with 405 and the allowed methods', async (method, path, allow) => {
  const { url } = await start({ reload: async () => [] });

  const { status, headers, text } = await request(`${url}${path}`, method);

  expect([status, headers.allow, text]).toEqual([405, allow, `method not allowed (allowed: ${allow})\n`]);
});

test.each([
  '/nothing',
  '/METRICS',
  '/metrics/',
  '/-/',
  '/%',
  '/%00',
  '//metrics',
  '/api/v1/streams/1/2',
  '/streams/',
])('responds to %s with 404 without repeating the path', async (path) => {
  const { url } = await start();

  const { status, headers, text } = await request(`${url}${path}`);

  expect([status, text]).toEqual([404, 'not found\n']);
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
});

test.each(['/streams/%ff', '/api/v1/streams/%E0%A4%A'])(
  'answers %s, which is no UTF-8, with 400, and logs nothing',
  async (path) => {
    const { url, lines } = await start();

    const { status, text } = await request(`${url}${path}`);

    expect([status, text]).toEqual([400, 'malformed URL\n']);
    expect(lines).toEqual([]);
  },
);

test.each([
  ['GET /metrics HTTP/1.1\r\n\r\n', 400, 'got 0'],
  ['GET /metrics HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n', 400, 'got 2'],
  ['GET /metrics HTTP/1.0\r\n\r\n', 200, 'up 1'],
])('answers %j, with its number of Host headers, with %i', async (text, status, expected) => {
  const { port } = await start();

  const response = await sendRaw(port, text);

  expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(response).toContain(expected);
});

test('adds the security headers to every response', async () => {
  const { url } = await start();

  for (const path of ['/', '/metrics', '/api/v1/status', '/nothing']) {
    const { headers } = await request(`${url}${path}`);

    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-powered-by']).toBeUndefined();
  }
});

test('responds with 500 without details and logs one error if a handler fails', async () => {
  const fail = () => Promise.reject(new Error('no such ledger'));
  const { url, lines } = await start({ overview: fail, status: fail });

  const page = await request(`${url}/`);
  const json = await request(`${url}/api/v1/status`);

  expect([page.status, json.status]).toEqual([500, 500]);
  expect(page.text + json.text).not.toContain('ledger');
  expect(lines.map(({ fields }) => fields?.path)).toEqual(['/', '/api/v1/status']);
});

test('listens on several addresses and returns each bound port', async () => {
  const { server } = await start({ listenAddresses: ['127.0.0.1:0', '127.0.0.1:0'] });

  const texts = await Promise.all(server.addresses.map(({ url }) => request(`${url}-/healthy`)));

  expect(texts.map(({ text }) => text)).toEqual(['healthy\n', 'healthy\n']);
  expect(new Set(server.addresses.map(({ port }) => port)).size).toBe(2);
});

test('names an address in use, and closes the addresses opened before', async () => {
  const { port } = await start();
  const taken = `127.0.0.1:${port}`;
  const free = `127.0.0.1:${await freePort()}`;

  await expect(start({ listenAddresses: [free, taken] })).rejects.toThrow(
    `cannot listen on ${taken}: address already in use; stop the other process, or choose another address with --web.listen-address`,
  );

  await expect(start({ listenAddresses: [free] })).resolves.toBeDefined();
});

test.each([
  ['metrics', '--web.telemetry-path must start with /'],
  ['/', '--web.telemetry-path / is reserved by the exporter'],
  ['/-/ready', '--web.telemetry-path /-/ready is reserved by the exporter'],
  ['/streams/a', '--web.telemetry-path /streams/a is reserved by the exporter'],
  ['//metrics', '--web.telemetry-path must not contain an empty part, . or ..'],
  ['/a/../b', '--web.telemetry-path must not contain an empty part, . or ..'],
  ['/m{etrics}', '--web.telemetry-path can contain only letters, digits and . / _ ~ -'],
])('rejects the telemetry path %s', async (telemetryPath, message) => {
  await expect(start({ telemetryPath })).rejects.toThrow(message);
});

test('serves and links a custom telemetry path instead of /metrics', async () => {
  const { url } = await start({ telemetryPath: '/live/metrics' });

  expect((await request(`${url}/live/metrics`)).text).toBe('up 1\n');
  expect((await request(`${url}/metrics`)).status).toBe(404);
  expect((await request(`${url}/`)).text).toContain('<a href="./live/metrics">');
});
