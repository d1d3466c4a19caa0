import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { client, endAll, get, listen, never, serve } from './loopback.ts';

/** Starts a proxy that replies itself. Records each request line with its credentials. */
async function proxy(status = 200, responseHeaders: OutgoingHttpHeaders = {}) {
  const requests: string[] = [];
  const record = (method = '', url = '', headers: IncomingHttpHeaders = {}) =>
    void requests.push(`${method} ${url} ${headers['proxy-authorization'] ?? 'no credentials'}`);
  const server = createServer((request, response) => {
    record(request.method, request.url, request.headers);
    response.writeHead(status, responseHeaders);
    response.end('by proxy');
  });
  server.on('connect', (request, socket) => {
    record(request.method, request.url, request.headers);
    socket.end(`HTTP/1.1 ${status === 200 ? 502 : status} Rejected\r\n\r\n`);
  });
  const origin = await listen(server, () => server.closeAllConnections());
  return { requests, origin, name: new URL(origin).host };
}

test('uses HTTP_PROXY with its credentials for http and not for https', async () => {
  const { requests, origin } = await proxy();
  const { send } = client({ env: { HTTP_PROXY: origin.replace('//', '//me:pass@') } });

  await expect(send(get('http://api.invalid/a?b=c'), never)).resolves.toMatchObject({ text: 'by proxy' });
  await expect(send(get('https://127.0.0.1:1/'), never)).rejects.toMatchObject({
    message: '127.0.0.1:1 refused the connection',
  });

  expect(requests).toEqual(['GET http://api.invalid/a?b=c Basic bWU6cGFzcw==']);
});

test('names the host of the provider in the Host header, and itself only in the URL', async () => {
  const hosts: (string | undefined)[] = [];
  const origin = await serve((request, response) => {
    hosts.push(request.headers.host, request.url);
    response.end();
  });

  await client({ env: { HTTP_PROXY: origin } }).send(get('http://api.invalid:8080/a'), never);

  expect(hosts).toEqual(['api.invalid:8080', 'http://api.invalid:8080/a']);
});

test('says which proxy forwarded a request, because it can have sent the response itself', async () => {
  const { origin, name } = await proxy(403);
  const direct = await serve((_, response) => response.end());
  const { send } = client({ env: { HTTP_PROXY: origin } });

  await expect(send(get('http://api.invalid/'), never)).resolves.toMatchObject({ status: 403, proxy: name });
  expect(await send(get(direct), never)).not.toHaveProperty('proxy');
});

test('tunnels https through https_proxy and reports a rejected CONNECT', async () => {
  const { requests, origin, name } = await proxy();
  const { send } = client({ env: { https_proxy: origin } });

  await expect(send(get('https://api.invalid/a'), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `proxy ${name} cannot connect to api.invalid:443 (HTTP 502)`,
  });

  expect(requests).toEqual(['CONNECT api.invalid:443 no credentials']);
});

describe.each([
  ['http', 'api.invalid', 'HTTP_PROXY'],
  ['https', 'api.invalid:443', 'HTTPS_PROXY'],
] as const)('for %s', (scheme, target, variable) => {
  const send = (origin: string) =>
    client({ env: { [variable]: origin } }).send(get(`${scheme}://api.invalid/`), never);

  test('reports a proxy that requires credentials', async () => {
    const { origin, name } = await proxy(407);

    await expect(send(origin)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `proxy ${name} requires credentials: set user and password in the proxy URL (HTTP 407)`,
    });
  });

  test('reports a proxy that rejects the credentials, without them', async () => {
    const { origin, name } = await proxy(407);

    const failure = await send(origin.replace('//', '//me:hush@')).catch((error: unknown) => error);

    expect(failure).toMatchObject({
      kind: 'unavailable',
      message: `proxy ${name} rejected the credentials: check user and password in the proxy URL (HTTP 407)`,
    });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/hush/);
  });

  test.each<[number, string]>([
    [403, `does not allow requests to ${target}: allow the host in the proxy, or add it to NO_PROXY`],
    [502, `cannot connect to ${target}`],
    [504, `cannot connect to ${target}`],
    [405, `rejected the request for ${target}: check that it is an HTTP proxy`],
  ])('reports status %d of the proxy itself as a failure of the proxy', async (status, text) => {
    const { origin, name } = await proxy(status, { 'proxy-status': 'corp; error=destination_denied' });

    await expect(send(origin)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `proxy ${name} ${text} (HTTP ${status})`,
    });
  });

  test('reports a proxy that refuses the connection', async () => {
    const { origin, name } = await proxy();
    await endAll();

    await expect(send(origin)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `proxy ${name} refused the connection`,
    });
  });

  test('reports a proxy whose name does not resolve', async () => {
    await expect(send('http://me:hush@proxy.invalid:3128')).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(/^cannot resolve proxy proxy\.invalid(: the name server .*)?$/),
    });
  });

  test('reports a proxy that closes the connection', async () => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.end()));
    const origin = await listen(server, () => {});

    await expect(send(origin)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `proxy ${new URL(origin).host} closed the connection before its response was complete`,
    });
  });

  test('reports a proxy that does not answer', async () => {
    const server = createServer(() => {});
    server.on('connect', () => {});
    const origin = await listen(server, () => server.closeAllConnections());
    const { send: sendSoon } = client({
      env: { [variable]: origin },
      connectTimeoutMs: 50,
      responseTimeoutMs: 50,
    });

    await expect(sendSoon(get(`${scheme}://api.invalid/`), never)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `timeout: proxy ${new URL(origin).host} sent no response`,
    });
  });
});

