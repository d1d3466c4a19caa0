import { buildConnector, Client, type Dispatcher, EnvHttpProxyAgent, errors } from 'undici';
import { ProviderError } from '../model/answer.ts';
import type { CancelSignal, Http, HttpResponse } from './call.ts';
import { acceptedEncoding, decompress, tooLarge } from './decompress.ts';

export interface HttpSettings {
  readonly connectTimeoutMs: number;
  /**
   * Maximum time in ms until the response headers arrive, and between two chunks of the body. This is only a
   * safeguard: `withDeadline` limits each attempt as a whole.
   */
  readonly responseTimeoutMs: number;
  /** Maximum size of the body in bytes, both as received and after decompression. */
  readonly maxBodyBytes?: number;
  /** URL of the proxy for all requests. If set, the proxy variables in `env` are ignored. */
  readonly proxyUrl?: string | undefined;
  /**
   * Environment variables, of which HTTP_PROXY, HTTPS_PROXY and NO_PROXY are used. Lower-case names take
   * precedence.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface HttpClient {
  readonly send: Http;
  /** Closes all connections, including those in use. */
  close(): Promise<void>;
}

/**
 * Time in ms after which an idle connection is closed. It is shorter than the keep-alive timeout of most
 * servers (5 s or more), so that few requests are sent on a connection that the server has just closed.
 */
const keepAliveMs = 4_000;
const defaultMaxBodyBytes = 16 * 1024 * 1024;

/**
 * Creates the HTTP client. It keeps a pool with one connection per concurrent request, follows no redirects
 * and stores no cookies. Throws if the proxy URL is invalid.
 */
export function createHttp(settings: HttpSettings): HttpClient {
  const { proxyUrl, env = {}, responseTimeoutMs, maxBodyBytes = defaultMaxBodyBytes } = settings;
  const noProxy = proxyUrl === undefined ? (env.no_proxy ?? env.NO_PROXY ?? '') : '';
  // Use one pool per URL scheme: a shared EnvHttpProxyAgent would send https requests through HTTP_PROXY if
  // HTTPS_PROXY is not set.
  const pools = {
    'http:': createPool(proxyUrl ?? env.http_proxy ?? env.HTTP_PROXY ?? '', noProxy, settings),
    'https:': createPool(proxyUrl ?? env.https_proxy ?? env.HTTPS_PROXY ?? '', noProxy, settings),
  };
  /** Parsed endpoint of the last request. Parsing the same URL for each request would cost 5 us of CPU. */
  let endpoint = parseEndpoint('');
  let isClosed = false;

  return {
    async send({ method, url, query, headers, body = null }, signal) {
      if (endpoint.url !== url) endpoint = parseEndpoint(url);
      const { protocol, origin, path } = endpoint;
      if (protocol !== 'http:' && protocol !== 'https:') {
        throw new ProviderError('internal', 'the URL does not start with http:// or https://');
      }
      if (signal.aborted) throw signal.reason;
      if (isClosed) throw new ProviderError('unavailable', 'the HTTP client is closed');
      const options = {
        origin,
        path: query === undefined ? path : `${path}?${query}`,
        method,
        headers: { 'accept-encoding': acceptedEncoding, ...headers },
        body,
        headersTimeout: responseTimeoutMs,
        bodyTimeout: responseTimeoutMs,
        // Turn off undici's check whether another request may follow on a busy connection: this client never
        // sends one.
        blocking: false,
      };
      const exchange = () => exchangeOnce(pools[protocol], options, maxBodyBytes, signal);
      return exchange().catch((error: unknown) => {
        // The server closed the idle connection before it read the request, so the request is sent once more,
        // which does not count as a retry. Only a request with the idempotent method GET may be sent twice.
        if (error instanceof StaleConnectionError && method === 'GET' && !signal.aborted) return exchange();
        throw error;
      });
    },
    async close() {
      isClosed = true;
      await Promise.all([pools['http:'].destroy(), pools['https:'].destroy()]);
    },
  };
}

/** Parses an endpoint URL. `protocol` and `origin` are empty if the URL is invalid. */
function parseEndpoint(url: string) {
  const { protocol = '', origin = '', pathname, search } = URL.parse(url) ?? {};
  return { url, protocol, origin, path: `${pathname}${search}` };
}

/** Connection that carries one request at a time, or a proxy agent that manages its own connections. */
interface Connection {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  /** Whether a response has arrived on the current socket. Always false for a proxy agent. */
  hasServed: boolean;
}

type Pool = ReturnType<typeof createDirectPool>;

