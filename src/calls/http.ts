import { buildConnector, Client, type Dispatcher, EnvHttpProxyAgent, errors } from 'undici';
import { ProviderError } from '../model/answer.ts';
import type { CancelSignal, Http, HttpRequest, HttpResponse } from './call.ts';
import { acceptedEncoding, decompress, tooLarge } from './decompress.ts';

export interface HttpSettings {
  readonly connectTimeoutMs: number;
  /** Until the head of the answer is there. Like the next, a backstop: a call's own deadline is `withDeadline`. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of the body. */
  readonly bodyTimeoutMs: number;
  /** The largest body, as sent and as unpacked. */
  readonly maxBodyBytes?: number;
  /** For everything, whatever `env` says. */
  readonly proxyUrl?: string | undefined;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are read from, in small letters first. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface HttpClient {
  readonly send: Http;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
}

/**
 * Shorter than servers wait as a rule (5 s and more), so that no request meets a connection just closed over there.
 */
const keepAliveMs = 4_000;
const usualMaxBodyBytes = 16 * 1024 * 1024;

/**
 * The way out of the program: as many connections to an origin as there are requests under way, no redirects, no cookies.
 * Throws for an unusable proxy.
 */
export function createHttp(settings: HttpSettings): HttpClient {
  const { proxyUrl, env = {}, maxBodyBytes = usualMaxBodyBytes } = settings;
  const noProxy = proxyUrl === undefined ? (env.no_proxy ?? env.NO_PROXY ?? '') : '';
  // One for each scheme, since undici's own agent takes HTTP_PROXY for https too where HTTPS_PROXY is not set.
  const ways = {
    'http:': createWay(proxyUrl ?? env.http_proxy ?? env.HTTP_PROXY ?? '', noProxy, settings),
    'https:': createWay(proxyUrl ?? env.https_proxy ?? env.HTTPS_PROXY ?? '', noProxy, settings),
  };
  const limits = { ...settings, maxBodyBytes };
  let last: Place | undefined;

  return {
    send(request, signal) {
      return new Promise((resolve, reject) => {
        const place = last?.url === request.url ? last : readPlace(request.url);
        if (place?.protocol !== 'http:' && place?.protocol !== 'https:') {
          throw new ProviderError('internal', 'the URL is none of http or https');
        }
        if (signal.aborted) throw signal.reason;
        last = place;
        exchange({ way: ways[place.protocol], place, request, limits, signal, resolve, reject });
      });
    },
    async close() {
      await Promise.all([ways['http:'].destroy(), ways['https:'].destroy()]);
    },
  };
}

/** What sends requests, each on a line of its own. */
interface Way {
  take(origin: string): Line;
  /** Its request has ended. */
  give(origin: string, taken: Line): void;
  /** Ends all that were taken, and any that are taken from now on. */
  destroy(): Promise<unknown>;
}

/** Sends one request at a time. */
interface Line {
  readonly dispatcher: Dispatcher;
  /** Its connection has brought an answer, and is the same still. Never told by way of a proxy, which has many. */
  hasServed: boolean;
}

/** `proxy` empty: none. */
function createWay(proxy: string, noProxy: string, { connectTimeoutMs }: HttpSettings): Way {
  // curl and Go take host:port too.
  const proxyUrl = proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
  if (proxyUrl !== '' && !/^https?:$/.test(URL.parse(proxyUrl)?.protocol ?? '')) {
    // Not shown: a proxy's URL may hold a password.
    throw new Error('the proxy URL is none of http or https');
  }
  const options = {
    keepAliveTimeout: keepAliveMs,
    // However long a server offers to wait.
    keepAliveMaxTimeout: 10 * keepAliveMs,
    pipelining: 1,
    allowH2: false,
  };
  if (proxyUrl === '') {
    // One for all, so that TLS sessions are taken up again on any connection.
    const connect = buildConnector({ timeout: connectTimeoutMs, allowH2: false });
    return createDirectWay({ ...options, connect });
  }
  const proxied = { httpProxy: proxyUrl, httpsProxy: proxyUrl, noProxy };
  try {
    const agent = new EnvHttpProxyAgent({ ...options, ...proxied, connectTimeout: connectTimeoutMs });
    const take = () => ({ dispatcher: agent, hasServed: false });
    return { take, give: () => undefined, destroy: () => agent.destroy() };
  } catch {
    // Without the cause, which may quote it.
    throw new Error('the proxy URL cannot be read; a % in its user or password has to be written %25');
  }
}

/**
 * A client is one connection. The one that came free last is taken first, so that the others can end. By an Agent it
 * would come free a turn of the event loop later, with its timers taken down: a tenth of the CPU of an exchange.
 */
function createDirectWay(options: Client.Options): Way {
  const all: Client[] = [];
  const free = new Map<string, Line[]>();
  let isClosed = false;
  return {
    take(origin) {
      const known = free.get(origin)?.pop();
      if (known !== undefined) return known;
      const client = new Client(origin, options);
      if (isClosed) void client.destroy();
      all.push(client);
      const line = { dispatcher: client, hasServed: false };
      client.on('disconnect', () => {
        line.hasServed = false;
      });
      return line;
    },
    give(origin, line) {
      const others = free.get(origin);
      if (others === undefined) free.set(origin, [line]);
      else others.push(line);
    },
    destroy() {
      isClosed = true;
      return Promise.all(all.map((client) => client.destroy()));
    },
  };
}

/** Where requests go. */
interface Place {
  readonly url: string;
  readonly protocol: string;
  readonly origin: string;
  /** With the query, where the URL has one. */
  readonly path: string;
}

function readPlace(text: string): Place | undefined {
  const url = URL.parse(text);
  if (url === null) return undefined;
  const { protocol, origin, pathname, search } = url;
  return { url: text, protocol, origin, path: `${pathname}${search}` };
}

interface Limits {
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly maxBodyBytes: number;
}

interface Exchange {
  readonly way: Way;
  readonly place: Place;
  readonly request: HttpRequest;
  readonly limits: Limits;
  readonly signal: CancelSignal;
  readonly resolve: (answer: HttpResponse) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One request and the whole of its answer. By undici's `dispatch`, because `request` puts a stream between, which
 * costs time, and heeds an abort only once it is connected.
 */
function exchange({ way, place, request, limits, signal, resolve, reject }: Exchange): void {
  const { origin } = place;
  const { method, query, body = null } = request;
  const { headersTimeoutMs, bodyTimeoutMs, maxBodyBytes } = limits;
  const line = way.take(origin);
  const chunks: Buffer[] = [];
  let size = 0;
  let status = 0;
  let headers: HttpResponse['headers'] = {};
  let running: Dispatcher.DispatchController | undefined;
  let isBegun = false;
  let isSecond = false;

  const onAbort = () => {
    reject(signal.reason);
    running?.abort(new Error('aborted'));
  };
  const end = () => {
    signal.removeEventListener('abort', onAbort);
    way.give(origin, line);
  };
  signal.addEventListener('abort', onAbort);

  const options: Dispatcher.DispatchOptions = {
    origin,
    path: query === undefined ? place.path : `${place.path}?${query}`,
    method,
    headers: { 'accept-encoding': acceptedEncoding, ...request.headers },
    body,
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
    // No other follows on its connection anyway; so undici need not look whether one may.
    blocking: false,
  };
  const dispatch = () =>
    line.dispatcher.dispatch(options, {
      onRequestStart(controller) {
        running = controller;
        if (signal.aborted) onAbort();
      },
      onResponseStarted() {
        isBegun = true;
      },
      onResponseStart(_, told, all) {
        status = told;
        headers = firstOfEach(all);
      },
      onResponseData(controller, chunk) {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= maxBodyBytes) return;
        reject(tooLarge(maxBodyBytes));
        controller.abort(new Error('too large'));
      },
      onResponseEnd() {
        const [first] = chunks;
        const whole = chunks.length === 1 && first ? first : Buffer.concat(chunks);
        const text = decompress(whole, headers['content-encoding'] ?? '', maxBodyBytes);
        if (typeof text === 'string') resolve({ status, headers, text });
        else text.then((unpacked) => resolve({ status, headers, text: unpacked }), reject);
        line.hasServed = true;
        end();
      },
      onResponseError(_, error) {
        // A kept connection that the server ended while the request was on its way: nobody read it. So sending it again
        // is no retry of the call, which takes a turn and is `retried`'s; it is done once, and not where reading it
        // twice might harm.
        const isStale = !isBegun && servedBefore(line, error);
        if (isStale && !isSecond && method === 'GET' && !signal.aborted) {
          isSecond = true;
          running = undefined;
          // Only once undici is done with the old connection: it may be amid failing all that waits for it.
          queueMicrotask(dispatch);
          return;
        }
        end();
        reject(new ProviderError('unavailable', whyNoAnswer(error)));
      },
    });
  dispatch();
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function firstOfEach(headers: Headers): Record<string, string> {
  const first: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    const text = typeof value === 'object' ? value[0] : value;
    if (text !== undefined) first[name] = text;
  }
  return first;
}

/** Whether the server ended a connection that had brought something before. */
function servedBefore({ hasServed }: Line, error: Error): boolean {
  if (error instanceof errors.SocketError) return (error.socket?.bytesRead ?? 0) > 0;
  // A reset comes as the system tells it, which knows no socket.
  return hasServed && codeOf(error) === 'ECONNRESET';
}

/** In our words and without the cause: undici's errors may hold addresses, headers and URLs, and those a signature. */
function whyNoAnswer(error: Error): string {
  const byProxy = /^prox.*\((\d{3})\)/i.exec(error.message)?.[1];
  const why = byProxy === undefined ? (codeOf(error) ?? error.name) : `the proxy said HTTP ${byProxy}`;
  return `no whole answer: ${why}`;
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