test.each([
  ['X-Squid-Error', { 'x-squid-error': 'ERR_ACCESS_DENIED 0', via: '1.1 corp (squid/5.7)' }],
  ['Proxy-Status with an error', { 'proxy-status': 'corp; error="http_request_denied"' }],
])('recognizes the error of a forwarding proxy by %s', async (_, headers) => {
  const { origin, name } = await proxy(403, headers);

  const response = client({ env: { HTTP_PROXY: origin } }).send(get('http://api.invalid/'), never);

  await expect(response).rejects.toMatchObject({
    kind: 'unavailable',
    message: `proxy ${name} does not allow requests to api.invalid: allow the host in the proxy, or add it to NO_PROXY (HTTP 403)`,
  });
});

test.each([
  ['Via', { via: '1.1 corp (squid/5.7)' }],
  ['Proxy-Status without an error', { 'proxy-status': 'corp; received-status=403' }],
])('leaves an error with %s to the provider, who can have sent it', async (_, headers) => {
  const { origin } = await proxy(403, headers);

  const response = client({ env: { HTTP_PROXY: origin } }).send(get('http://api.invalid/'), never);

  await expect(response).resolves.toMatchObject({ status: 403 });
});

test('reports a proxy on the way that requires credentials, if none is configured', async () => {
  const origin = await serve((_, response) => {
    response.writeHead(407, { 'proxy-authenticate': 'Basic' });
    response.end();
  });

  await expect(client().send(get(origin), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `a proxy before ${new URL(origin).host} requires credentials: set HTTP_PROXY, HTTPS_PROXY or proxy_url_env to the URL of the proxy, with user and password (HTTP 407)`,
  });
});

test('bypasses the proxy for hosts in NO_PROXY, but not a proxy that is configured for the account', async () => {
  const { origin } = await proxy();
  const env = { HTTP_PROXY: origin, NO_PROXY: 'example.com,api.invalid' };

  await expect(client({ env }).send(get('http://api.invalid/'), never)).rejects.toThrow(
    'cannot resolve api.invalid',
  );
  await expect(
    client({ env, proxyUrl: origin }).send(get('http://api.invalid/'), never),
  ).resolves.toMatchObject({
    text: 'by proxy',
  });
});

test('sends requests to this machine directly, whatever proxy is set', async () => {
  const { origin, requests } = await proxy();
  const direct = await serve((_, response) => response.end('direct'));

  for (const settings of [{ env: { HTTP_PROXY: origin } }, { proxyUrl: origin }]) {
    await expect(client(settings).send(get(direct), never)).resolves.toMatchObject({ text: 'direct' });
  }

  expect(requests).toEqual([]);
});

test('applies the timeouts through a proxy', async () => {
  const origin = await serve(() => {});

  const response = client({ env: { HTTP_PROXY: origin }, responseTimeoutMs: 50 }).send(
    get('http://api.invalid/'),
    never,
  );

  await expect(response).rejects.toMatchObject({
    message: `timeout: proxy ${new URL(origin).host} sent no response`,
  });
});

test('accepts a proxy without a scheme', async () => {
  const { origin } = await proxy();

  const { send } = client({ env: { HTTP_PROXY: origin.replace('http://', '') } });

  await expect(send(get('http://api.invalid/'), never)).resolves.toMatchObject({ text: 'by proxy' });
});

test('reuses its connection to the proxy, and replaces one that the proxy has closed', async () => {
  const ports = new Set<number | undefined>();
  const server = createServer((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('ok');
  });
  const { send } = client({ env: { HTTP_PROXY: await listen(server, () => server.closeAllConnections()) } });

  for (let i = 0; i < 3; i++) await send(get('http://api.invalid/'), never);
  expect(ports.size).toBe(1);
  server.closeAllConnections();

  await expect(send(get('http://api.invalid/'), never)).resolves.toMatchObject({ text: 'ok' });
  expect(ports.size).toBe(2);
});
