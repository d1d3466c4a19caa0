import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Draws } from '../chaos/draws.ts';

/** Counters of an attack by name, such as connections and responses by status. */
export type Counts = Record<string, number>;

export interface AttackParts {
  readonly port: number;
  /** Number of connections, or of requests per second. */
  readonly size: number;
  /** Local addresses from which the attack comes. */
  readonly addresses: readonly string[];
  readonly draws: Draws;
  readonly signal: AbortSignal;
  readonly count: (name: string) => void;
}

export type Attack = (parts: AttackParts) => Promise<void>;

/** Pause in ms before a client connects again, so that a refused attack does not become a storm. */
const reconnectMs = 1_000;

/** Keeps `size` clients busy with `visit`, which ends with its connection, until the signal aborts. */
function crowd(visit: (parts: AttackParts, open: () => Socket) => Promise<void>): Attack {
  return async (parts) => {
    const { port, size, addresses, draws, signal, count } = parts;
    const client = async () => {
      // The clients begin one after another within a second.
      await pause(draws.between(0, reconnectMs), signal);
      while (!signal.aborted) {
        const socket = connect({ port, host: '127.0.0.1', localAddress: draws.pick(addresses) });
        const end = () => socket.destroy();
        signal.addEventListener('abort', end, { once: true });
        socket.on('error', (error: Error & { code?: string }) => count(error.code ?? 'error'));
        socket.on('connect', () => count('connections'));
        const closed = new Promise((resolve) => socket.once('close', resolve));
        await Promise.race([visit(parts, () => socket), closed]);
        socket.destroy();
        await closed;
        signal.removeEventListener('abort', end);
        await pause(reconnectMs, signal);
      }
    };
    await Promise.all(Array.from({ length: size }, client));
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Counts the status of each response on a socket, as far as its first line is in one packet. */
function countStatuses(socket: Socket, count: AttackParts['count']): void {
  socket.on('data', (bytes: Buffer) => {
    const status = /^HTTP\/1\.1 (\d{3})/.exec(bytes.toString('latin1', 0, 12))?.[1];
    if (status !== undefined) count(`HTTP ${status}`);
  });
}

/** Waits until the socket is closed. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Sends the headers of a request one byte at a time, one byte per second. */
const slowHeaders = crowd(async ({ signal, count }, open) => {
  const socket = open();
  countStatuses(socket, count);
  for (const byte of `GET /metrics HTTP/1.1\r\nHost: a\r\nX-Padding: ${'a'.repeat(1_000)}`) {
    if (signal.aborted || socket.destroyed) return;
    socket.write(byte);
    await pause(1_000, signal);
  }
});

/** Sends one small request, then keeps the connection open. */
const idle = crowd(async ({ count }, open) => {
  const socket = open();
  countStatuses(socket, count);
  socket.write('GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n');
  await closed(socket);
});

/** Opens a connection and sends nothing. */
const silent = crowd(async (_parts, open) => {
  const socket = open();
  socket.resume();
  await closed(socket);
});

/** Scrapes again and again, with short pauses. A quarter of the scrapers wants no compression. */
const scrapers = crowd(async ({ draws, count, signal }, open) => {
  const socket = open();
  countStatuses(socket, count);
  const encoding = draws.below(4) === 0 ? 'identity' : 'gzip';
  const ending = closed(socket);
  while (!signal.aborted && !socket.destroyed) {
    const ended = new Promise<void>((resolve) => {
      const onData = (bytes: Buffer) => {
        // The last chunk of a chunked body, or the line end of a text response.
        const end = bytes.toString('latin1', Math.max(0, bytes.length - 7));
        if (!end.endsWith('0\r\n\r\n') && !end.endsWith(' s\n')) return;
        socket.off('data', onData);
        resolve();
      };
      socket.on('data', onData);
    });
    socket.write(`GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${encoding}\r\n\r\n`);
    await Promise.race([ended, ending]);
    await pause(100, signal);
  }
});

/** Paths whose responses are large, with the encodings that the slow readers request. */
const largePaths = [
  ['/metrics', 'gzip'],
  ['/metrics', 'identity'],
  ['/', 'identity'],
  ['/api/v1/streams?limit=200', 'identity'],
] as const;

/** Requests a large response with a long timeout and reads one byte per second. */
const slowReaders = crowd(async ({ draws, signal, count }, open) => {
  const socket = open();
  const [path, encoding] = draws.pick(largePaths);
  const headers = `Host: a\r\nAccept-Encoding: ${encoding}\r\nX-Prometheus-Scrape-Timeout-Seconds: 600`;
  socket.write(`GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`);
  socket.pause();
  let isFirst = true;
  while (!signal.aborted && !socket.destroyed) {
    await pause(1_000, signal);
    // What Node has read already is the size of its buffer, which the system does not see. The rest waits.
    const byte: unknown = socket.read(isFirst ? 12 : 1);
    if (isFirst && byte instanceof Buffer) {
      count(`HTTP ${byte.toString('latin1').slice(9, 12)}`);
      isFirst = false;
    }
  }
});

/** Sends headers that are larger than the limit. */
const hugeHeaders = crowd(async ({ count }, open) => {
  const socket = open();
  countStatuses(socket, count);
  socket.write(`GET /metrics HTTP/1.1\r\nHost: a\r\nX-Huge: ${'a'.repeat(1_000_000)}\r\n\r\n`);
  await closed(socket);
});

/** Posts an endless body to a path that reads none. */
const hugeBodies = crowd(async ({ signal, count }, open) => {
  const socket = open();
  countStatuses(socket, count);
  const chunk = Buffer.alloc(64 * 1024, 'a');
  const ending = closed(socket);
  socket.write('POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n');
  while (!signal.aborted && !socket.destroyed) {
    if (socket.write(chunk)) await pause(1, signal);
    else await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), ending]);
    count('body chunks');
  }
});

