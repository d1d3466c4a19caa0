import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createDraws } from '../chaos/draws.ts';
import { type AttackName, attacks, type Counts } from './attacks.ts';
import type { ClientsOutcome } from './clients.ts';
import { parseFlags } from './flags.ts';
import type { PasswordsOutcome } from './passwords.ts';
import type { Phase } from './phase.ts';
import { scrapeOnce } from './scraper.ts';
import { type Bar, clientBars, passwordBars, toBarReport, toPhaseReport } from './verdict.ts';

const figures = { residentBytes: 300e6, files: 40, sockets: 12, cpuSeconds: 5 };

function phase(name: string, ms: number, part: Partial<Phase> = {}): Phase {
  const scrapes = Array.from({ length: 100 }, () => ({ ms, failure: undefined, streams: 0 }));
  return { name, scrapes, peakBytes: 400e6, peakSockets: 512, cores: 0.5, counts: {}, end: figures, ...part };
}

function clients(part: Partial<ClientsOutcome> = {}): ClientsOutcome {
  return {
    before: phase('before', 100),
    attacks: [phase('attack', 900)],
    after: phase('after', 110),
    start: figures,
    recovered: figures,
    recoverySeconds: 2,
    prometheus: { scrapes: 20, failed: 0 },
    ...part,
  };
}

function passwords(part: Partial<PasswordsOutcome> = {}): PasswordsOutcome {
  const counts = { wrongPasswords: { logins: 6000, 'HTTP 401': 300, 'HTTP 503': 5700 } };
  return {
    before: phase('before', 100),
    attack: phase('attack', 200, { counts }),
    after: phase('after', 100),
    firstUses: [{ address: '127.0.0.1', ms: 900, refusals: 0 }],
    start: figures,
    ...part,
  };
}

const missed = (bars: readonly Bar[]) => bars.filter(({ isHeld }) => !isHeld).map(({ name }) => name);
const failed = { ms: 10_000, failure: 'timeout', streams: 0 };

test('passes if every bar is held', () => {
  const bars = [...clientBars(clients()), ...passwordBars(passwords())];

  expect(missed(bars)).toEqual([]);
  expect(toBarReport(bars)).toMatch(/\nload: PASS, 14 bars\n$/);
});

test.each<[string, Partial<ClientsOutcome>]>([
  ['attack: failed scrapes', { attacks: [phase('attack', 900, { scrapes: [failed] })] }],
  ['before: failed scrapes', { before: phase('before', 100, { scrapes: [{ ...failed, ms: 100 }] }) }],
  ['attack: failed scrapes', { attacks: [phase('attack', 900, { scrapes: [] })] }],
  ['attack: memory growth', { attacks: [phase('attack', 900, { peakBytes: 701e6 })] }],
  ['scrapes of a real Prometheus', { prometheus: { scrapes: 20, failed: 1 } }],
  ['scrapes of a real Prometheus', { prometheus: { scrapes: 0, failed: 0 } }],
  ['recovery of files and memory', { recovered: { ...figures, files: 49 } }],
  ['recovery of files and memory', { recovered: { ...figures, residentBytes: 551e6 } }],
  ['recovery of the median scrape', { after: phase('after', 251) }],
])('fails with: %s (clients, %#)', (name, part) => {
  expect(missed(clientBars(clients(part)))).toEqual([name]);
  expect(toBarReport(clientBars(clients(part)))).toMatch(/\nload: FAIL, 1 of 7 bars\n$/);
});

const attackWith = (ms: number, counts: Counts) => ({
  attack: phase('attack', ms, { counts: { wrongPasswords: counts } }),
});

test.each<[string, Partial<PasswordsOutcome>]>([
  ['p99 of scrapes', attackWith(201, { logins: 1 })],
  ['wrong passwords accepted', attackWith(100, { logins: 1, 'HTTP 200': 1 })],
  ['wrong passwords accepted', attackWith(100, {})],
  [
    'first use of a password from 127.0.0.1',
    { firstUses: [{ address: '127.0.0.1', ms: undefined, refusals: 9 }] },
  ],
  [
    'first use of a password from 127.0.0.1',
    { firstUses: [{ address: '127.0.0.1', ms: 10_001, refusals: 0 }] },
  ],
])('fails with: %s (passwords, %#)', (name, part) => {
  expect(missed(passwordBars(passwords(part)))).toEqual([name]);
});

