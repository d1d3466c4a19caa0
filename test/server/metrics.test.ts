import { get, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import type { ScrapeRequest } from '../../src/server/ports.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { waitFor } from '../support/wait-for.ts';
import { ask, chunks, start } from './start.ts';

test('a scrape is answered with the headers and the bytes it is given, and told that it was read', async () => {
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

  const { status, headers, text } = await ask(`${url}/metrics`);
  await done.promise;

  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(headers.vary).toBe('accept, accept-encoding');
  expect(headers.etag).toBeUndefined();
  expect(headers['x-powered-by']).toBeUndefined();
  expect(text).toBe('up 1\nup 2\n');
});

test('what a scrape says of itself is handed on', async () => {
  const asked: ScrapeRequest[] = [];
  const { url } = await start({
    scrape: (request) => {
      asked.push(request);
      return { headers: {}, body: chunks('x'), completed: () => undefined };
    },
  });

  await ask(`${url}/metrics`, 'GET', {
    accept: 'text/plain',
    'accept-encoding': 'gzip',
    'user-agent': 'Prometheus/3',
    'x-prometheus-scrape-timeout-seconds': '9.5',
  });

  expect(asked).toEqual([
    {
      accept: 'text/plain',
      acceptEncoding: 'gzip',
      peer: '127.0.0.1',
      userAgent: 'Prometheus/3',
      timeoutSeconds: 9.5,
    },
  ]);
});

test.each(['', '0', '-1', 'soon', 'Infinity', '1, 2'])(
  'a scrape timeout of %j is as good as none',
  async (timeout) => {
    const asked: ScrapeRequest[] = [];
    const { url } = await start({
      scrape: (request) => {
        asked.push(request);
        return { headers: {}, body: chunks('x'), completed: () => undefined };
      },
    });

    const { status } = await ask(`${url}/metrics`, 'GET', { 'x-prometheus-scrape-timeout-seconds': timeout });

    expect(status).toBe(200);
    expect(asked[0]?.timeoutSeconds).toBeUndefined();
  },
);

test('HEAD brings the headers, ends the body unread, and is no scrape', async () => {
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

  const { status, headers, text } = await ask(`${url}/metrics`, 'HEAD');

  expect([status, headers['content-encoding'], text]).toEqual([200, 'gzip', '']);
  expect([ended, completed]).toEqual([1, 0]);
});

test('a scrape that cannot be rendered is a 500 in plain text and one line in the log', async () => {
  const { url, lines } = await start({
    scrape: () => ({
      headers: { 'content-encoding': 'gzip', 'content-type': 'application/openmetrics-text' },
      // biome-ignore lint/correctness/useYield: it fails before its first piece
      body: (async function* () {
        throw new Error('row 7 is gone');
      })(),
      completed: () => expect.unreachable(),
    }),
  });

  const { status, headers, text } = await ask(`${url}/metrics`);

  expect(status).toBe(500);
  expect(headers['content-encoding']).toBeUndefined();
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(text).toBe('this could not be answered because of a fault; the log of the exporter says which\n');
  expect(lines).toEqual([
    {
      level: 'error',
      message: 'a request could not be answered',
      fields: { path: '/metrics', error: new Error('row 7 is gone') },
    },
  ]);
});

test('a fault after the first piece breaks the connection, so that half an answer is not taken for a whole one', async () => {
  const { url, lines } = await start({
    scrape: () => ({
      headers: {},
      body: (async function* () {
        yield Buffer.from('up 1\n');
        throw new Error('row 7 is gone');
      })(),
      completed: () => expect.unreachable(),
    }),
  });

  await expect(ask(`${url}/metrics`)).rejects.toThrow(/aborted|socket hang up/);

  expect(lines.map(({ message }) => message)).toEqual(['a request could not be answered']);
});

test('a scraper that leaves ends the reading, is not complete, and is no fault', async () => {
  const ended = Promise.withResolvers<void>();
  const { url, lines } = await start({
    scrape: () => ({ headers: {}, body: endless(ended.resolve), completed: () => expect.unreachable() }),
  });

  const response = await open(`${url}/metrics`);
  response.destroy();
  await ended.promise;

  expect(lines).toEqual([]);
});

test('a scraper that leaves while a piece is being sent is no fault either', async () => {
  const ended = Promise.withResolvers<void>();
  async function* large() {
    try {
      // More than any socket takes at once, so the write is under way when the connection breaks.
      for (;;) yield Buffer.alloc(64 * 1024 * 1024);
    } finally {
      ended.resolve();
    }
  }
  const { url, lines } = await start({
    scrape: () => ({ headers: {}, body: large(), completed: () => expect.unreachable() }),
  });

  const response = await open(`${url}/metrics`);
  response.once('data', () => response.destroy());
  await ended.promise;
  // What is logged of the scrape is logged before another request is answered.
  await ask(`${url}/-/healthy`);

  expect(lines).toEqual([]);
});

test('a scraper that does not read is waited for, and cut off when its own timeout is over', async () => {
  const clock = createManualClock();
  const ended = Promise.withResolvers<void>();
  let given = 0;
  const { url, lines } = await start({
    clock,
    scrape: () => ({
      headers: {},
      body: endless(ended.resolve, () => given++),
      completed: () => expect.unreachable(),
    }),
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

  // 64 KiB each: far from all of it, since nobody read.
  expect(given).toBeLessThan(500);
  expect(lines).toEqual([
    {
      level: 'debug',
      message: 'a scraper was cut off at its deadline',
      fields: { peer: '127.0.0.1', deadline_ms: 10_000 },
    },
  ]);
});

test('with 40 scrapes under way another is told to come again, until one has ended', async () => {
  let begun = 0;
  const gates = Array.from({ length: 42 }, () => Promise.withResolvers<void>());
  const { url, lines } = await start({
    async scrape() {
      await gates[begun++]?.promise;
      return { headers: {}, body: chunks('up 1\n'), completed: () => undefined };
    },
  });
  // HEAD as well: its headers are those of a scrape.
  const waiting = Array.from({ length: 40 }, (_, i) => ask(`${url}/metrics`, i === 0 ? 'HEAD' : 'GET'));
  await waitFor('all to begin', () => (begun === 40 ? true : undefined));

  const refused = await ask(`${url}/metrics`);
  expect([refused.status, refused.headers['retry-after'], refused.text]).toEqual([
    503,
    '5',
    '40 scrapes are under way, and more are not answered at once; try again in a moment\n',
  ]);
  expect((await ask(`${url}/metrics`, 'HEAD')).status).toBe(503);
  expect((await ask(`${url}/-/healthy`)).status).toBe(200);
  expect(begun).toBe(40);
  const line = {
    level: 'debug',
    message: 'a scrape was refused, since too many are under way',
    fields: { peer: '127.0.0.1' },
  };
  expect(lines).toEqual([line, line]);

  gates[0]?.resolve();
  gates[40]?.resolve();
  await waiting[0];
  expect((await ask(`${url}/metrics`)).status).toBe(200);
  for (const { resolve } of gates) resolve();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(40).fill(200));
});

test('a scraper that leaves makes room for another at once', async () => {
  const { url } = await start({
    scrape: () => ({ headers: {}, body: endless(() => undefined), completed: () => expect.unreachable() }),
  });
  const readers = await Promise.all(Array.from({ length: 40 }, () => open(`${url}/metrics`)));
  expect((await ask(`${url}/metrics`)).status).toBe(503);

  readers[0]?.destroy();
  const next = await waitFor('room', async () => {
    const response = await open(`${url}/metrics`);
    return response.statusCode === 200 ? response : response.resume() && undefined;
  });

  for (const response of [...readers, next]) response.destroy();
});

test('a scrape leaves no timer behind', async () => {
  const clock = createManualClock();
  const { url } = await start({ clock });

  await ask(`${url}/metrics`);
  await clock.advance(0);

  expect(clock.sleepers()).toBe(0);
});

async function* endless(ended: () => void, given: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      given();
      yield Buffer.alloc(65_536, 0x20);
    }
  } finally {
    ended();
  }
}

function open(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject);
  });
}

test('a piece is sent before two more are asked for, however slowly it is read', async () => {
  const bytes = 300_000;
  const [one, other] = [Buffer.alloc(bytes), Buffer.alloc(bytes)];
  async function* twoInTurn() {
    for (const [i, letter] of [...'abcdefghij'].entries()) yield (i % 2 === 0 ? one : other).fill(letter);
  }
  const { url } = await start({
    scrape: () => ({ headers: {}, body: twoInTurn(), completed: () => undefined }),
  });

  const response = await new Promise<IncomingMessage>((resolve) => {
    get(`${url}/metrics`, { agent: false }, resolve);
  });
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    await new Promise((resolve) => setImmediate(resolve));
  }

  expect(text).toBe([...'abcdefghij'].map((letter) => letter.repeat(bytes)).join(''));
});
