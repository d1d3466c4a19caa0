import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { client, endAll, get, listen, never, serve } from './loopback.ts';

test.each<[string, RequestListener]>([
  ['of known length', (_, response) => response.end('x'.repeat(100_001))],
  [
    'of known length, without waiting for it',
    (_, response) => response.writeHead(200, { 'content-length': 100_001 }).write('x'),
  ],
  [
    'of endless chunks',
    (_, response) => {
      const more = () => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    },
  ],
  [
    'with a high compression ratio',
    (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync('x'.repeat(100_001)));
    },
  ],
])('rejects a body %s that exceeds the limit as malformed', async (_, listener) => {
  const origin = await serve(listener);

  const response = client({ maxBodyBytes: 100_000 }).send(get(origin), never);

  await expect(response).rejects.toMatchObject({
    kind: 'malformed',
    message: 'the response is larger than 100000 bytes',
  });
});

test('accepts a body of exactly the maximum size', async () => {
  const origin = await serve((_, response) => response.end('x'.repeat(100_000)));

  const { text } = await client({ maxBodyBytes: 100_000 }).send(get(origin), never);

  expect(text).toHaveLength(100_000);
});

test('applies the maximum size of a request instead of that of the client', async () => {
  const origin = await serve((_, response) => response.end('x'.repeat(200)));
  const { send } = client({ maxBodyBytes: 100 });

  expect((await send({ ...get(origin), maxBodyBytes: 200 }, never)).text).toHaveLength(200);
  await expect(send({ ...get(origin), maxBodyBytes: 199 }, never)).rejects.toMatchObject({
    kind: 'malformed',
  });
  await expect(send(get(origin), never)).rejects.toMatchObject({ kind: 'malformed' });
});

test('reports a server that sends no response as unavailable', async () => {
  const origin = await serve(() => {});

  const response = client({ responseTimeoutMs: 50 }).send(get(origin), never);

  await expect(response).rejects.toMatchObject({
    kind: 'unavailable',
    message: `timeout: ${new URL(origin).host} sent no response`,
  });
});

test('reports a server that stalls during its response as unavailable', async () => {
  const origin = await serve((_, response) => response.write('{"ret":'));

  const response = client({ responseTimeoutMs: 50 }).send(get(origin), never);

  await expect(response).rejects.toMatchObject({
    kind: 'unavailable',
    message: `timeout: ${new URL(origin).host} sent only a part of its response`,
  });
});

test.each([
  ['ends the connection in the middle of a chunk', 'Connection: close\r\n\r\n20\r\n{"ret":0'],
  ['ends the connection between two chunks', 'Connection: close\r\n\r\n8\r\n{"ret":0\r\n'],
  ['sends an invalid chunk', '\r\n8\r\n{"ret":0\r\nnot a size\r\n'],
])('does not blame the endpoint if a server %s: it does speak HTTP', async (_, rest) => {
  const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${rest}`;
  const server = createTcpServer((socket) =>
    socket.on('error', () => {}).once('data', () => socket.end(answer)),
  );
  const origin = await listen(server, () => {});

  await expect(client().send(get(origin), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `${new URL(origin).host} sent an incomplete or invalid response`,
  });
});

test('reports a connection that is reset during the response as unavailable', async () => {
  const origin = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{"ret":0}', () => response.socket?.resetAndDestroy());
  });

  await expect(client().send(get(origin), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringMatching(
      /^127\.0\.0\.1:\d+ (reset the connection|closed the connection before its response was complete)$/,
    ),
  });
});

test('reports a refused connection as unavailable and reconnects for each request', async () => {
  const origin = await serve(() => {});
  await endAll();
  const { send } = client();

  for (let i = 0; i < 3; i++) {
    await expect(send(get(origin), never)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `${new URL(origin).host} refused the connection`,
    });
  }
});

test('reports a protocol other than HTTP as unavailable', async () => {
  const server = createTcpServer((socket) => socket.end('SSH-2.0-hello\r\n'));
  const origin = await listen(server, () => {});

  await expect(client().send(get(origin), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `${new URL(origin).host} does not speak HTTP: check scheme and port of the endpoint`,
  });
});

test('shows no path, query, header or credentials in a failure', async () => {
  const origin = await serve((request, response) => {
    if (request.url?.startsWith('/cut')) response.socket?.destroy();
    if (request.url?.startsWith('/large')) response.end('x'.repeat(1_000));
    if (request.url?.startsWith('/gzip')) {
      response.writeHead(200, { 'content-encoding': 'gzip', 'set-cookie': 's3cret' });
      response.end('s3cret');
    }
    if (request.url?.startsWith('/encoding')) {
      response.writeHead(200, { 'content-encoding': 's3cret' });
      response.end();
    }
  });
  const { send } = client({ maxBodyBytes: 100, responseTimeoutMs: 50 });
  const urls = [
    ...['cut', 'large', 'gzip', 'encoding', 'silent'].map((path) => `${origin}/${path}?sign=s3cret`),
    'ftp://s3cret/',
    's3cret',
    'http://me:s3cret@host.invalid:1/?sign=s3cret',
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
  // Includes hidden fields and causes, which a log can print.
  expect(inspect(failures, { depth: 10, showHidden: true })).not.toMatch(/s3cret/);
});
