import { getEventListeners, once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { HttpRequest } from '../../src/calls/call.ts';
import { createHttp, type HttpClient, type HttpSettings } from '../../src/calls/http.ts';
import { settle } from '../support/manual-clock.ts';

const never = new AbortController().signal;
const ending: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** On a free port of the loopback, until the end of the test. Gives its origin. */
async function serve(listener: RequestListener): Promise<string> {
  return listen(createServer(listener), (server) => server.closeAllConnections());
}

async function listen<T extends Server | ReturnType<typeof createTcpServer>>(
  server: T,
  cut: (server: T) => void,
) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ending.push(() => {
    cut(server);
    server.close();
  });
  return `http://127.0.0.1:${portOf(server)}`;
}

function portOf(server: Pick<Server, 'address'>): number {
  // A server that listens on TCP has an address with a port.
  return (server.address() as AddressInfo).port;
}

function client(changed: Partial<HttpSettings> = {}): HttpClient {
  const http = createHttp({
    connectTimeoutMs: 2_000,
    headersTimeoutMs: 2_000,
    bodyTimeoutMs: 2_000,
    ...changed,
  });
  ending.push(() => http.close());
  return http;
}

function get(url: string, headers: Record<string, string> = {}): HttpRequest {
  return { method: 'GET', url, headers };
}

/** Answers each request, or closes its connection instead: which, goes by how many there were, the first being 1. */
async function closing(isClosed: (nth: number) => boolean) {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    const name = `connection ${sockets.add(socket).size}`;
    socket.on('error', () => {});
    socket.on('data', () => {
      requests.push(name);
      if (isClosed(requests.length)) socket.end();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell');
    });
  });
  const origin = await listen(server, () => {
    for (const socket of sockets) socket.destroy();
  });
  return { origin, requests };
}

test('an answer is its status, its headers in small letters, and its text', async () => {
  const origin = await serve((request, response) => {
    response.writeHead(418, { 'X-Name': 'first', 'content-type': 'text/plain' });
    response.end(`${request.method} ${request.url} ${request.headers['x-asked']} 直播`);
  });

  const answer = await client().send(get(`${origin}/a/b?c=d%20e&f=g`, { 'x-asked': 'yes' }), never);

  expect(answer).toMatchObject({
    status: 418,
    headers: { 'x-name': 'first', 'content-type': 'text/plain' },
    text: 'GET /a/b?c=d%20e&f=g yes 直播',
  });
});

test('of a repeated header the first one counts', async () => {
  const origin = await serve((_, response) => {
    response.writeHead(
      200,
      [
        ['retry-after', '1'],
        ['x-told', 'first'],
        ['x-told', 'second'],
      ].flat(),
    );
    response.end();
  });

  const { headers } = await client().send(get(origin), never);

  expect(headers).toMatchObject({ 'retry-after': '1', 'x-told': 'first' });
});

test('a request goes where its URL says, whatever the one before it said', async () => {
  const origin = await serve((request, response) => response.end(request.url));
  const other = await serve((_, response) => response.end('other'));
  const { send } = client();
  const asked = (path: string) => send({ ...get(`${origin}${path}`), query: 'x=%20&y=1' }, never);
  const paths = [
    ...['/a?x=1', '/a?x=2', '/b?x=2', '?x=3', '/a', '/a?', '/a?x=1#y', '/a#y?x=1', '/a?x=1?y=2', '/a??x=1'],
    ...[
      '/a b?x=1',
      '/a ?x=1',
      '/a?x=a b',
      "/a?x='",
      '/直?x=1',
      '/a?x=直',
      '/a/../b?x=1',
      '/a?x=../b',
      '/a?x=%20',
    ],
  ];

  for (const path of [...paths, ...paths]) {
    const { pathname, search } = new URL(`${origin}${path}`);
    await expect(send(get(`${origin}${path}`), never)).resolves.toMatchObject({ text: pathname + search });
    await expect(send(get(`${other}${path}`), never)).resolves.toMatchObject({ text: 'other' });
  }
  for (const path of ['', '/a', '/b', '/b']) {
    await expect(asked(path)).resolves.toMatchObject({ text: `${path || '/'}?x=%20&y=1` });
  }
  await expect(send(get('ftp://127.0.0.1/a?x=1'), never)).rejects.toMatchObject({ kind: 'internal' });
  await expect(send(get('http://?x=1'), never)).rejects.toMatchObject({ kind: 'internal' });
});

