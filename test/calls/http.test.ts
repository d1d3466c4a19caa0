import { getEventListeners } from 'node:events';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { HttpRequest } from '../../src/calls/call.ts';
import { client, get, never, serve } from './loopback.ts';

test('returns the status, the headers with lower-case names and the text', async () => {
  const origin = await serve((request, response) => {
    response.writeHead(418, { 'X-Name': 'first', 'content-type': 'text/plain' });
    response.end(`${request.method} ${request.url} ${request.headers['x-request']} 直播`);
  });

  const answer = await client().send(get(`${origin}/a/b?c=d%20e&f=g`, { 'x-request': 'yes' }), never);

  expect(answer).toMatchObject({
    status: 418,
    headers: { 'x-name': 'first', 'content-type': 'text/plain' },
    text: 'GET /a/b?c=d%20e&f=g yes 直播',
  });
});

test('returns the first value of a repeated header', async () => {
  const origin = await serve((_, response) => {
    response.writeHead(
      200,
      [
        ['retry-after', '1'],
        ['x-repeated', 'first'],
        ['x-repeated', 'second'],
      ].flat(),
    );
    response.end();
  });

  const { headers } = await client().send(get(origin), never);

  expect(headers).toMatchObject({ 'retry-after': '1', 'x-repeated': 'first' });
});

test('sends each request to its own URL', async () => {
  const origin = await serve((request, response) => response.end(request.url));
  const other = await serve((_, response) => response.end('other'));
  const { send } = client();
  const sendWithQuery = (path: string) => send({ ...get(`${origin}${path}`), query: 'x=%20&y=1' }, never);
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
    await expect(sendWithQuery(path)).resolves.toMatchObject({ text: `${path || '/'}?x=%20&y=1` });
  }
  await expect(send(get('ftp://127.0.0.1/a?x=1'), never)).rejects.toMatchObject({ kind: 'internal' });
  await expect(send(get('http://?x=1'), never)).rejects.toMatchObject({ kind: 'internal' });
});

test('sends a body', async () => {
  const origin = await serve(async (request, response) => {
    const sent = await request.setEncoding('utf8').toArray();
    response.end(`${request.method} ${sent.join('')}`);
  });

  const request: HttpRequest = { method: 'POST', url: origin, headers: {}, body: '{"a":1}' };

  await expect(client().send(request, never)).resolves.toMatchObject({ text: 'POST {"a":1}' });
});

test('returns a redirect and does not follow it', async () => {
  const urls: (string | undefined)[] = [];
  const origin = await serve((request, response) => {
    urls.push(request.url);
    response.writeHead(302, { location: '/elsewhere' });
    response.end();
  });

  const { status, headers } = await client().send(get(`${origin}/here`), never);

  expect([status, headers.location, urls]).toEqual([302, '/elsewhere', ['/here']]);
});

test('requests that no cache answers', async () => {
  const origin = await serve((request, response) => response.end(request.headers['cache-control']));

  await expect(client().send(get(origin), never)).resolves.toMatchObject({ text: 'no-cache' });
});

test('decompresses a gzip response', async () => {
  const origin = await serve((request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(`accepts ${request.headers['accept-encoding']}`));
  });

  await expect(client().send(get(origin), never)).resolves.toMatchObject({ text: 'accepts gzip' });
});

test('rejects with the abort reason before and during the response', async () => {
  const origin = await serve((request, response) => {
    if (request.url === '/during') response.write('{');
    stop.abort(new Error('stopping'));
  });
  let stop = new AbortController();
  const { send } = client();

  await expect(send(get(`${origin}/before`), stop.signal)).rejects.toThrow('stopping');
  stop = new AbortController();
  await expect(send(get(`${origin}/during`), stop.signal)).rejects.toThrow('stopping');
  await expect(send(get(origin), stop.signal)).rejects.toThrow('stopping');
});

test('leaves no listener on the signal after a success or a failure', async () => {
  const origin = await serve((_, response) => response.end('ok'));
  const { send } = client();
  const { signal } = new AbortController();

  await send(get(origin), signal);
  await expect(send(get('http://127.0.0.1:1/'), signal)).rejects.toMatchObject({ kind: 'unavailable' });

  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('closes active connections and sends nothing after close', async () => {
  const http = client();
  const received = Promise.withResolvers<void>();
  const origin = await serve(() => received.resolve());
  const other = await serve((_, response) => response.end('ok'));
  const running = http.send(get(origin), never);
  const ended = expect(running).rejects.toMatchObject({ kind: 'unavailable' });
  await received.promise;

  await http.close();

  await ended;
  await expect(http.send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });
  await expect(http.send(get(other), never)).rejects.toMatchObject({ kind: 'unavailable' });
});
