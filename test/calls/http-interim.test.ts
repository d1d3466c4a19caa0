import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { settle } from '../support/manual-clock.ts';
import { client, get, listen, never } from './loopback.ts';

const final = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Starts a server that writes the parts of `respond` for each request, one packet each. */
async function serveRaw(
  respond: (nth: number) => readonly string[],
  end: (socket: Socket) => unknown = () => {},
) {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay(true));
    socket.on('error', () => {});
    socket.on('data', async () => {
      for (const part of respond(++requests)) {
        socket.write(part);
        await settle();
      }
      end(socket);
    });
  });
  const origin = await listen(server, () => {
    for (const socket of sockets) socket.destroy();
  });
  return { origin, sockets, requests: () => requests };
}

describe.each<[string, readonly string[]]>([
  ['100', ['HTTP/1.1 100 Continue\r\n\r\n']],
  ['100 without a reason', ['HTTP/1.1 100\r\n\r\n']],
  ['100 of HTTP/1.0', ['HTTP/1.0 100 Continue\r\n\r\n']],
  ['100 with headers', ['HTTP/1.1 100 Continue\r\nX-Gateway: a\r\nDate: now\r\n\r\n']],
  ['100 twice', ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n']],
  ['102', ['HTTP/1.1 102 Processing\r\n\r\n']],
  ['103', ['HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n']],
  ['100, then 103', ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\n\r\n']],
  ['103, then 100', ['HTTP/1.1 103 Early Hints\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n']],
])('a response after %s', (_, interim) => {
  test.each<[string, (text: string) => readonly string[]]>([
    ['in one packet', (text) => [text]],
    ['in packets of one byte', (text) => [...text]],
    ['in packets of their own', () => [...interim, final]],
  ])('is received %s, on a connection that stays open', async (_, toParts) => {
    const { origin, sockets } = await serveRaw(() => toParts(interim.join('') + final));
    const { send } = client();

    for (let i = 0; i < 3; i++) {
      await expect(send(get(origin), never)).resolves.toMatchObject({ status: 200, text: 'ok' });
    }

    expect(sockets.size).toBe(1);
  });
});

test('leaves a body that looks like an interim response as it is', async () => {
  const body = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100';
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`;
  const { origin } = await serveRaw(() => [head, body]);

  await expect(client().send(get(origin), never)).resolves.toMatchObject({ text: body });
});

test.each([
  ['ends', ['HTTP/1.1 100 Continue\r\n\r\n']],
  ['ends within it', ['HTTP/1.1 100 Conti']],
])('fails if the connection %s after an interim response, and sends the request once', async (_, parts) => {
  const { origin, requests } = await serveRaw(
    () => parts,
    (socket) => socket.end(),
  );

  await expect(client().send(get(origin), never)).rejects.toMatchObject({
    kind: 'unavailable',
    message: `${new URL(origin).host} closed the connection before its response was complete`,
  });

  expect(requests()).toBe(1);
});

test.each([
  ['too long', [`HTTP/1.1 100 Continue\r\nX: ${'x'.repeat(20_000)}`]],
  [
    'a switch of protocols',
    ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ],
])('fails if the interim response is %s', async (_, parts) => {
  const { origin } = await serveRaw(() => parts);

  await expect(client().send(get(origin), never)).rejects.toMatchObject({ kind: 'unavailable' });
});
