import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createManualClock } from '../support/manual-clock.ts';
import { gated, request, start } from './start.ts';

test('ends idle and never-used connections immediately on close', async () => {
  const clock = createManualClock();
  const { server, url, port } = await start({ clock, graceMs: 5_000 });
  const agent = new Agent({ keepAlive: true });
  await new Promise((resolve) =>
    get(`${url}/-/healthy`, { agent }, (response) => response.resume().on('end', resolve)),
  );
  const unused = connect(port, '127.0.0.1');
  await once(unused, 'connect');
  const unusedClosed = once(unused.resume(), 'close');
  await request(`${url}/-/healthy`);

  await server.close();
  await unusedClosed;

  expect(clock.now()).toBe(createManualClock().now());
  agent.destroy();
});

test('finishes a running request on close, then accepts no other', async () => {
  const gate = Promise.withResolvers<void>();
  const { server, url } = await start({ graceMs: 5_000, scrape: () => gated(gate.promise) });
  const agent = new Agent({ keepAlive: true });
  const response = await new Promise<IncomingMessage>((resolve) => get(`${url}/metrics`, { agent }, resolve));

  const closed = server.close();
  gate.resolve();
  const text = await response.setEncoding('utf8').toArray();
  await closed;

  expect(text.join('')).toBe('up 1\nup 2\n');
  await expect(request(`${url}/metrics`)).rejects.toThrow('ECONNREFUSED');
  agent.destroy();
});

test('aborts a request that exceeds the grace time', async () => {
  const clock = createManualClock();
  const { server, url } = await start({
    clock,
    graceMs: 5_000,
    scrape: () => gated(new Promise(() => undefined)),
  });
  const response = await new Promise<IncomingMessage>((resolve) =>
    get(`${url}/metrics`, { agent: false }, resolve),
  );
  const aborted = response.toArray().catch((error: unknown) => error);

  const closed = server.close();
  await clock.advance(4_999);
  expect(response.destroyed).toBe(false);
  await clock.advance(1);
  await closed;

  expect(await aborted).toMatchObject({ message: 'aborted' });
});

test('ignores a second close', async () => {
  const { server } = await start();

  await server.close();

  await expect(server.close()).resolves.toBeUndefined();
});

test('closes the connection of a request that arrives during the shutdown', async () => {
  const gate = Promise.withResolvers<void>();
  const { server, url, port } = await start({ graceMs: 5_000, scrape: () => gated(gate.promise) });
  const running = await new Promise<IncomingMessage>((resolve) =>
    get(`${url}/metrics`, { agent: false }, resolve),
  );
  const late = connect(port, '127.0.0.1');
  await once(late, 'connect');
  await request(`${url}/-/healthy`);

  const closed = server.close();
  late.write('GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n');
  const response = (await late.setEncoding('latin1').toArray()).join('');
  gate.resolve();
  await running.resume().toArray();
  await closed;

  expect(response).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*healthy\n$/);
});