test('a body is sent along', async () => {
  const origin = await serve(async (request, response) => {
    const sent = await request.setEncoding('utf8').toArray();
    response.end(`${request.method} ${sent.join('')}`);
  });

  const request: HttpRequest = { method: 'POST', url: origin, headers: {}, body: '{"a":1}' };

  await expect(client().send(request, never)).resolves.toMatchObject({ text: 'POST {"a":1}' });
});

test('one connection serves requests that follow each other', async () => {
  const ports = new Set<number | undefined>();
  const origin = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('well');
  });
  const { send } = client();

  for (let i = 0; i < 5; i++) await send(get(origin), never);

  expect(ports.size).toBe(1);
});

test('there are no more connections than requests under way at once', async () => {
  const ports = new Set<number | undefined>();
  const origin = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('well');
  });
  const { send } = client();

  for (let i = 0; i < 5; i++) await Promise.all([1, 2, 3].map(() => send(get(origin), never)));

  expect(ports.size).toBe(3);
});

test('a connection that ends with its answer is replaced by another, also for who asks at once', async () => {
  const ports = new Set<number | undefined>();
  const origin = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.writeHead(200, { connection: 'close' });
    response.end('well');
  });
  const { send } = client();

  for (let i = 0; i < 3; i++) {
    await expect(send(get(origin), never)).resolves.toMatchObject({ text: 'well' });
  }

  expect(ports.size).toBe(3);
});

test('a kept connection that the server had closed costs one more request, and no failure', async () => {
  const { origin, requests } = await closing((nth) => nth === 2);
  const { send } = client();
  await send(get(origin), never);
  await settle();

  await expect(send(get(origin), never)).resolves.toMatchObject({ text: 'well' });

  expect(requests).toEqual(['connection 1', 'connection 1', 'connection 2']);
});

test('one that is closed again is a failure: nothing is sent a third time', async () => {
  const { origin, requests } = await closing((nth) => nth >= 2);
  const { send } = client();
  await send(get(origin), never);
  await settle();

  await expect(send(get(origin), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no whole answer: UND_ERR_SOCKET',
  });

  expect(requests).toEqual(['connection 1', 'connection 1', 'connection 2']);
});

test('a new connection that brings nothing is a failure at once: who retries a call waits for a turn', async () => {
  const { origin, requests } = await closing(() => true);

  await expect(client().send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });

  expect(requests).toEqual(['connection 1']);
});

test('a request that might be harmful when it is read twice is not sent again', async () => {
  const { origin, requests } = await closing((nth) => nth === 2);
  const { send } = client();
  await send(get(origin), never);
  await settle();

  const posted = send({ method: 'POST', url: origin, headers: {}, body: '{}' }, never);

  await expect(posted).rejects.toMatchObject({ kind: 'unavailable' });
  expect(requests).toHaveLength(2);
});

test('no request waits behind another on its connection', async () => {
  const origin = await serve((request, response) => {
    if (request.url === '/fast') response.end('well');
  });
  const { send } = client();
  const stop = new AbortController();
  const slow = send(get(`${origin}/slow`), stop.signal);

  await expect(send(get(`${origin}/fast`), never)).resolves.toMatchObject({ text: 'well' });

  stop.abort(new Error('enough'));
  await expect(slow).rejects.toThrow('enough');
});

test('a redirect is an answer, and is not followed', async () => {
  const urls: (string | undefined)[] = [];
  const origin = await serve((request, response) => {
    urls.push(request.url);
    response.writeHead(302, { location: '/elsewhere' });
    response.end();
  });

  const { status, headers } = await client().send(get(`${origin}/here`), never);

  expect([status, headers.location, urls]).toEqual([302, '/elsewhere', ['/here']]);
});

test('a packed answer is unpacked', async () => {
  const origin = await serve((request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(`asked for ${request.headers['accept-encoding']}`));
  });

  await expect(client().send(get(origin), never)).resolves.toMatchObject({ text: 'asked for gzip' });
});

