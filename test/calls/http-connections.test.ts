import { createServer as createTcpServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { settle } from '../support/manual-clock.ts';
import { client, get, listen, never, serve } from './loopback.ts';

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
