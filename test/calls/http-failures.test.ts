import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { client, endAll, get, listen, never, serve } from './loopback.ts';

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
  await endAll();
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