test.each<[string, RequestListener]>([
  ['of known length', (_, response) => response.end('x'.repeat(100_001))],
  [
    'in pieces without an end',
    (_, response) => {
      const more = () => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    },
  ],
  [
    'packed small',
    (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('x'.repeat(100_001)));
    },
  ],
])('a body %s that is larger than the limit is malformed', async (_, listener) => {
  const origin = await serve(listener);

  const answer = client({ maxBodyBytes: 100_000 }).send(get(origin), never);

  await expect(answer).rejects.toMatchObject({
    kind: 'malformed',
    message: 'the answer is larger than 100000 bytes',
  });
});

test('a body of just the limit is read', async () => {
  const origin = await serve((_, response) => response.end('x'.repeat(100_000)));

  const { text } = await client({ maxBodyBytes: 100_000 }).send(get(origin), never);

  expect(text).toHaveLength(100_000);
});

test('a server that says nothing is unavailable', async () => {
  const origin = await serve(() => {});

  const answer = client({ headersTimeoutMs: 50 }).send(get(origin), never);

  await expect(answer).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no whole answer: UND_ERR_HEADERS_TIMEOUT',
  });
});

test('a server that falls silent amid its answer is unavailable', async () => {
  const origin = await serve((_, response) => response.write('{"ret":'));

  const answer = client({ bodyTimeoutMs: 50 }).send(get(origin), never);

  await expect(answer).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no whole answer: UND_ERR_BODY_TIMEOUT',
  });
});

test('a connection that breaks amid the answer brings no answer', async () => {
  const origin = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"ret":0}', () => response.socket?.resetAndDestroy());
  });

  await expect(client().send(get(origin), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringMatching(/^no whole answer: (ECONNRESET|UND_ERR_SOCKET)$/),
  });
});

test('a port where nobody listens is unavailable, and is tried anew each time', async () => {
  const origin = await serve(() => {});
  for (const end of ending.splice(0)) await end();
  const { send } = client();

  for (let i = 0; i < 3; i++) {
    await expect(send(get(origin), never)).rejects.toMatchObject({
      kind: 'unavailable',
      message: 'no whole answer: ECONNREFUSED',
    });
  }
});

test('what is not HTTP is unavailable', async () => {
  const server = createTcpServer((socket) => socket.end('SSH-2.0-hello\r\n'));
  const origin = await listen(server, () => {});

  await expect(client().send(get(origin), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no whole answer: HTTPParserError',
  });
});

test('an abort rejects with its reason, before the answer and amid it', async () => {
  const origin = await serve((request, response) => {
    if (request.url === '/amid') response.write('{');
    stop.abort(new Error('enough'));
  });
  let stop = new AbortController();
  const { send } = client();

  await expect(send(get(`${origin}/before`), stop.signal)).rejects.toThrow('enough');
  stop = new AbortController();
  await expect(send(get(`${origin}/amid`), stop.signal)).rejects.toThrow('enough');
  await expect(send(get(origin), stop.signal)).rejects.toThrow('enough');
});