/** Opens `size` connections per second and resets each at once, half of them after a request. */
const resets: Attack = async ({ port, size, addresses, draws, signal, count }) => {
  const perTick = Math.ceil(size / 20);
  while (!signal.aborted) {
    for (let i = 0; i < perTick; i++) {
      const socket = connect({ port, host: '127.0.0.1', localAddress: draws.pick(addresses) });
      socket.on('error', () => count('errors'));
      socket.on('connect', () => {
        count('connections');
        if (draws.below(2) === 0) socket.resetAndDestroy();
        else socket.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n', () => socket.resetAndDestroy());
      });
    }
    await pause(50, signal);
  }
};

/** Users of the guesses. The first one exists. */
const guessedUsers = ['prometheus', 'admin', 'root', 'grafana'];

/** Sends `size` logins with different wrong passwords per second, on new connections. */
const wrongPasswords: Attack = async ({ port, size, addresses, draws, signal, count }) => {
  const startedAt = performance.now();
  for (let sent = 0; !signal.aborted; ) {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * size);
    for (; sent < due; sent++) {
      const login = `${draws.pick(guessedUsers)}:guess-${sent}-${draws.below(1e9)}`;
      const socket = connect({ port, host: '127.0.0.1', localAddress: draws.pick(addresses) });
      const end = () => socket.destroy();
      signal.addEventListener('abort', end, { once: true });
      socket.once('close', () => signal.removeEventListener('abort', end));
      countStatuses(socket, count);
      socket.on('error', (error: Error & { code?: string }) => count(error.code ?? 'error'));
      socket.write(
        `GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic ${Buffer.from(login).toString('base64')}\r\n\r\n`,
      );
      count('logins');
    }
    await pause(10, signal);
  }
};

export const attacks = {
  slowHeaders,
  idle,
  silent,
  scrapers,
  slowReaders,
  hugeHeaders,
  hugeBodies,
  resets,
  wrongPasswords,
} satisfies Readonly<Record<string, Attack>>;

export type AttackName = keyof typeof attacks;
