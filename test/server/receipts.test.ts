import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { waitFor } from '../support/wait-for.ts';
import { chunks, scrapeOf, start } from './start.ts';

const scrapeText = 'GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n';

/** Starts a server that counts sent and received responses. */
async function startCounting() {
  const clock = createManualClock();
  const counts = { sent: 0, received: 0 };
  let sleeps = 0;
  const { port, server } = await start({
    clock: {
      ...clock,
      sleep(ms, signal) {
        sleeps++;
        return clock.sleep(ms, signal);
      },
    },
    scrape: () =>
      scrapeOf(
        (async function* () {
          yield* chunks('up 1\n');
          counts.sent++;
        })(),
        () => counts.received++,
      ),
  });
  const open = () => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    return socket.on('error', () => undefined);
  };
  /**
   * Waits until the first response is sent. Its two sleeps are its deadline and the time until its receipt.
   */
  const sent = () => waitFor('the response to be sent', () => (sleeps === 2 ? true : undefined));
  return { clock, counts, open, sent, port, server };
}

/** Reads until the socket has received this many responses. */
async function readResponses(socket: Socket, responses: number): Promise<void> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  await waitFor('the responses', () => (text.split('up 1').length > responses ? true : undefined));
}

/** Waits until a connection has ended, and with it the wait for a receipt. */
async function waitForEnd(clock: ManualClock): Promise<void> {
  await waitFor('the connection to end', () => (clock.sleepers() === 0 ? true : undefined));
}

test('does not count a response that the scraper never read', async () => {
  const { clock, counts, open, sent } = await startCounting();
  const socket = open().pause();
  socket.write(`${scrapeText}\r\n`);
  await sent();
  await clock.advance(9_000);

  // The system resets the connection, because there is unread data.
  socket.destroy();
  await waitForEnd(clock);
  await clock.advance(60_000);

  expect(counts.received).toBe(0);
});

test('counts a response when the scraper sends its next request', async () => {
  const { counts, open, sent } = await startCounting();
  const socket = open();
  const read = readResponses(socket, 2);
  socket.write(`${scrapeText}\r\n`);
  await sent();
  expect(counts.received).toBe(0);

  socket.write(`${scrapeText}\r\n`);
  await read;

  expect(counts.received).toBe(1);
});

test('counts a response when the scraper closes the connection properly', async () => {
  const { counts, open } = await startCounting();
  const socket = open();
  socket.write(`${scrapeText}\r\n`);
  await readResponses(socket, 1);
  expect(counts.received).toBe(0);

  socket.end();

  await waitFor('the receipt', () => (counts.received === 1 ? true : undefined));
});

test('counts a response when the connection is still open at the scrape timeout', async () => {
  const { clock, counts, open, sent } = await startCounting();
  const socket = open();
  socket.write(`${scrapeText}\r\n`);
  await readResponses(socket, 1);
  await sent();
  await clock.advance(9_999);
  expect(counts.received).toBe(0);

  await clock.advance(1);

  expect(counts.received).toBe(1);
});

test('counts a response without a sign of the client if its connection ends with the response', async () => {
  const { counts, open } = await startCounting();
  open().write(`${scrapeText}Connection: close\r\n\r\n`);

  await waitFor('the receipt', () => (counts.received === 1 ? true : undefined));
});

test('counts no response of a connection that the server closes itself', async () => {
  const { clock, counts, open, sent, server } = await startCounting();
  open().write(`${scrapeText}\r\n`);
  await sent();

  await server.close();
  await waitForEnd(clock);

  expect(counts.received).toBe(0);
});

test('counts the responses to a client with keep-alive one request later', async () => {
  const { counts, port } = await startCounting();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const scrape = () =>
    new Promise<void>((resolve, reject) => {
      request({ port, path: '/metrics', agent }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end();
    });

  for (let i = 0; i < 3; i++) await scrape();

  expect(counts).toEqual({ sent: 3, received: 2 });
});
