import { once } from 'node:events';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { settle } from '../support/manual-clock.ts';
import { client, get, listen, never, serve } from './loopback.ts';

type End = (socket: Socket) => unknown;

/** How a server ends a connection: with a FIN, or with an RST as after a restart. */
const ends: Readonly<Record<string, End>> = {
  closes: (socket) => socket.end(),
  resets: (socket) => socket.resetAndDestroy(),
};

/**
 * Starts a server that responds to each request, or ends its connection if `isEnded` holds for its number,
 * from 1.
 */
async function serverEnding(isEnded: (nth: number) => boolean, end: End = (socket) => socket.end()) {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    const name = `connection ${sockets.add(socket).size}`;
    socket.on('error', () => {});
    socket.on('data', () => {
      requests.push(name);
      if (isEnded(requests.length)) end(socket);
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  const origin = await listen(server, () => {
    for (const socket of sockets) socket.destroy();
  });
  return { origin, requests, sockets };
}

test('reuses one connection for sequential requests', async () => {
  const ports = new Set<number | undefined>();
  const origin = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('ok');
  });
  const { send } = client();

  for (let i = 0; i < 5; i++) await send(get(origin), never);

  expect(ports.size).toBe(1);
});

test('opens no more connections than there are concurrent requests', async () => {
  const ports = new Set<number | undefined>();
  const origin = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('ok');
  });
  const { send } = client();

  for (let i = 0; i < 5; i++) await Promise.all([1, 2, 3].map(() => send(get(origin), never)));

  expect(ports.size).toBe(3);
});

test('opens a new connection after a response with Connection: close, even for an immediate request', async () => {
  const ports = new Set<number | undefined>();
  const origin = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.writeHead(200, { connection: 'close' });
    response.end('ok');
  });
  const { send } = client();

  for (let i = 0; i < 3; i++) {
    await expect(send(get(origin), never)).resolves.toMatchObject({ text: 'ok' });
  }

  expect(ports.size).toBe(3);
});

describe.each(Object.entries(ends))('a connection that the server %s', (how, end) => {
  test('is replaced and the GET sent again if it was kept alive', async () => {
    const { origin, requests } = await serverEnding((nth) => nth === 2, end);
    const { send } = client();
    await send(get(origin), never);
    await settle();

    await expect(send(get(origin), never)).resolves.toMatchObject({ text: 'ok' });

    expect(requests).toEqual(['connection 1', 'connection 1', 'connection 2']);
  });

  test('fails the request if it happens again: nothing is sent a third time', async () => {
    const { origin, requests } = await serverEnding((nth) => nth >= 2, end);
    const { send } = client();
    await send(get(origin), never);
    await settle();

    await expect(send(get(origin), never)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `${new URL(origin).host} ${how === 'resets' ? 'reset the connection' : 'closed the connection before its response was complete'}`,
    });

    expect(requests).toEqual(['connection 1', 'connection 1', 'connection 2']);
  });

  test('fails the request immediately if the connection is new: a retry needs a token', async () => {
    const { origin, requests } = await serverEnding(() => true, end);

    await expect(client().send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });

    expect(requests).toEqual(['connection 1']);
  });

  test('fails the request if the connection is new and replaces a closed one', async () => {
    const { origin, requests, sockets } = await serverEnding((nth) => nth === 2, end);
    const { send } = client();
    await send(get(origin), never);
    for (const socket of sockets) socket.end();
    for (const socket of sockets) await once(socket, 'close');

    await expect(send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });

    expect(requests).toEqual(['connection 1', 'connection 2']);
  });

  test('fails the request once a response has started', async () => {
    const { origin, requests } = await serverEnding(
      (nth) => nth === 2,
      (socket) => socket.write('HTTP/1.1 2', () => end(socket)),
    );
    const { send } = client();
    await send(get(origin), never);
    await settle();

    await expect(send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });

    expect(requests).toEqual(['connection 1', 'connection 1']);
  });

  test('fails a request that is not idempotent', async () => {
    const { origin, requests } = await serverEnding((nth) => nth === 2, end);
    const { send } = client();
    await send(get(origin), never);
    await settle();

    const posted = send({ method: 'POST', url: origin, headers: {}, body: '{}' }, never);

    await expect(posted).rejects.toMatchObject({ kind: 'unavailable' });
    expect(requests).toHaveLength(2);
  });

  test('rejects with the abort reason if the abort comes first', async () => {
    const stop = new AbortController();
    const { origin, requests } = await serverEnding(
      (nth) => nth === 2,
      (socket) => {
        stop.abort(new Error('stopping'));
        end(socket);
      },
    );
    const { send } = client();
    await send(get(origin), never);
    await settle();

    await expect(send(get(origin), stop.signal)).rejects.toThrow('stopping');

    await expect(send(get(origin), never)).resolves.toMatchObject({ text: 'ok' });
    expect(requests).toEqual(['connection 1', 'connection 1', 'connection 2']);
  });
});

test('replaces a kept connection that is reset before the request is sent', async () => {
  const { origin, requests, sockets } = await serverEnding(() => false);
  const { send } = client();
  await send(get(origin), never);
  // Leaves the poll phase, so that the reset is processed before the next request is written.
  await settle();
  for (const socket of sockets) socket.resetAndDestroy();

  await expect(send(get(origin), never)).resolves.toMatchObject({ text: 'ok' });

  expect(requests).toEqual(['connection 1', 'connection 2']);
});

test('does not pipeline requests on one connection', async () => {
  const origin = await serve((request, response) => {
    if (request.url === '/fast') response.end('ok');
  });
  const { send } = client();
  const stop = new AbortController();
  const slow = send(get(`${origin}/slow`), stop.signal);

  await expect(send(get(`${origin}/fast`), never)).resolves.toMatchObject({ text: 'ok' });

  stop.abort(new Error('stopping'));
  await expect(slow).rejects.toThrow('stopping');
});
