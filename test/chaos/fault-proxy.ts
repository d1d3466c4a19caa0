import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, ProxiedKind } from './faults.ts';
import { gatewayFault, htmlPage, type Provider, type Told, throttledWords, wrongJson } from './words.ts';

/** Stands between the exporter and the simulator, and spoils calls. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Faults that really met a client, in their order. */
  readonly inflicted: readonly Inflicted[];
  /** Calls that came in so far. */
  arrived(): number;
  /** Calls whose clients still wait. */
  waiting(): number;
}

export interface Inflicted {
  readonly provider: Provider;
  readonly kind: ProxiedKind;
  readonly moment: Fault['moment'];
}

export interface FaultProxyOptions {
  /** Of the simulator: scheme, host and port. */
  readonly target: string;
  /** What happens to the next call of this provider; undefined: nothing. */
  readonly nextFault: (provider: Provider) => Fault | undefined;
  /** How long a slow answer takes; left out: half of them come in time, the others outlast every deadline. */
  readonly slowMs?: (form: number) => number;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Into so many pieces a slow answer is cut. */
const slowPieces = 16;

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { target, nextFault, slowMs = usualSlowMs } = options;
  const agent = new Agent({ keepAlive: true });
  const ending = new AbortController();
  const inflicted: Inflicted[] = [];
  /** Of peers that have vanished. */
  const held = new WeakSet<Socket>();
  let arrived = 0;
  let waiting = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const provider = incoming.url?.startsWith('/common_access') ? 'tencent' : 'alibaba';
    const fault = nextFault(provider);
    const body = await read(incoming);
    if (fault === undefined) return send(outgoing, await forward(incoming, body));
    const answer = fault.moment === 'after' ? await forward(incoming, body) : undefined;
    // Killed meanwhile: nobody is left to be harmed.
    if (outgoing.destroyed) return undefined;
    inflicted.push({ provider, kind: fault.kind, moment: fault.moment });
    return inflict(fault, provider, outgoing, answer);
  }

  async function forward(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const onward = request(new URL(incoming.url ?? '/', target), {
      method: incoming.method,
      // With the host that the caller signed.
      headers: incoming.headers,
      agent,
      signal: ending.signal,
    });
    onward.end(body);
    // 'response' brings one message.
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await read(answer) };
  }

  async function inflict(
    { kind, form }: Fault,
    provider: Provider,
    outgoing: ServerResponse,
    answer: Answer | undefined,
  ): Promise<void> {
    const { socket } = outgoing;
    switch (kind) {
      case 'reset':
        socket?.resetAndDestroy();
        return;
      case 'stall':
        // Not a byte; the connection ends when the client has had enough.
        return;
      case 'half_open':
        if (socket !== null) vanish(socket);
        return;
      case 'slow':
        if (answer !== undefined) await sendSlowly(outgoing, answer, slowMs(form), ending.signal);
        return;
      case 'truncated':
        if (answer !== undefined) sendHalf(outgoing, answer, form);
        return;
      case 'http_5xx':
        return say(outgoing, gatewayFault(form));
      case 'html':
        return say(outgoing, htmlPage(form));
      case 'throttled':
        return say(outgoing, throttledWords(provider, form));
      case 'wrong_json':
        return say(outgoing, wrongJson(provider, form));
      default:
        kind satisfies never;
    }
  }

  /** From here on the peer neither speaks nor closes, not even when the client does. */
  function vanish(socket: Socket): void {
    // The server's own listener would close when the client does.
    socket.removeAllListeners('end');
    let isWaiting = true;
    for (const gone of ['end', 'close']) {
      socket.on(gone, () => {
        if (isWaiting) waiting--;
        isWaiting = false;
      });
    }
    held.add(socket);
  }

  const server = createServer((incoming, outgoing) => {
    arrived++;
    waiting++;
    outgoing.on('close', () => {
      if (outgoing.socket === null || !held.has(outgoing.socket)) waiting--;
    });
    outgoing.on('error', () => undefined);
    serve(incoming, outgoing).catch(() => {
      // The client went away, or the simulator has ended.
      outgoing.destroy();
    });
  });
  // Longer than the exporter keeps a connection, so that no reset comes that nobody drew.
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
      ending.abort(new Error('the proxy ends'));
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function usualSlowMs(form: number): number {
  return form < 0.5 ? 1_000 + 8_000 * form : 12_000 + 10_000 * form;
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function say(outgoing: ServerResponse, { status, headers, body }: Told): void {
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

function send(outgoing: ServerResponse, answer: Answer): void {
  writeHead(outgoing, answer).end(answer.body);
}

async function sendSlowly(
  outgoing: ServerResponse,
  answer: Answer,
  takesMs: number,
  signal: AbortSignal,
): Promise<void> {
  writeHead(outgoing, answer).flushHeaders();
  const size = Math.max(1, Math.ceil(answer.body.length / slowPieces));
  for (let from = 0; from < answer.body.length && !outgoing.destroyed; from += size) {
    await sleep(takesMs / slowPieces, undefined, { signal });
    outgoing.write(answer.body.subarray(from, from + size));
  }
  outgoing.end();
}

/** As much as was promised and less sent; in pieces of which the last is missing; or half as though it were all. */
function sendHalf(outgoing: ServerResponse, answer: Answer, form: number): void {
  const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
  if (form < 0.33) {
    send(outgoing, { ...answer, body: half });
  } else if (form < 0.67) {
    writeHead(outgoing, answer).write(half, () => outgoing.socket?.end());
  } else {
    outgoing.writeHead(answer.status, passedOn(answer));
    outgoing.write(half, () => outgoing.socket?.resetAndDestroy());
  }
}

function writeHead(outgoing: ServerResponse, answer: Answer): ServerResponse {
  return outgoing.writeHead(answer.status, {
    ...passedOn(answer),
    'content-length': answer.body.length,
  });
}

/** What is of this answer, and not of the connection it came by. */
function passedOn({ headers }: Answer): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name)) kept[name] = value;
  }
  return kept;
}

const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);
