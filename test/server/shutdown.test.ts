import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createManualClock } from '../support/manual-clock.ts';
import { open, request, start, startGated } from './start.ts';

test('ends idle and never-used connections immediately on close', async () => {
  const clock = createManualClock();
  const { server, url, port } = await start({ clock, graceMs: 5_000 });
  const agent = new Agent({ keepAlive: true });
  await (await open(`${url}/-/healthy`, {}, agent)).resume().toArray();
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
  const { server, url, openGate } = await startGated({ graceMs: 5_000 });
  const agent = new Agent({ keepAlive: true });
  const response = await open(`${url}/metrics`, {}, agent);

  const closed = server.close();
  openGate();
  const text = await response.setEncoding('utf8').toArray();
  await closed;

  expect(text.join('')).toBe('up 1\nup 2\n');
  await expect(request(`${url}/metrics`)).rejects.toThrow('ECONNREFUSED');
  agent.destroy();
});

test('aborts a request that exceeds the grace time', async () => {
  const clock = createManualClock();
  const { server, url } = await startGated({ clock, graceMs: 5_000 });
  const response = await open(`${url}/metrics`);
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
  const { server, url, port, openGate } = await startGated({ graceMs: 5_000 });
  const running = await open(`${url}/metrics`);
  const late = connect(port, '127.0.0.1');
  await once(late, 'connect');
  await request(`${url}/-/healthy`);

  const closed = server.close();
  late.write('GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n');
  const response = (await late.setEncoding('latin1').toArray()).join('');
  openGate();
  await running.resume().toArray();
  await closed;

  expect(response).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*healthy\n$/);
});
