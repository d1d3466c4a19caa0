import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EpochMs } from '../../src/model/time.ts';
import type { Fault, ProxiedKind, WindowKind } from './faults.ts';
import {
  cutRows,
  maxWindowMs,
  readWindowRequest,
  tooLargeBytes,
  type WindowRequest,
} from './window-faults.ts';
import {
  type CannedResponse,
  gatewayFault,
  htmlPage,
  type Provider,
  throttledResponse,
  wrongJson,
} from './words.ts';

/** Proxy between the exporter and the simulator that injects faults. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Faults that affected a client, in order. */
  readonly inflicted: readonly Inflicted[];
  /** Returns the number of requests so far. */
  arrived(): number;
  /** Returns the number of pending requests. */
  waiting(): number;
}

export interface Inflicted {
  readonly provider: Provider;
  readonly kind: ProxiedKind | WindowKind;
  readonly moment: Fault['moment'];
}

export interface FaultProxyOptions {
  /** Simulator: scheme, host and port. */
  readonly target: string;
  /** Returns the fault for the next request to this provider; undefined: none. */
  readonly nextFault: (provider: Provider) => Fault | undefined;
  /** Reports whether the provider now has the faults of long windows. */
  readonly limitsWindows?: () => boolean;
  /** Returns the time in the `Date` header of responses that do not come from the simulator. */
  readonly now?: () => EpochMs;
  /** Returns the duration of a slow response. By default, half of them exceed every deadline. */
  readonly slowMs?: (form: number) => number;
}

/** Response of the simulator. */
interface Upstream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** White space that makes a response too large. */
const padding = Buffer.alloc(tooLargeBytes, ' ');

