import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { StreamsQuery } from '../../src/server/ports.ts';
import { freePort } from '../support/free-port.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { waitFor } from '../support/wait-for.ts';
import { ask, chunks, pageStatus, send, start } from './start.ts';

test('health and readiness say why in one line', async () => {
  const { url } = await start({
    healthy: () => ({ ok: true, reason: 'the loops turn' }),
    ready: () => ({ ok: false, reason: 'the state is being loaded' }),
  });

  const healthy = await ask(`${url}/-/healthy`);
  const ready = await ask(`${url}/-/ready`);

  expect([healthy.status, healthy.text]).toEqual([200, 'the loops turn\n']);
  expect([ready.status, ready.text]).toEqual([503, 'the state is being loaded\n']);
  expect(ready.headers['content-type']).toBe('text/plain; charset=utf-8');
});

test('the status is JSON that nobody keeps', async () => {
  const { url } = await start();

  const { status, headers, text } = await ask(`${url}/api/v1/status`);

  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['cache-control']).toBe('no-store');
  expect(JSON.parse(text)).toEqual(pageStatus());
});

test.each([
  ['', { offset: 0, limit: 100, worstFirst: false }],
  ['?limit=200&offset=1500', { offset: 1500, limit: 200, worstFirst: false }],
])('the streams come page by page: %j', async (query, expected) => {
  const asked: StreamsQuery[] = [];
  const { url } = await start({
    streams: (streamsQuery) => {
      asked.push(streamsQuery);
      return { now: '', total: 0, streams: [] };
    },
  });

  const { status, headers } = await ask(`${url}/api/v1/streams${query}`);

  expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  expect(asked).toEqual([expected]);
});

test.each([
  ['limit=0', 'limit: expected one whole number from 1 to 200'],
  ['limit=201', 'limit: expected one whole number from 1 to 200'],
  ['limit=', 'limit: expected one whole number from 1 to 200'],
  ['limit=1&limit=2', 'limit: expected one whole number from 1 to 200'],
  ['offset=-1', 'offset: expected one whole number from 0 on'],
  ['offset=1e3', 'offset: expected one whole number from 0 on'],
  ['ofset=1', 'unknown parameter; there are limit and offset'],
])('a page that makes no sense is refused: %s', async (query, error) => {
  const { url } = await start({ streams: () => expect.unreachable() });

  const { status, text } = await ask(`${url}/api/v1/streams?${query}`);

  expect([status, JSON.parse(text)]).toEqual([400, { error }]);
});

test('without the lifecycle flag a reload is forbidden, and the answer names the flag', async () => {
  const { url } = await start();

  const { status, text } = await ask(`${url}/-/reload`, 'POST');

  expect(status).toBe(403);
  expect(text).toBe('reloading over HTTP is off; start with --web.enable-lifecycle, or send SIGHUP\n');
});

test('a reload is told as done, or with every problem', async () => {
  const outcomes = [[], ['live.yaml:5:9: streams: expected a list', 'live.yaml:6:1: strams: unknown key']];
  const { url } = await start({ reload: async () => outcomes.shift() ?? [] });

  const good = await ask(`${url}/-/reload`, 'POST');
  const bad = await ask(`${url}/-/reload`, 'POST');

  expect([good.status, good.text]).toEqual([200, 'reloaded\n']);
  expect(bad.status).toBe(500);
  expect(bad.text).toBe(
    'not reloaded, the old config stays in use:\nlive.yaml:5:9: streams: expected a list\nlive.yaml:6:1: strams: unknown key\n',
  );
});

test.each([
  ['GET', '/-/reload', 'POST'],
  ['POST', '/metrics', 'GET, HEAD'],
  ['DELETE', '/', 'GET, HEAD'],
  ['OPTIONS', '/api/v1/status', 'GET, HEAD'],
])('%s %s is told which methods there are', async (method, path, allow) => {
  const { url } = await start({ reload: async () => [] });

  const { status, headers, text } = await ask(`${url}${path}`, method);

  expect([status, headers.allow, text]).toEqual([405, allow, `this path takes ${allow} only\n`]);
});

test.each(['/nothing', '/METRICS', '/metrics/', '/-/', '/%', '/%00', '//metrics', '/api/v1/streams/1'])(
  'there is nothing at %s, and the answer does not repeat it',
  async (path) => {
    const { url } = await start();

    const { status, headers, text } = await ask(`${url}${path}`);

    expect([status, text]).toEqual([404, 'there is nothing at this path; / shows what there is\n']);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  },
);

