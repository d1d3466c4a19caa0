import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { endless, request, sendRaw, start, startGated, unfinishedScrape } from './start.ts';

test('responds to a pipelined request with 503 after the running response, and closes the connection', async () => {
  const { port, openGate, started } = await startGated();

  const responses = sendRaw(port, pipelinedScrapes(3));
  await waitFor('the first scrape', () => (started() > 0 ? true : undefined));
  openGate();
  const text = await responses;

  expect(
    text.match(/^HTTP.*$|^Connection: .*$|^up \d$|^HTTP pipelining.*$/gm)?.map((line) => line.trim()),
  ).toEqual([
    'HTTP/1.1 200 OK',
    'Connection: keep-alive',
    'up 1',
    'up 2',
    'HTTP/1.1 503 Service Unavailable',
    'Connection: close',
    'HTTP pipelining is not supported; send one request at a time',
  ]);
  expect(started()).toBe(1);
});

test('starts no pipelined scrape after the connection has ended', async () => {
  const ended = Promise.withResolvers<void>();
  let started = 0;
  const { url, port } = await start({
    scrape: () => {
      started++;
      return unfinishedScrape(endless(ended.resolve));
    },
  });
  const socket = connect(port, '127.0.0.1', () => socket.write(pipelinedScrapes(3)));
  await once(socket, 'data');

  socket.destroy();
  await ended.promise;
  await request(`${url}/-/healthy`);

  expect(started).toBe(1);
});

test('starts one of 2,000 pipelined scrapes and keeps serving other connections', async () => {
  const { url, port, openGate, started } = await startGated();

  const responses = sendRaw(port, pipelinedScrapes(2_000));
  await waitFor('the first scrape', () => (started() > 0 ? true : undefined));
  const healthy = await request(`${url}/-/healthy`);
  openGate();
  const text = await responses;

  expect(healthy.status).toBe(200);
  expect(started()).toBe(1);
  expect(text.match(/^HTTP.* 200 OK/gm)).toHaveLength(1);
});

test('finishes the running response on close, and starts no pipelined request', async () => {
  const { server, port, openGate, started } = await startGated({ graceMs: 5_000 });
  const responses = sendRaw(port, pipelinedScrapes(3));
  await waitFor('the first scrape', () => (started() > 0 ? true : undefined));

  const closed = server.close();
  openGate();
  const text = await responses;
  await closed;

  expect(text.match(/^up \d$/gm)).toEqual(['up 1', 'up 2']);
  expect(started()).toBe(1);
});

function pipelinedScrapes(count: number): string {
  return 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count);
}