test('fails without bars', () => {
  expect(toBarReport([])).toMatch(/\nload: FAIL, 0 of 0 bars\n$/);
});

test('reports the figures of the phases, what their clients counted, and why scrapes failed', () => {
  const report = toPhaseReport([
    phase('attack', 900, { counts: { idle: { connections: 9, 'HTTP 200': 8 } }, scrapes: [failed, failed] }),
  ]);

  expect(report).toContain('attack        2  10000 ms');
  expect(report).toContain('attack: idle: 9 connections, 8 HTTP 200\n');
  expect(report).toContain('attack: failed scrapes: 2 timeout\n');
});

test('parses the flags', () => {
  const defaults = { streams: 10_000, seconds: 30, addresses: 8, seed: 1 };
  expect(parseFlags([])).toEqual({ parts: ['clients', 'passwords'], ...defaults });
  expect(parseFlags(['--part', 'clients', '--seed=7'])).toEqual({ parts: ['clients'], ...defaults, seed: 7 });
  expect(parseFlags(['--help'])).toBe('help');
  expect(parseFlags(['--part', 'none'])).toEqual({ problem: '--part: unknown part "none"' });
  expect(parseFlags(['--seconds', '121'])).toHaveProperty('problem');
});

/** Starts a server that answers each request with this status and body. */
async function startServer(status: number, body: string) {
  const sockets = new Set<unknown>();
  let requests = 0;
  let closedAt: number | undefined;
  const server = createServer((request, response) => {
    requests++;
    if (requests === closedAt) request.destroy();
    else response.writeHead(status).end(body);
  }).on('connection', (socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    connections: () => sockets.size,
    requests: () => requests,
    /** Closes the connection of the request with this number, counted from 1, without a response. */
    closeAtRequest: (number: number) => {
      closedAt = number;
    },
  };
}

test.each([
  [503, '', 'HTTP 503'],
  [200, 'up 1\n', 'incorrect header check'],
])('a scrape fails if the response is %i %j', async (status, body, failure) => {
  const { url } = await startServer(status, body);

  expect(await scrapeOnce({ url })).toMatchObject({ failure });
});

test('a scrape is sent again if its kept connection was closed while it was idle', async () => {
  const { url, closeAtRequest, requests } = await startServer(503, '');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());

  const kept = once(agent, 'free');
  await scrapeOnce({ url, agent });
  await kept;
  closeAtRequest(2);

  expect(await scrapeOnce({ url, agent })).toMatchObject({ failure: 'HTTP 503' });
  expect(requests()).toBe(3);
});

test('a scrape fails if its new connection is closed', async () => {
  const { url, closeAtRequest } = await startServer(503, '');
  closeAtRequest(1);

  expect(await scrapeOnce({ url })).toMatchObject({ failure: 'socket hang up' });
});

test('a scrape fails if the connection is refused', async () => {
  expect(await scrapeOnce({ url: 'http://127.0.0.1:1/' })).toHaveProperty(
    'failure',
    expect.stringContaining('ECONNREFUSED'),
  );
});

test.each(Object.keys(attacks) as AttackName[])(
  'the attack %s connects, and ends with its signal',
  async (name) => {
    const { port, connections } = await startServer(200, 'x s\n');
    const stop = new AbortController();
    const counts: Counts = {};
    const running = attacks[name]({
      port,
      size: 3,
      addresses: ['127.0.0.1'],
      draws: createDraws('1'),
      signal: stop.signal,
      count: (event) => {
        counts[event] = (counts[event] ?? 0) + 1;
      },
    });
    await expect.poll(connections, { timeout: 10_000 }).toBeGreaterThan(0);
    stop.abort();

    await running;
  },
);