test('every answer carries the headers that keep a browser safe', async () => {
  const { url } = await start();

  for (const path of ['/', '/metrics', '/api/v1/status', '/nothing']) {
    const { headers } = await ask(`${url}${path}`);

    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-powered-by']).toBeUndefined();
  }
});

test('a fault in a page is a 500 without a stack, and one line in the log', async () => {
  const { url, lines } = await start({
    status: () => {
      throw new Error('no such ledger');
    },
  });

  const page = await ask(`${url}/`);
  const json = await ask(`${url}/api/v1/status`);

  expect([page.status, json.status]).toEqual([500, 500]);
  expect(page.text + json.text).not.toContain('ledger');
  expect(lines.map(({ fields }) => fields?.path)).toEqual(['/', '/api/v1/status']);
});

test.each([
  ['FOO / HTTP/1.1\r\n\r\n', '400 Bad Request', 'the request begins with no method of HTTP'],
  [
    'GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n',
    '400 Bad Request',
    'the request cannot be read as HTTP/1.1',
  ],
  ['\u0016\u0003\u0001\u0002\u0000', '400 Bad Request', 'the request begins with no method of HTTP'],
  [
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    '431 Request Header Fields Too Large',
    'the address and headers of the request are longer than 16 KiB',
  ],
])('what is no HTTP gets a plain answer: %#', async (bytes, status, line) => {
  const { port } = await start();

  const answer = await send(port, bytes);

  expect(answer.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
  expect(answer.split('\r\n\r\n')[1]?.trim()).toBe(line);
});

test('rubbish behind a request that is being answered ends the connection without a word into the answer', async () => {
  const first = Promise.withResolvers<void>();
  const { port } = await start({
    scrape: () => ({
      headers: {},
      body: (async function* () {
        yield Buffer.from('up 1\n');
        first.resolve();
        await new Promise(() => undefined);
      })(),
      completed: () => expect.unreachable(),
    }),
  });

  const answer = await send(port, 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nrubbish\r\n\r\n');

  expect(answer).not.toContain('400');
});

test('requests that come together on one connection are begun one after the other, others in between', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let begun = 0;
  const { url, port } = await start({ scrape: () => gated(gates[begun++]?.promise ?? Promise.resolve()) });

  const answers = send(
    port,
    `${'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2)}GET /-/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  );
  await waitFor('the first to begin', () => (begun > 0 ? true : undefined));
  await ask(`${url}/-/healthy`);
  expect(begun).toBe(1);

  gates[0]?.resolve();
  await waitFor('the second to begin', () => (begun > 1 ? true : undefined));
  gates[1]?.resolve();
  const text = await answers;
  expect(text.match(/^HTTP.*$|^up \d$|^ready$/gm)?.map((line) => line.trim())).toEqual([
    'HTTP/1.1 200 OK',
    'up 1',
    'up 2',
    'HTTP/1.1 200 OK',
    'up 1',
    'up 2',
    'HTTP/1.1 200 OK',
    'ready',
  ]);
});

test('what waits on a connection that ends is never begun', async () => {
  const ended = Promise.withResolvers<void>();
  let begun = 0;
  const { url, port } = await start({
    scrape: () => {
      begun++;
      return {
        headers: {},
        body: (async function* () {
          try {
            for (;;) yield Buffer.alloc(65_536);
          } finally {
            ended.resolve();
          }
        })(),
        completed: () => expect.unreachable(),
      };
    },
  });
  const socket = connect(port, '127.0.0.1', () =>
    socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3)),
  );
  await once(socket, 'data');

  socket.destroy();
  await ended.promise;
  await ask(`${url}/-/healthy`);

  expect(begun).toBe(1);
});

test('a connection with more requests waiting than anybody sends is broken off', async () => {
  let begun = 0;
  const { url, port } = await start({
    scrape: () => {
      begun++;
      return gated(new Promise(() => undefined));
    },
  });

  await send(port, 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2_000));

  expect(begun).toBe(1);
  expect((await ask(`${url}/-/healthy`)).status).toBe(200);
});

test('closing answers what is being answered and the next, and nothing that waits behind', async () => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const { server, port } = await start({
    graceMs: 5_000,
    scrape: () => {
      begun++;
      return gated(gate.promise);
    },
  });
  const answers = send(port, 'GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
  await waitFor('the first to begin', () => (begun > 0 ? true : undefined));

  const closed = server.close();
  gate.resolve();
  const text = await answers;
  await closed;

  expect(text.match(/^up \d$|^Connection: .*$/gm)?.map((line) => line.trim())).toEqual([
    'Connection: keep-alive',
    'up 1',
    'up 2',
    'Connection: close',
    'up 1',
    'up 2',
  ]);
});

test('several addresses are served, each as it was bound', async () => {
  const { server } = await start({ listenAddresses: ['127.0.0.1:0', '127.0.0.1:0'] });

  const texts = await Promise.all(server.addresses.map(({ url }) => ask(`${url}-/healthy`)));

  expect(texts.map(({ text }) => text)).toEqual(['healthy\n', 'healthy\n']);
  expect(new Set(server.addresses.map(({ port }) => port)).size).toBe(2);
});

test('an address that is taken is named, and what was opened before it is closed', async () => {
  const { port } = await start();
  const taken = `127.0.0.1:${port}`;
  const free = `127.0.0.1:${await freePort()}`;

  await expect(start({ listenAddresses: [free, taken] })).rejects.toThrow(
    `cannot listen on ${taken}: the address is in use; stop the program that has it, or choose another with --web.listen-address`,
  );

  await expect(start({ listenAddresses: [free] })).resolves.toBeDefined();
});

test.each([
  ['metrics', 'the telemetry path has to begin with /'],
  ['/', 'the telemetry path / is taken by a page of the exporter'],
  ['/-/ready', 'the telemetry path /-/ready is taken by a page of the exporter'],
  ['/m{etrics}', 'the telemetry path may hold letters, digits and . / _ ~ - only'],
])('a telemetry path of %s is refused', async (telemetryPath, message) => {
  await expect(start({ telemetryPath })).rejects.toThrow(message);
});

test('another telemetry path is served and linked, and /metrics is not', async () => {
  const { url } = await start({ telemetryPath: '/live/metrics' });

  expect((await ask(`${url}/live/metrics`)).text).toBe('up 1\n');
  expect((await ask(`${url}/metrics`)).status).toBe(404);
  expect((await ask(`${url}/`)).text).toContain('<a href="/live/metrics">');
});

test('closing ends idle connections at once, also one that never said a word', async () => {
  const clock = createManualClock();
  const { server, url, port } = await start({ clock, graceMs: 5_000 });
  const agent = new Agent({ keepAlive: true });
  await new Promise((resolve) =>
    get(`${url}/-/healthy`, { agent }, (answer) => answer.resume().on('end', resolve)),
  );
  const mute = connect(port, '127.0.0.1');
  await once(mute, 'connect');
  const muteClosed = once(mute.resume(), 'close');
  await ask(`${url}/-/healthy`);

  await server.close();
  await muteClosed;

  expect(clock.now()).toBe(createManualClock().now());
  agent.destroy();
});

test('closing lets a running request finish, then takes no other', async () => {
  const gate = Promise.withResolvers<void>();
  const { server, url } = await start({ graceMs: 5_000, scrape: () => gated(gate.promise) });
  const agent = new Agent({ keepAlive: true });
  const response = await new Promise<IncomingMessage>((resolve) => get(`${url}/metrics`, { agent }, resolve));

  const closed = server.close();
  gate.resolve();
  const text = await response.setEncoding('utf8').toArray();
  await closed;

  expect(text.join('')).toBe('up 1\nup 2\n');
  await expect(ask(`${url}/metrics`)).rejects.toThrow('ECONNREFUSED');
  agent.destroy();
});

test('a request that outlives the grace time is cut off', async () => {
  const clock = createManualClock();
  const { server, url } = await start({
    clock,
    graceMs: 5_000,
    scrape: () => gated(new Promise(() => undefined)),
  });
  const response = await new Promise<IncomingMessage>((resolve) =>
    get(`${url}/metrics`, { agent: false }, resolve),
  );
  const cut = response.toArray().catch((error: unknown) => error);

  const closed = server.close();
  await clock.advance(4_999);
  expect(response.destroyed).toBe(false);
  await clock.advance(1);
  await closed;

  expect(await cut).toMatchObject({ message: 'aborted' });
});

test('closing twice is closing once', async () => {
  const { server } = await start();

  await server.close();

  await expect(server.close()).resolves.toBeUndefined();
});

function gated(gate: Promise<void>) {
  return {
    headers: {},
    body: (async function* () {
      yield* chunks('up 1\n');
      await gate;
      yield* chunks('up 2\n');
    })(),
    completed: () => undefined,
  };
}
