import { buildConnector, Client, type Dispatcher, EnvHttpProxyAgent, errors } from 'undici';
import { ProviderError } from '../model/answer.ts';
import type { CancelSignal, Http, HttpResponse } from './call.ts';
import { acceptedEncoding, decompress, tooLarge } from './decompress.ts';

export interface HttpSettings {
  readonly connectTimeoutMs: number;
  /**
   * Maximum time until the response headers, and between two chunks of the body. A backstop: `withDeadline`
   * limits each attempt.
   */
  readonly responseTimeoutMs: number;
  /** Maximum size of the body, both as received and decompressed. */
  readonly maxBodyBytes?: number;
  /** Proxy for all requests; overrides `env`. */
  readonly proxyUrl?: string | undefined;
  /** Environment with HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Lower-case names take precedence. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface HttpClient {
  readonly send: Http;
  /** Closes all connections, including those in use. */
  close(): Promise<void>;
}

/**
 * Shorter than the usual keep-alive timeout of servers (5 s and more), so that few requests meet a stale
 * connection.
 */
const keepAliveMs = 4_000;
const defaultMaxBodyBytes = 16 * 1024 * 1024;

/**
 * Creates the HTTP client: one pooled connection per concurrent request, no redirects, no cookies. Throws if
 * the proxy URL is invalid.
 */
export function createHttp(settings: HttpSettings): HttpClient {
  const { proxyUrl, env = {}, responseTimeoutMs, maxBodyBytes = defaultMaxBodyBytes } = settings;
  const noProxy = proxyUrl === undefined ? (env.no_proxy ?? env.NO_PROXY ?? '') : '';
  // One pool per scheme, since EnvHttpProxyAgent falls back to HTTP_PROXY for https.
  const pools = {
    'http:': createPool(proxyUrl ?? env.http_proxy ?? env.HTTP_PROXY ?? '', noProxy, settings),
    'https:': createPool(proxyUrl ?? env.https_proxy ?? env.HTTPS_PROXY ?? '', noProxy, settings),
  };
  /** Endpoint of the last request. Parsing the same URL for each request would cost 5 us of CPU. */
  let endpoint = parseEndpoint('');
  let isClosed = false;

  return {
    async send({ method, url, query, headers, body = null }, signal) {
      if (endpoint.url !== url) endpoint = parseEndpoint(url);
      const { protocol, origin, path } = endpoint;
      if (protocol !== 'http:' && protocol !== 'https:') {
        throw new ProviderError('internal', 'the URL scheme is neither http nor https');
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
        // No request follows on a connection in use, so undici need not check whether one may.
        blocking: false,
      };
      const exchange = () => exchangeOnce(pools[protocol], options, maxBodyBytes, signal);
      return exchange().catch((error: unknown) => {
        // The server closed an idle connection before it read the request, so this is no retry of the call.
        // Only an idempotent request may be sent again.
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

/** `protocol` and `origin` are empty if the URL is invalid. */
function parseEndpoint(url: string) {
  const { protocol = '', origin = '', pathname, search } = URL.parse(url) ?? {};
  return { url, protocol, origin, path: `${pathname}${search}` };
}

/** A connection that carries one request at a time, or a proxy agent with connections of its own. */
interface Connection {
  readonly origin: string;
  readonly dispatcher: Dispatcher;
  /** Whether the current socket has delivered a response. Always false for a proxy agent. */
  hasServed: boolean;
}

type Pool = ReturnType<typeof createDirectPool>;

/** `proxy` is empty for direct connections. */
function createPool(proxy: string, noProxy: string, { connectTimeoutMs }: HttpSettings): Pool {
  const options = {
    // A shared connector resumes TLS sessions on any connection.
    connect: buildConnector({ timeout: connectTimeoutMs, allowH2: false }),
    keepAliveTimeout: keepAliveMs,
    // Limits the keep-alive timeout that a server offers.
    keepAliveMaxTimeout: 10 * keepAliveMs,
    allowH2: false,
  };
  if (proxy === '') return createDirectPool(options);
  // Accept host:port, as curl and Go do.
  const proxyUrl = proxy.includes('://') ? proxy : `http://${proxy}`;
  // A proxy URL can contain a password, so the errors show neither the URL nor a cause that quotes it.
  if (!/^https?:$/.test(URL.parse(proxyUrl)?.protocol ?? '')) {
    throw new Error('the scheme of the proxy URL is neither http nor https');
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
    throw new Error('the proxy URL is invalid: write a % in its user or password as %25');
  }
}

/**
 * Pool of clients with one connection each. The last one released is reused first, so that the others can
 * expire. Undici's own Pool releases a client one event loop turn after its response and restarts its timers,
 * which costs about a tenth of the CPU of a response (collection cell of the bench).
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

/** The server closed a kept-alive connection before it sent any byte of this response. */
class StaleConnectionError extends ProviderError {}

/**
 * Sends one request and collects its response. Uses `dispatch`, because `request` adds a stream and obeys an
 * abort only after the connection is established.
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

/** Reports whether a failed connection had received data. A reset (ECONNRESET) comes without its socket. */
function hadServed({ hasServed }: Connection, error: Error): boolean {
  if (error instanceof errors.SocketError) return (error.socket?.bytesRead ?? 0) > 0;
  return hasServed && codeOf(error) === 'ECONNRESET';
}

/** Omits the message and the cause of undici's error: they can contain addresses, headers and signed URLs. */
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
