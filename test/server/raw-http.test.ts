import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import { open, sendRaw, start, unfinishedScrape } from './start.ts';

test.each([
  ['FOO / HTTP/1.1\r\n\r\n', '400 Bad Request', 'malformed HTTP request: Invalid method encountered'],
  [
    'GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n',
    '400 Bad Request',
    'malformed HTTP request: Invalid header token',
  ],
  ['\u0016\u0003\u0001\u0002\u0000', '400 Bad Request', 'malformed HTTP request: Invalid method encountered'],
  [
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    '431 Request Header Fields Too Large',
    'request header fields too large (limit 16 KiB)',
  ],
])('responds in plain text to input that is not HTTP: %#', async (bytes, status, line) => {
  const { port } = await start();

  const response = await sendRaw(port, bytes);

  expect(response.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
  expect(response.split('\r\n\r\n')[1]?.trim()).toBe(line);
});

test('closes the connection on malformed input during a response, without writing into its body', async () => {
  const first = Promise.withResolvers<void>();
  const { port } = await start({
    scrape: () =>
      unfinishedScrape(
        (async function* () {
          yield Buffer.from('up 1\n');
          first.resolve();
          await new Promise(() => undefined);
        })(),
      ),
  });

  const response = await sendRaw(port, 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nmalformed\r\n\r\n');

  expect(response).not.toContain('400');
});

test('handles consecutive requests of one connection', async () => {
  const { url } = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses: unknown[] = [];

  for (const path of ['/metrics', '/-/healthy', '/nothing', '/metrics', '/']) {
    const response = await open(`${url}${path}`, {}, agent);
    await response.resume().toArray();
    statuses.push([response.statusCode, response.headers.connection]);
  }

  expect(statuses).toEqual([200, 200, 404, 200, 200].map((status) => [status, 'keep-alive']));
  agent.destroy();
});