/** Number of chunks of a slow response. */
const slowChunks = 16;

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { target, nextFault, slowMs = defaultSlowMs, limitsWindows = () => false, now = Date.now } = options;
  const agent = new Agent({ keepAlive: true });
  const stopping = new AbortController();
  const inflicted: Inflicted[] = [];
  /** Sockets of half-open connections. */
  const halfOpen = new WeakSet<Socket>();
  let arrived = 0;
  let waiting = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const provider = incoming.url?.startsWith('/common_access') ? 'tencent' : 'alibaba';
    const fault = nextFault(provider);
    const body = await read(incoming);
    outgoing.setHeader('date', new Date(now()).toUTCString());
    if (fault === undefined) {
      const asked = limitsWindows() ? readWindowRequest(incoming.url ?? '') : undefined;
      const answer = await forward(incoming, body);
      const limited = asked && withWindowFault(asked, answer);
      if (asked === undefined || limited === undefined || outgoing.destroyed) return send(outgoing, answer);
      inflicted.push({ provider, kind: asked.kind, moment: 'after' });
      return send(outgoing, limited);
    }
    const answer = fault.moment === 'after' ? await forward(incoming, body) : undefined;
    // The client was killed in the meantime, so the fault affects nobody.
    if (outgoing.destroyed) return undefined;
    inflicted.push({ provider, kind: fault.kind, moment: fault.moment });
    return inflict(fault, provider, outgoing, answer);
  }

  async function forward(incoming: IncomingMessage, body: Buffer): Promise<Upstream> {
    const upstreamRequest = request(new URL(incoming.url ?? '/', target), {
      method: incoming.method,
      // Keep the Host header: the signature includes it.
      headers: incoming.headers,
      agent,
      signal: stopping.signal,
    });
    upstreamRequest.end(body);
    // The 'response' event has one argument.
    const [answer] = (await once(upstreamRequest, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await read(answer) };
  }

  async function inflict(
    { kind, form }: Fault,
    provider: Provider,
    outgoing: ServerResponse,
    answer: Upstream | undefined,
  ): Promise<void> {
    const { socket } = outgoing;
    switch (kind) {
      case 'reset':
        socket?.resetAndDestroy();
        return;
      case 'stall':
        // Send nothing; the client closes the connection when it times out.
        return;
      case 'half_open':
        if (socket !== null) makeHalfOpen(socket);
        return;
      case 'slow':
        if (answer !== undefined) await sendSlowly(outgoing, answer, slowMs(form), stopping.signal);
        return;
      case 'truncated':
        if (answer !== undefined) sendHalf(outgoing, answer, form);
        return;
      case 'http_5xx':
        return sendResponse(outgoing, gatewayFault(form));
      case 'html':
        return sendResponse(outgoing, htmlPage(form));
      case 'throttled':
        return sendResponse(outgoing, throttledResponse(provider, form));
      case 'wrong_json':
        return sendResponse(outgoing, wrongJson(provider, form));
      default:
        kind satisfies never;
    }
  }

  /** Makes a connection half-open: the proxy neither sends data nor closes it, even if the client closes it. */
  function makeHalfOpen(socket: Socket): void {
    // The listener of the server would close the connection when the client does.
    socket.removeAllListeners('end');
    let isWaiting = true;
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        if (isWaiting) waiting--;
        isWaiting = false;
      });
    }
    halfOpen.add(socket);
  }

  const server = createServer((incoming, outgoing) => {
    arrived++;
    waiting++;
    outgoing.on('close', () => {
      if (outgoing.socket === null || !halfOpen.has(outgoing.socket)) waiting--;
    });
    outgoing.on('error', () => undefined);
    serve(incoming, outgoing).catch(() => {
      // The client or the simulator has closed the connection.
      outgoing.destroy();
    });
  });
  // Keep idle connections longer than the exporter does: otherwise there would be resets that are not planned faults.
  server.keepAliveTimeout = 65_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();

  return {
    url: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`,
    inflicted,
    arrived: () => arrived,
    waiting: () => waiting,
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the proxy stops'));
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

/** Returns the response to a request whose stream has a window fault; undefined if it does not affect the request. */
function withWindowFault({ kind, windowMs }: WindowRequest, answer: Upstream): Upstream | undefined {
  switch (kind) {
    case 'long_504': {
      const { status, headers, body } = gatewayFault(0.8);
      return windowMs > maxWindowMs ? { status, headers, body: Buffer.from(body) } : undefined;
    }
    case 'too_large':
      return windowMs > maxWindowMs ? { ...answer, body: Buffer.concat([answer.body, padding]) } : undefined;
    case 'oldest_cut':
    case 'newest_cut': {
      const body = cutRows(answer.body.toString(), kind);
      return body === undefined ? undefined : { ...answer, body: Buffer.from(body) };
    }
    default:
      return kind satisfies never;
  }
}

function defaultSlowMs(form: number): number {
  return form < 0.5 ? 1_000 + 8_000 * form : 12_000 + 10_000 * form;
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function sendResponse(outgoing: ServerResponse, { status, headers, body }: CannedResponse): void {
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

function send(outgoing: ServerResponse, answer: Upstream): void {
  writeHead(outgoing, answer).end(answer.body);
}

async function sendSlowly(
  outgoing: ServerResponse,
  answer: Upstream,
  takesMs: number,
  signal: AbortSignal,
): Promise<void> {
  writeHead(outgoing, answer).flushHeaders();
  const size = Math.max(1, Math.ceil(answer.body.length / slowChunks));
  for (let from = 0; from < answer.body.length && !outgoing.destroyed; from += size) {
    await sleep(takesMs / slowChunks, undefined, { signal });
    outgoing.write(answer.body.subarray(from, from + size));
  }
  outgoing.end();
}

/** Sends half of a response: as a complete body, with too large a Content-Length, or chunked without the last chunk. */
function sendHalf(outgoing: ServerResponse, answer: Upstream, form: number): void {
  const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
  if (form < 0.33) {
    send(outgoing, { ...answer, body: half });
  } else if (form < 0.67) {
    writeHead(outgoing, answer).write(half, () => outgoing.socket?.end());
  } else {
    outgoing.writeHead(answer.status, endToEndHeaders(answer));
    outgoing.write(half, () => outgoing.socket?.resetAndDestroy());
  }
}

function writeHead(outgoing: ServerResponse, answer: Upstream): ServerResponse {
  return outgoing.writeHead(answer.status, {
    ...endToEndHeaders(answer),
    'content-length': answer.body.length,
  });
}

/** Returns the headers without hop-by-hop headers. */
function endToEndHeaders({ headers }: Upstream): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name)) kept[name] = value;
  }
  return kept;
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);