/** Creates the pool of one URL scheme. `proxy` is the URL of the proxy; empty for direct connections. */
function createPool(proxy: string, noProxy: string, { connectTimeoutMs }: HttpSettings): Pool {
  const options = {
    // All clients share one connector, so that a new connection can resume a TLS session of an earlier
    // connection.
    connect: buildConnector({ timeout: connectTimeoutMs, allowH2: false }),
    keepAliveTimeout: keepAliveMs,
    // Maximum keep-alive timeout in ms that a server can request with its Keep-Alive header.
    keepAliveMaxTimeout: 10 * keepAliveMs,
    allowH2: false,
  };
  if (proxy === '') return createDirectPool(options);
  // Accept a proxy as host:port without a scheme, as curl and Go do.
  const proxyUrl = proxy.includes('://') ? proxy : `http://${proxy}`;
  // A proxy URL can contain a password. So the errors below contain neither the URL nor undici's error, which
  // can quote the URL.
  if (!/^https?:$/.test(URL.parse(proxyUrl)?.protocol ?? '')) {
    throw new Error('the proxy URL does not start with http:// or https://');
  }
  try {
    const proxies = { httpProxy: proxyUrl, httpsProxy: proxyUrl, noProxy };
    const agent = new EnvHttpProxyAgent({ ...options, ...proxies, connectTimeout: connectTimeoutMs });
    return {
      acquire: (origin) => ({ origin, dispatcher: agent, hasServed: false }),
      release: () => undefined,
      destroy: () => Promise.all([agent.destroy()]),
    };
  } catch {
    throw new Error('the proxy URL is invalid: in its user and password, write each % as %25');
  }
}

/**
 * Creates a pool of clients with one connection each. The client that was released last is reused first, so
 * that the other clients can close their idle connections. Undici's own Pool releases a client one iteration
 * of the event loop after the response and restarts its timers, which costs about a tenth of the CPU of a
 * response (collection cell of the benchmark).
 */
function createDirectPool(options: Client.Options) {
  const clients: Client[] = [];
  const idle: Connection[] = [];
  return {
    acquire(origin: string): Connection {
      const index = idle.findLastIndex((connection) => connection.origin === origin);
      const [reused] = index < 0 ? [] : idle.splice(index, 1);
      if (reused !== undefined) return reused;
      const client = new Client(origin, options);
      clients.push(client);
      const created = { origin, dispatcher: client, hasServed: false };
      client.on('disconnect', () => {
        created.hasServed = false;
      });
      return created;
    },
    release: (connection: Connection) => void idle.push(connection),
    /** Closes all connections, including those in use. */
    destroy: () => Promise.all(clients.map((client) => client.destroy())),
  };
}

/**
 * Error for a request on a kept-alive connection that the server closed before it sent any byte of the
 * response.
 */
class StaleConnectionError extends ProviderError {}

/**
 * Sends one request and collects the response. Uses undici's `dispatch`, because undici's `request` adds a
 * stream and reacts to an abort only after the connection is established.
 */
function exchangeOnce(
  pool: Pool,
  options: Dispatcher.DispatchOptions & { readonly origin: string },
  maxBodyBytes: number,
  signal: CancelSignal,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const connection = pool.acquire(options.origin);
    const chunks: Buffer[] = [];
    let size = 0;
    let head: Omit<HttpResponse, 'text'> = { status: 0, headers: {} };
    let hasStarted = false;
    let controller: Dispatcher.DispatchController | undefined;
    const fail = (reason: unknown) => {
      reject(reason);
      controller?.abort(new Error('aborted'));
    };
    const onAbort = () => fail(signal.reason);
    const onEnd = () => {
      signal.removeEventListener('abort', onAbort);
      pool.release(connection);
    };
    signal.addEventListener('abort', onAbort);

    connection.dispatcher.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        if (signal.aborted) onAbort();
      },
      onResponseStarted() {
        hasStarted = true;
      },
      onResponseStart(_, status, headers) {
        head = { status, headers: firstOfEach(headers) };
      },
      onResponseData(_, chunk) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBodyBytes) fail(tooLarge(maxBodyBytes));
      },
      onResponseEnd() {
        connection.hasServed = true;
        onEnd();
        const encoding = head.headers['content-encoding'] ?? '';
        const body = decompress(Buffer.concat(chunks), encoding, maxBodyBytes);
        resolve(body.then((text) => ({ ...head, text })));
      },
      onResponseError(_, error) {
        const isStale = !hasStarted && hadServed(connection, error);
        onEnd();
        reject(toFailure(error, isStale));
      },
    });
  });
}

function firstOfEach(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const first: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) first[name] = typeof value === 'string' ? value : (value[0] ?? '');
  }
  return first;
}

/**
 * Reports whether the connection had received data before it failed. An ECONNRESET error has no socket with a
 * byte count, so in that case `hasServed` decides.
 */
function hadServed({ hasServed }: Connection, error: Error): boolean {
  if (error instanceof errors.SocketError) return (error.socket?.bytesRead ?? 0) > 0;
  return hasServed && codeOf(error) === 'ECONNRESET';
}

/**
 * Converts an error of undici. Omits the error's message and cause, which can contain addresses, headers and
 * signed URLs.
 */
function toFailure(error: Error, isStale: boolean): ProviderError {
  const proxyStatus = /^prox.*\((\d{3})\)/i.exec(error.message)?.[1];
  const reason =
    proxyStatus === undefined ? (codeOf(error) ?? error.name) : `the proxy returned HTTP ${proxyStatus}`;
  const Failure = isStale ? StaleConnectionError : ProviderError;
  return new Failure('unavailable', `no complete response: ${reason}`);
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
