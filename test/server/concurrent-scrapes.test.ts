import { expect, test } from 'vitest';
import { createManualClock } from '../support/manual-clock.ts';
import { waitFor } from '../support/wait-for.ts';
import { chunks, endless, open, request, scrapeOf, start, unfinishedScrape } from './start.ts';

test('rejects the 41st concurrent scrape with 503 if no other has ended after 5 s', async () => {
  const clock = createManualClock();
  let started = 0;
  const gates = Array.from({ length: 42 }, () => Promise.withResolvers<void>());
  const { url, lines } = await start({
    clock,
    async scrape() {
      await gates[started++]?.promise;
      return scrapeOf(chunks('up 1\n'));
    },
  });
  // HEAD counts too, because it also calls the scrape.
  const running = Array.from({ length: 40 }, (_, i) => request(`${url}/metrics`, i === 0 ? 'HEAD' : 'GET'));
  await waitFor('40 scrapes to start', () => (started === 40 ? true : undefined));

  const waiting = (['GET', 'HEAD'] as const).map((method) => request(`${url}/metrics`, method));
  // 42 deadlines, two waits, and the checks for stalled clients.
  await waitFor('two scrapes to wait', () => clock.sleepers() === 45 || undefined);
  expect((await request(`${url}/-/healthy`)).status).toBe(200);
  await clock.advance(4_999);
  expect(lines).toEqual([]);
  await clock.advance(1);
  const [rejected, rejectedHead] = await Promise.all(waiting);
  expect([rejected?.status, rejected?.headers['retry-after'], rejected?.text]).toEqual([
    503,
    '5',
    'too many concurrent scrapes (limit 40); retry in 5 s\n',
  ]);
  expect(rejectedHead?.status).toBe(503);
  expect(started).toBe(40);
  const line = {
    level: 'debug',
    message: 'scrape rejected, too many concurrent scrapes',
    fields: { peer: '127.0.0.1', limit: 40 },
  };
  expect(lines).toEqual([line, line]);

  gates[0]?.resolve();
  gates[40]?.resolve();
  await running[0];
  expect((await request(`${url}/metrics`)).status).toBe(200);
  for (const { resolve } of gates) resolve();
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual(Array(40).fill(200));
});

/** Starts a server of which 40 clients read a scrape without an end. */
async function startFull(body: () => AsyncIterable<Uint8Array>) {
  const clock = createManualClock();
  const { url } = await start({ clock, scrape: () => unfinishedScrape(body()) });
  const readers = await Promise.all(Array.from({ length: 40 }, () => open(`${url}/metrics`)));
  return { url, clock, readers };
}

test('rejects a waiting scrape after half its timeout, so that the client sees the reason', async () => {
  const { url, clock, readers } = await startFull(endless);

  const waiting = request(`${url}/metrics`, 'GET', { 'x-prometheus-scrape-timeout-seconds': '1' });
  await waitFor('the scrape to wait', () => clock.sleepers() === 43 || undefined);
  await clock.advance(500);

  expect((await waiting).status).toBe(503);
  for (const response of readers) response.destroy();
});

test('admits a waiting scrape as soon as a scraper disconnects', async () => {
  const { url, clock, readers } = await startFull(endless);
  const waiting = open(`${url}/metrics`);
  await waitFor('the scrape to wait', () => clock.sleepers() === 43 || undefined);

  readers[0]?.destroy();

  const admitted = await waiting;
  expect(admitted.statusCode).toBe(200);
  for (const response of [...readers, admitted]) response.destroy();
});

test('cuts a scrape whose client reads nothing for 2 s if another one waits', async () => {
  // Exceeds the buffers of the system, so it is never sent as a whole.
  const large = Buffer.alloc(64 * 1024 * 1024);
  const { url, clock, readers } = await startFull(async function* () {
    for (;;) yield large;
  });
  const closed = readers.map((response) => {
    response.pause().on('error', () => undefined);
    return new Promise((resolve) => response.once('close', () => resolve(true)));
  });
  const waiting = open(`${url}/metrics`);
  await waitFor('the scrape to wait', () => clock.sleepers() === 43 || undefined);

  await clock.advance(2_500);

  const admitted = await waiting;
  expect(admitted.statusCode).toBe(200);
  for (const response of readers) response.resume();
  expect(await Promise.race(closed)).toBe(true);
  for (const response of [...readers, admitted]) response.destroy();
});
