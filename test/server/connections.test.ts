import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { networkOf } from '../../src/server/client.ts';
import { createConnections } from '../../src/server/connections.ts';
import { maxConnectionsOf } from '../../src/server/limits.ts';
import { pem, tls } from '../support/tls-files.ts';
import { waitFor } from '../support/wait-for.ts';
import { chunks, request, scrapeOf, sendRaw, start, startGated, webOf } from './start.ts';

/** Opens a connection that sends nothing, or the beginning of a request. */
async function open(port: number, text = ''): Promise<{ readonly isOpen: () => boolean }> {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  let isOpen = true;
  socket.resume().once('close', () => {
    isOpen = false;
  });
  await once(socket, 'connect');
  socket.write(text);
  return { isOpen: () => isOpen };
}

const beginning = 'GET /metrics HTTP/1.1\r\nHost: a';
/** Limit of open files with which a server has eight connections at most. */
const fewFiles = 32;

test('replaces the connection that has been idle for the longest time at the limit of connections', async () => {
  const { url, port } = await start({ maxOpenFiles: fewFiles });
  const idle: Awaited<ReturnType<typeof open>>[] = [];
  for (let i = 0; i < 8; i++) idle.push(await open(port, i % 2 === 0 ? beginning : ''));

  expect((await request(`${url}/metrics`)).status).toBe(200);

  await waitFor('a connection to close', () => idle.some(({ isOpen }) => !isOpen()) || undefined);
  expect(idle.map(({ isOpen }) => isOpen())).toEqual([false, ...Array(7).fill(true)]);
});

test('keeps connections with a response in progress, and closes a new one if there are no others', async () => {
  const { url, port, openGate, started } = await startGated({ maxOpenFiles: fewFiles });
  const busy = Array.from({ length: 8 }, () => request(`${url}/metrics`));
  await waitFor('all scrapes to start', () => started() === 8 || undefined);
  expect(await sendRaw(port, 'GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('');

  openGate();
  expect((await Promise.all(busy)).map(({ text }) => text)).toEqual(Array(8).fill('up 1\nup 2\n'));
  expect((await request(`${url}/-/healthy`)).status).toBe(200);
});

test('counts a TLS connection once, and does not replace it while its response is in progress', async () => {
  const { url, port, openGate } = await startGated({ maxOpenFiles: fewFiles, web: webOf({ tls }) });
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(`${url}/metrics`, { agent: false, ca: pem('ca'), checkServerIdentity: () => undefined }, resolve);
  });
  const idle: Awaited<ReturnType<typeof open>>[] = [];
  for (let i = 0; i < 8; i++) idle.push(await open(port));
  await waitFor('a connection to close', () => idle.some(({ isOpen }) => !isOpen()) || undefined);
  expect(idle.map(({ isOpen }) => isOpen())).toEqual([false, ...Array(7).fill(true)]);

  openGate();
  let text = '';
  for await (const chunk of response) text += chunk;
  expect(text).toBe('up 1\nup 2\n');
});

/** Socket with the address of its client. */
function socketFrom(remoteAddress: string, remotePort: number) {
  const closers: (() => void)[] = [];
  const socket = {
    remoteAddress,
    remotePort,
    isOpen: true,
    once: (_event: string, close: () => void) => void closers.push(close),
    destroy() {
      socket.isOpen = false;
      for (const close of closers) close();
    },
  };
  // The cast is safe: the limit uses nothing else.
  return { socket: socket as unknown as Socket, isOpen: () => socket.isOpen };
}

test('replaces connections of the network that has the most idle ones', () => {
  const { add } = createConnections(4);
  const addresses = ['192.0.2.1', '2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8::4', '192.0.2.2'];
  const sockets = addresses.map(socketFrom);
  for (const { socket } of sockets) add(socket);

  expect(sockets.map(({ isOpen }) => isOpen())).toEqual([true, false, false, true, true, true]);
});

test('a connection is the youngest idle one after its response', () => {
  const { add, occupy } = createConnections(2);
  const [first, second, third, fourth] = [1, 2, 3, 4].map((port) => socketFrom('192.0.2.1', port));
  if (!first || !second || !third || !fourth) throw new Error('no sockets');
  add(first.socket);
  add(second.socket);
  occupy(first.socket)();
  add(third.socket);
  add(fourth.socket);

  expect([first, second, third, fourth].map(({ isOpen }) => isOpen())).toEqual([false, false, true, true]);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  [undefined, ''],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test.each([
  [undefined, 512],
  [1_048_576, 512],
  [1024, 256],
  [64, 16],
  [16, 8],
])('a process with a limit of %s open files has %i connections at most', (files, max) => {
  expect(maxConnectionsOf(files)).toBe(max);
});

test('closes the connection after a request with a body, because nothing reads it', async () => {
  const { port } = await start({ reload: async () => [] });
  const endless = 'POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n';
  const chunked = 'POST /-/reload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';

  for (const text of [`${endless}hello`, chunked]) {
    expect(await sendRaw(port, text)).toMatch(
      /^HTTP\/1.1 200 OK\r\n.*Connection: close\r\n.*config reloaded\n$/s,
    );
  }
});

test('renders nothing for a client that sends a request and resets its connection', async () => {
  let rendered = 0;
  const scrape = () => {
    rendered++;
    return scrapeOf(chunks('up 1\n'));
  };
  const { url, port } = await start({ scrape });
  for (let i = 0; i < 20; i++) {
    const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
    socket.once('connect', () => {
      socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n', () => socket.resetAndDestroy());
    });
    await once(socket, 'close');
  }
  expect((await request(`${url}/metrics`)).status).toBe(200);

  expect(rendered).toBe(1);
});