test('a request leaves nobody listening on its signal, however it ends', async () => {
  const origin = await serve((_, response) => response.end('well'));
  const { send } = client();
  const { signal } = new AbortController();

  await send(get(origin), signal);
  await expect(send(get('http://127.0.0.1:1/'), signal)).rejects.toMatchObject({ kind: 'unavailable' });

  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('after close nothing is sent, and what was running has ended', async () => {
  const http = client();
  const asked = Promise.withResolvers<void>();
  const origin = await serve(() => asked.resolve());
  const other = await serve((_, response) => response.end('well'));
  const running = http.send(get(origin), never);
  const ended = expect(running).rejects.toMatchObject({ kind: 'unavailable' });
  await asked.promise;

  await http.close();

  await ended;
  await expect(http.send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });
  await expect(http.send(get(other), never)).rejects.toMatchObject({ kind: 'unavailable' });
});

test('no failure shows the URL, a header or the host', async () => {
  const origin = await serve((request, response) => {
    if (request.url?.startsWith('/cut')) response.socket?.destroy();
    if (request.url?.startsWith('/large')) response.end('x'.repeat(1_000));
    if (request.url?.startsWith('/packed')) {
      response.writeHead(200, { 'content-encoding': 'gzip', 'set-cookie': 's3cret' });
      response.end('s3cret');
    }
    if (request.url?.startsWith('/odd')) {
      response.writeHead(200, { 'content-encoding': 's3cret' });
      response.end();
    }
  });
  const { send } = client({ maxBodyBytes: 100, headersTimeoutMs: 50 });
  const urls = [
    ...['cut', 'large', 'packed', 'odd', 'silent'].map((path) => `${origin}/${path}?sign=s3cret`),
    'ftp://s3cret/',
    's3cret',
    'http://s3cret.invalid:1/?sign=s3cret',
  ];

  const failures = await Promise.all(
    urls.map((url) => send(get(url, { authorization: 's3cret' }), never).catch((error: unknown) => error)),
  );

  const kinds = failures.map((error) => (error instanceof Error && 'kind' in error ? error.kind : error));
  expect(kinds).toEqual([
    'unavailable',
    'malformed',
    'malformed',
    'malformed',
    'unavailable',
    'internal',
    'internal',
    'unavailable',
  ]);
  // Shown whole: fields and causes too, as a log might.
  expect(inspect(failures, { depth: 10, showHidden: true })).not.toMatch(/s3cret|127\.0\.0\.1/);
});

/** A proxy that answers by itself. Notes what it was asked for, and with which credentials. */
async function proxy(status = 200) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? 'nobody'}`);
    response.writeHead(status);
    response.end('by proxy');
  });
  server.on('connect', (request, socket) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? 'nobody'}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  return { seen, origin: await listen(server, () => server.closeAllConnections()) };
}

test('a proxy is used for http by HTTP_PROXY, with its credentials, and not for https', async () => {
  const { seen, origin } = await proxy();
  const { send } = client({ env: { HTTP_PROXY: origin.replace('//', '//me:pass@') } });

  await expect(send(get('http://api.invalid/a?b=c'), never)).resolves.toMatchObject({ text: 'by proxy' });
  await expect(send(get('https://127.0.0.1:1/'), never)).rejects.toMatchObject({
    message: 'no whole answer: ECONNREFUSED',
  });

  expect(seen).toEqual(['GET http://api.invalid/a?b=c Basic bWU6cGFzcw==']);
});

test('https goes through a tunnel by https_proxy, and a "no" of the proxy is told as such', async () => {
  const { seen, origin } = await proxy();
  const { send } = client({ env: { https_proxy: origin } });

  await expect(send(get('https://api.invalid/a'), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no whole answer: the proxy said HTTP 502',
  });

  expect(seen).toEqual(['CONNECT api.invalid:443 nobody']);
});

test('a proxy that wants a login is told as such', async () => {
  const { origin } = await proxy(407);

  await expect(
    client({ env: { http_proxy: origin } }).send(get('http://api.invalid/'), never),
  ).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no whole answer: the proxy said HTTP 407',
  });
});

test('NO_PROXY keeps hosts from the proxy, but not from one that was named for the account', async () => {
  const { origin } = await proxy();
  const direct = await serve((_, response) => response.end('direct'));
  const env = { HTTP_PROXY: origin, NO_PROXY: 'example.com,127.0.0.1' };

  await expect(client({ env }).send(get(direct), never)).resolves.toMatchObject({ text: 'direct' });
  await expect(client({ env, proxyUrl: origin }).send(get(direct), never)).resolves.toMatchObject({
    text: 'by proxy',
  });
});

test('the limits hold through a proxy', async () => {
  const origin = await serve(() => {});

  const answer = client({ env: { HTTP_PROXY: origin }, headersTimeoutMs: 50 }).send(
    get('http://api.invalid/'),
    never,
  );

  await expect(answer).rejects.toMatchObject({ message: 'no whole answer: UND_ERR_HEADERS_TIMEOUT' });
});

test('a proxy may be named without a scheme', async () => {
  const { origin } = await proxy();

  const { send } = client({ env: { HTTP_PROXY: origin.replace('http://', '') } });

  await expect(send(get('http://api.invalid/'), never)).resolves.toMatchObject({ text: 'by proxy' });
});

test.each(['socks5://me:s3cret@proxy', 'http://me:s3cret@', 'me:s3cret@:'])(
  'an unusable proxy is said at once, without its URL',
  (proxyUrl) => {
    expect(() => client({ proxyUrl })).toThrow('the proxy URL is none of http or https');
  },
);

test('a proxy URL that undici cannot read is refused with what to do, and is not shown', () => {
  const bad = () => client({ proxyUrl: 'http://us%er:hush@proxy.invalid' });

  expect(bad).toThrow('the proxy URL cannot be read; a % in its user or password has to be written %25');
  expect(bad).not.toThrow(/hush/);
});
