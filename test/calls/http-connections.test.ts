import { once } from 'node:events';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { settle } from '../support/manual-clock.ts';
import { client, get, listen, never, serve } from './loopback.ts';

type End = (socket: Socket) => unknown;

/** How a server ends a connection: as usual, or as one does that was restarted meanwhile. */
const ends: Readonly<Record<string, End>> = {
  closed: (socket) => socket.end(),
  reset: (socket) => socket.resetAndDestroy(),
};

/** Answers each request, or ends its connection instead: which, goes by how many there were, the first being 1. */
async function ending(isEnded: (nth: number) => boolean, end: End = (socket) => socket.end()) {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    const name = `connection ${sockets.add(socket).size}`;
    socket.on('error', () => {});
    socket.on('data', () => {
      requests.push(name);
      if (isEnded(requests.length)) end(socket);
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell');
    });
  });
  const origin = await listen(server, () => {
    for (const socket of sockets) socket.destroy();
  });
  return { origin, requests, sockets };
}

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

describe.each(Object.entries(ends))('a connection that the server has %s', (how, end) => {
  test('costs one more request, and no failure, when it was kept', async () => {
    const { origin, requests } = await ending((nth) => nth === 2, end);
    const { send } = client();
    await send(get(origin), never);
    await settle();

    await expect(send(get(origin), never)).resolves.toMatchObject({ text: 'well' });

    expect(requests).toEqual(['connection 1', 'connection 1', 'connection 2']);
  });

  test('is a failure when it happens again: nothing is sent a third time', async () => {
    const { origin, requests } = await ending((nth) => nth >= 2, end);
    const { send } = client();
    await send(get(origin), never);
    await settle();

    await expect(send(get(origin), never)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `no whole answer: ${how === 'reset' ? 'ECONNRESET' : 'UND_ERR_SOCKET'}`,
    });

    expect(requests).toEqual(['connection 1', 'connection 1', 'connection 2']);
  });

  test('is a failure at once when it is new: who retries a call waits for a turn', async () => {
    const { origin, requests } = await ending(() => true, end);

    await expect(client().send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });

    expect(requests).toEqual(['connection 1']);
  });

  test('is a failure when it is new in place of a kept one', async () => {
    const { origin, requests, sockets } = await ending((nth) => nth === 2, end);
    const { send } = client();
    await send(get(origin), never);
    for (const socket of sockets) socket.end();
    for (const socket of sockets) await once(socket, 'close');

    await expect(send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });

    expect(requests).toEqual(['connection 1', 'connection 2']);
  });

  test('is a failure once an answer has begun', async () => {
    const { origin, requests } = await ending(
      (nth) => nth === 2,
      (socket) => socket.write('HTTP/1.1 2', () => end(socket)),
    );
    const { send } = client();
    await send(get(origin), never);
    await settle();

    await expect(send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });

    expect(requests).toEqual(['connection 1', 'connection 1']);
  });

  test('is a failure for a request that might be harmful when it is read twice', async () => {
    const { origin, requests } = await ending((nth) => nth === 2, end);
    const { send } = client();
    await send(get(origin), never);
    await settle();

    const posted = send({ method: 'POST', url: origin, headers: {}, body: '{}' }, never);

    await expect(posted).rejects.toMatchObject({ kind: 'unavailable' });
    expect(requests).toHaveLength(2);
  });

  test('is no more than an abort, when that comes first', async () => {
    const stop = new AbortController();
    const { origin, requests } = await ending(
      (nth) => nth === 2,
      (socket) => {
        stop.abort(new Error('enough'));
        end(socket);
      },
    );
    const { send } = client();
    await send(get(origin), never);
    await settle();

    await expect(send(get(origin), stop.signal)).rejects.toThrow('enough');

    await expect(send(get(origin), never)).resolves.toMatchObject({ text: 'well' });
    expect(requests).toEqual(['connection 1', 'connection 1', 'connection 2']);
  });
});

test('a kept connection that is reset while a request waits to be sent on it costs nothing', async () => {
  const { origin, requests, sockets } = await ending(() => false);
  const { send } = client();
  await send(get(origin), never);
  // Past the phase of the event loop that reads: the next one comes before what is sent.
  await settle();
  for (const socket of sockets) socket.resetAndDestroy();

  await expect(send(get(origin), never)).resolves.toMatchObject({ text: 'well' });

  expect(requests).toEqual(['connection 1', 'connection 2']);
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
