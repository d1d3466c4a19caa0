import { expect, test } from 'vitest';
import type { ScrapeRequest } from '../../src/metrics/exposition/scrape.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { chunks, endless, open, request, scrapeOf, start, unfinishedScrape } from './start.ts';

test('sends the headers and the body of the scrape, then reports completion', async () => {
  const done = Promise.withResolvers<void>();
  const { url } = await start({
    scrape: async () => ({
      headers: {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        vary: 'accept, accept-encoding',
      },
      body: chunks('up 1\n', 'up 2\n'),
      completed: done.resolve,
    }),
  });

  const { status, headers, text } = await request(`${url}/metrics`);
  await done.promise;

  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(headers.vary).toBe('accept, accept-encoding');
  expect(headers.etag).toBeUndefined();
  expect(headers['x-powered-by']).toBeUndefined();
  expect(text).toBe('up 1\nup 2\n');
});

/** Starts a server that records the requests of scrapes. */
async function startRecording() {
  const requests: ScrapeRequest[] = [];
  const { url } = await start({
    scrape(scrapeRequest) {
      requests.push(scrapeRequest);
      return scrapeOf(chunks('x'));
    },
  });
  return { url, requests };
}

test('passes the request headers to the scrape', async () => {
  const { url, requests } = await startRecording();

  await request(`${url}/metrics`, 'GET', {
    accept: 'text/plain',
    'accept-encoding': 'gzip',
    'user-agent': 'Prometheus/3',
    'x-forwarded-for': '192.0.2.1:50123, [2001:db8::1]:443, 2001:db8::2',
    'x-prometheus-scrape-timeout-seconds': '9.5',
  });

  expect(requests).toMatchObject([
    {
      accept: 'text/plain',
      acceptEncoding: 'gzip',
      connection: { destroyed: expect.any(Boolean) },
      forwardedFor: '192.0.2.1, 2001:db8::1, 2001:db8::2',
      peer: '127.0.0.1',
      userAgent: 'Prometheus/3',
      timeoutSeconds: 9.5,
    },
  ]);
});

test.each(['', '0', '-1', 'soon', 'Infinity', '1, 2'])('ignores a scrape timeout of %j', async (timeout) => {
  const { url, requests } = await startRecording();

  const { status } = await request(`${url}/metrics`, 'GET', {
    'x-prometheus-scrape-timeout-seconds': timeout,
  });

  expect(status).toBe(200);
  expect(requests[0]?.timeoutSeconds).toBeUndefined();
});

test('responds to HEAD with the headers, closes the unread body and does not report completion', async () => {
  let completed = 0;
  let ended = 0;
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(new Error('read')),
      return: async () => {
        ended++;
        return { done: true, value: undefined };
      },
    }),
  };
  const { url } = await start({
    scrape: () => ({ headers: { 'content-encoding': 'gzip' }, body, completed: () => completed++ }),
  });

  const { status, headers, text } = await request(`${url}/metrics`, 'HEAD');

  expect([status, headers['content-encoding'], text]).toEqual([200, 'gzip', '']);
  expect([ended, completed]).toEqual([1, 0]);
});

test('responds with 500 in plain text and logs one error if rendering fails before the first chunk', async () => {
  const { url, lines } = await start({
    scrape: () => ({
      headers: { 'content-encoding': 'gzip', 'content-type': 'application/openmetrics-text' },
      body: { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('row 7 is gone')) }) },
      completed: () => expect.unreachable(),
    }),
  });

  const { status, headers, text } = await request(`${url}/metrics`);

  expect(status).toBe(500);
  expect(headers['content-encoding']).toBeUndefined();
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(text).toBe('internal server error (see the exporter log)\n');
  expect(lines).toEqual([
    {
      level: 'error',
      message: 'HTTP request to the exporter failed',
      fields: { path: '/metrics', error: new Error('row 7 is gone') },
    },
  ]);
});

test('aborts the connection if rendering fails after the first chunk, so that the body does not look complete', async () => {
  const { url, lines } = await start({
    scrape: () =>
      unfinishedScrape(
        (async function* () {
          yield Buffer.from('up 1\n');
          throw new Error('row 7 is gone');
        })(),
      ),
  });

  await expect(request(`${url}/metrics`)).rejects.toThrow(/aborted|socket hang up/);

  expect(lines.map(({ message }) => message)).toEqual(['HTTP request to the exporter failed']);
});

test('stops reading the body when the scraper disconnects, without an error or completion', async () => {
  const ended = Promise.withResolvers<void>();
  const { url, lines } = await start({
    scrape: () => unfinishedScrape(endless(ended.resolve)),
  });

  const response = await open(`${url}/metrics`);
  response.destroy();
  await ended.promise;

  expect(lines).toEqual([]);
});

test('logs no error when the scraper disconnects during a write', async () => {
  const ended = Promise.withResolvers<void>();
  async function* large() {
    try {
      // Exceeds the socket buffer, so the write is in progress when the connection breaks.
      for (;;) yield Buffer.alloc(64 * 1024 * 1024);
    } finally {
      ended.resolve();
    }
  }
  const { url, lines } = await start({
    scrape: () => unfinishedScrape(large()),
  });

  const response = await open(`${url}/metrics`);
  response.once('data', () => response.destroy());
  await ended.promise;
  // The server logs an error of the scrape before it responds to another request.
  await request(`${url}/-/healthy`);

  expect(lines).toEqual([]);
});

test('waits for a scraper that does not read, and aborts the scrape at its timeout', async () => {
  const clock = createManualClock();
  const ended = Promise.withResolvers<void>();
  let rendered = 0;
  const { url, lines } = await start({
    clock,
    scrape: () => unfinishedScrape(endless(ended.resolve, () => rendered++)),
  });

  const response = await open(`${url}/metrics`, { 'x-prometheus-scrape-timeout-seconds': '10' });
  response.pause();
  const closed = new Promise((resolve) => response.once('close', resolve));
  response.on('error', () => undefined);
  await clock.advance(9_999);
  expect(response.destroyed).toBe(false);
  await clock.advance(1);
  response.resume();
  await closed;
  await ended.promise;

  // 64 KiB each: backpressure stops the rendering, since nobody reads.
  expect(rendered).toBeLessThan(500);
  expect(lines).toEqual([
    {
      level: 'debug',
      message: 'scrape aborted at its deadline',
      fields: { peer: '127.0.0.1', deadline_ms: 10_000 },
    },
  ]);
});

test('cancels the deadline timer at the end of a scrape', async () => {
  const clock = createManualClock();
  const { url } = await start({ clock });

  await request(`${url}/metrics`);
  await clock.advance(0);

  expect(clock.sleepers()).toBe(0);
});

test('sends a chunk before it requests two more, even if the client reads slowly', async () => {
  const bytes = 300_000;
  const [even, odd] = [Buffer.alloc(bytes), Buffer.alloc(bytes)];
  async function* reusedBuffers() {
    for (const [i, letter] of [...'abcdefghij'].entries()) yield (i % 2 === 0 ? even : odd).fill(letter);
  }
  const { url } = await start({ scrape: () => scrapeOf(reusedBuffers()) });

  const response = await open(`${url}/metrics`);
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    await new Promise((resolve) => setImmediate(resolve));
  }

  expect(text).toBe([...'abcdefghij'].map((letter) => letter.repeat(bytes)).join(''));
});
