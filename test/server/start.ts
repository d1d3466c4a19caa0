import {
  type Agent,
  get,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/server.ts';
import type { WebSettings } from '../../src/server/web-settings.ts';
import type { Overview } from '../../src/status/overview.ts';
import type { StreamView } from '../../src/status/stream-view.ts';
import type { StreamsView } from '../../src/status/streams-view.ts';
import type { StatusView } from '../../src/status/view.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { neverReloaded } from '../support/web-settings.ts';

export interface LoggedLine {
  readonly level: 'debug' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** Starts a server with minimal data sources on a free port of 127.0.0.1, and closes it when the test ends. */
export async function start(
  part: Partial<ServerOptions> = {},
): Promise<{ server: RunningServer; url: string; port: number; lines: LoggedLine[] }> {
  const lines: LoggedLine[] = [];
  const server = await startServer({
    listenAddresses: ['127.0.0.1:0'],
    telemetryPath: '/metrics',
    clock: createManualClock(),
    log: {
      debug: (message, fields) => lines.push({ level: 'debug', message, fields }),
      error: (message, fields) => lines.push({ level: 'error', message, fields }),
    },
    onBug: (work, error) => lines.push({ level: 'error', message: work, fields: { error } }),
    scrape: () => scrapeOf(chunks('up 1\n')),
    healthy: () => ({ ok: true, reason: 'healthy' }),
    ready: () => ({ ok: true, reason: 'ready' }),
    overview: async () => overviewOf(),
    status: async () => statusView(),
    streams: async () => streamsView([]),
    stream: () => undefined,
    graceMs: 0,
    ...part,
  });
  onTestFinished(() => server.close());
  const [address] = server.addresses;
  if (address === undefined) throw new Error('no address');
  return { server, url: address.url.slice(0, -1), port: address.port, lines };
}

export async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

export const at = '2026-03-01T12:00:00.000Z';

export function statusView(part: Partial<StatusView> = {}): StatusView {
  return {
    now: at,
    exporter: {
      version: '1.2.3',
      started_at: at,
      config_file: 'live.yaml',
      config_loaded_at: at,
      config_last_reload_successful: true,
      state_saved_at: null,
      warnings: [],
    },
    posted_alerts: null,
    accounts: [],
    collectors: [],
    streams: { total: 0, missing: 0, degraded: 0, unknown: 0, up: 0, not_pushed: 0 },
    recovered: 0,
    interrupted: 0,
    forbidden: { total: 0, streams: [] },
    domains: [],
    control_actions: [],
    ...part,
  };
}

/** Data of a status page of these streams, all of them up. */
export function overviewOf(streams: readonly StreamView[] = [], part: Partial<Overview> = {}): Overview {
  const { length } = streams;
  return {
    status: statusView({ streams: { ...statusView().streams, total: length, up: length } }),
    streams,
    selected: length,
    page: 1,
    pages: 1,
    withoutVideo: 0,
    failures: new Map(),
    worst: { missing: [], degraded: [], unknown: [], interrupted: [] },
    sharedDomain: {},
    ...part,
  };
}

export function streamsView(streams: readonly StreamView[]): StreamsView {
  return { now: at, total: streams.length, offset: 0, limit: 200, streams };
}

export function streamView(part: Partial<StreamView> = {}): StreamView {
  return {
    key: 'a2V5',
    account: 'tencent',
    provider: 'tencent',
    domain: 'push.example.com',
    app_name: 'live',
    stream: 'news',
    state: 'up',
    state_since_at: '2026-03-01T11:00:00.000Z',
    state_age_seconds: 3_600,
    state_since_is_exact: true,
    due: true,
    conditions: [],
    interrupted_since_at: null,
    interrupted_seconds: null,
    fps: 25,
    bitrate_bps: 2_000_000,
    client_ip: '192.0.2.10',
    client_ip_is_hidden: false,
    server_ip: '198.51.100.1',
    publishers: 1,
    sample_at: at,
    sample_age_seconds: 8,
    watermark_at: at,
    watermark_age_seconds: 2,
    totals: null,
    last_failure: null,
    expected: { fps: 25, bitrate_bps: 2_500_000, min_fps: 20, min_bitrate_bps: null },
    labels: {},
    forbidden: null,
    forbidden_since_at: null,
    troubles: [],
    recent: [],
    ...part,
  };
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request on a new connection. */
export function request(
  url: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    })
      .on('error', reject)
      .end();
  });
}

/** Sends raw bytes and returns everything that the server sends until it closes the connection. */
export function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

/** Sends a GET request, and returns the response before its body is read. By default, the connection is a new one. */
export function open(
  url: string,
  headers: Record<string, string> = {},
  agent: Agent | false = false,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent }, resolve).on('error', reject);
  });
}

/** A scrape with this body. */
export function scrapeOf(body: AsyncIterable<Uint8Array>, completed: () => void = () => undefined) {
  return { headers: {}, body, completed };
}

/** A scrape whose client must not receive the whole body. */
export function unfinishedScrape(body: AsyncIterable<Uint8Array>) {
  return scrapeOf(body, () => expect.unreachable());
}

/** A body that is rendered until the client is gone. */
export async function* endless(
  ended: () => void = () => undefined,
  rendered: () => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      rendered();
      yield Buffer.alloc(65_536, 0x20);
    }
  } finally {
    ended();
  }
}

/** A scrape that sends one line, and the second line after the gate opens. */
export function gated(gate: Promise<void>) {
  return scrapeOf(
    (async function* () {
      yield* chunks('up 1\n');
      await gate;
      yield* chunks('up 2\n');
    })(),
  );
}

/** Starts a server whose scrapes wait for `openGate` after their first line. `started` counts them. */
export async function startGated(part: Partial<ServerOptions> = {}) {
  const gate = Promise.withResolvers<void>();
  let started = 0;
  const scrape = () => {
    started++;
    return gated(gate.promise);
  };
  return { ...(await start({ scrape, ...part })), openGate: gate.resolve, started: () => started };
}

/** Settings of a web config, by default those of an empty file. */
export function webSettings(part: Partial<WebSettings> = {}): WebSettings {
  return { tls: undefined, headers: {}, users: new Map(), rateLimit: undefined, ...part };
}

/** A web config that does not change. */
export function webOf(part: Partial<WebSettings>) {
  const settings = webSettings(part);
  return { settings: { current: () => settings, ...neverReloaded }, secret: 'the-secret' };
}
