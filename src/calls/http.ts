import { Agent, type Dispatcher, EnvHttpProxyAgent, errors } from 'undici';
import { ProviderError } from '../model/answer.ts';
import type { Http, HttpAnswer, HttpRequest, Stop } from './call.ts';
import { acceptedEncoding, tooLarge, unpack } from './unpack.ts';

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
 * A kept connection that the server closed while a request was on its way: nobody read it. So sending it again is no
 * retry of the call, which takes a turn and is `retried`'s; it is done once, and not where reading it twice might harm.
 */
class StaleConnection extends ProviderError {}

/**
 * The way out of the program: a pool of connections per origin, no redirects, no cookies. Throws for an unusable
 * proxy.
 */
export function createHttp(settings: HttpSettings): HttpClient {
  const { proxyUrl, env = {}, maxBodyBytes = usualMaxBodyBytes } = settings;
  const noProxy = proxyUrl === undefined ? (env.no_proxy ?? env.NO_PROXY ?? '') : '';
  // An agent per scheme, since undici's own takes HTTP_PROXY for https too where HTTPS_PROXY is not set.
  const agents = {
    'http:': createAgent(proxyUrl ?? env.http_proxy ?? env.HTTP_PROXY ?? '', noProxy, settings),
    'https:': createAgent(proxyUrl ?? env.https_proxy ?? env.HTTPS_PROXY ?? '', noProxy, settings),
  };
  const limits = { ...settings, maxBodyBytes };
  const placeOf = createPlaces();

  return {
    async send(request, signal) {
      const place = placeOf(request.url);
      if (place?.protocol !== 'http:' && place?.protocol !== 'https:') {
        throw new ProviderError('internal', 'the URL is none of http or https');
      }
      const agent = agents[place.protocol];
      let answer: PackedAnswer;
      try {
        answer = await exchange(agent, place, request, limits, signal);
      } catch (error) {
        if (!(error instanceof StaleConnection) || request.method !== 'GET' || signal.aborted) throw error;
        answer = await exchange(agent, place, request, limits, signal);
      }
      const { status, headers, body } = answer;
      return { status, headers, text: await unpack(body, headers['content-encoding'] ?? '', maxBodyBytes) };
    },
    async close() {
      await Promise.all([agents['http:'].destroy(), agents['https:'].destroy()]);
    },
  };
}

/** `proxy` empty: none. */
function createAgent(proxy: string, noProxy: string, { connectTimeoutMs }: HttpSettings): Dispatcher {
  // curl and Go take host:port too.
  const proxyUrl = proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
  if (proxyUrl !== '' && !/^https?:$/.test(URL.parse(proxyUrl)?.protocol ?? '')) {
    // Not shown: a proxy's URL may hold a password.
    throw new Error('the proxy URL is none of http or https');
  }
  const pool: Agent.Options = {
    connectTimeout: connectTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    // However long a server offers to wait.
    keepAliveMaxTimeout: 10 * keepAliveMs,
    pipelining: 1,
    allowH2: false,
  };
  // One that reads the URL of every request again, to see whether it goes by the proxy.
  if (proxyUrl === '') return new Agent(pool);
  try {
    return new EnvHttpProxyAgent({ ...pool, httpProxy: proxyUrl, httpsProxy: proxyUrl, noProxy });
  } catch {
    // Without the cause, which may quote it.
    throw new Error('the proxy URL cannot be read; a % in its user or password has to be written %25');
  }
}

/** Where a request goes. */
interface Place {
  readonly protocol: string;
  readonly origin: string;
  /** With the query. */
  readonly path: string;
}

/**
 * Reads URLs; undefined for what is none. What comes before the query is nearly always what came before that of the last
 * one, and a plain query stays as it is: so most need not be read.
 */
function createPlaces(): (url: string) => Place | undefined {
  let last: { readonly start: string; readonly place: Place | undefined } | undefined;
  return (url) => {
    const end = url.search(/\?[\w.%&=~-]+$/);
    if (end === -1) return readPlace(url);
    const start = url.slice(0, end);
    if (last?.start !== start) {
      if (/[^!-~]|[#?]/.test(start)) return readPlace(url);
      last = { start, place: readPlace(start) };
    }
    const { place } = last;
    return place && { protocol: place.protocol, origin: place.origin, path: place.path + url.slice(end) };
  };
}

function readPlace(text: string): Place | undefined {
  const url = URL.parse(text);
  return url === null
    ? undefined
    : { protocol: url.protocol, origin: url.origin, path: `${url.pathname}${url.search}` };
}

interface Limits {
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly maxBodyBytes: number;
}

type PackedAnswer = Omit<HttpAnswer, 'text'> & { readonly body: Buffer };

/**
 * One request and the whole of its answer. By undici's `dispatch`, because `request` puts a stream between, which
 * costs time, and heeds an abort only once it is connected.
 */
async function exchange(
  agent: Dispatcher,
  { origin, path }: Place,
  { method, headers, body }: HttpRequest,
  { headersTimeoutMs, bodyTimeoutMs, maxBodyBytes }: Limits,
  signal: Stop,
): Promise<PackedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PackedAnswer>();
  let head: Omit<PackedAnswer, 'body'> = { status: 0, headers: {} };
  const pieces: Buffer[] = [];
  let size = 0;
  let running: Dispatcher.DispatchController | undefined;

  const onAbort = () => {
    reject(signal.reason);
    running?.abort(new Error('aborted'));
  };
  if (signal.aborted) throw signal.reason;
  signal.addEventListener('abort', onAbort);

  agent.dispatch(
    {
      origin,
      path,
      method,
      headers: { 'accept-encoding': acceptedEncoding, ...headers },
      body: body ?? null,
      headersTimeout: headersTimeoutMs,
      bodyTimeout: bodyTimeoutMs,
    },
    {
      onRequestStart(controller) {
        running = controller;
        if (signal.aborted) onAbort();
      },
      onResponseStart(_, status, told) {
        head = { status, headers: firstOfEach(told) };
      },
      onResponseData(controller, piece) {
        pieces.push(piece);
        size += piece.length;
        if (size <= maxBodyBytes) return;
        reject(tooLarge(maxBodyBytes));
        controller.abort(new Error('too large'));
      },
      onResponseEnd() {
        const [first] = pieces;
        const { status, headers } = head;
        resolve({ status, headers, body: pieces.length === 1 && first ? first : Buffer.concat(pieces) });
      },
      onResponseError(_, error) {
        const message = whyNoAnswer(error);
        const isStale = head.status === 0 && servedBefore(error);
        reject(
          isStale ? new StaleConnection('unavailable', message) : new ProviderError('unavailable', message),
        );
      },
    },
  );
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function firstOfEach(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const first: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value[0] : value;
    if (text !== undefined) first[name] = text;
  }
  return first;
}

/** Whether the server closed a connection that had brought something before. */
function servedBefore(error: Error): boolean {
  return error instanceof errors.SocketError && (error.socket?.bytesRead ?? 0) > 0;
}

/** In our words and without the cause: undici's errors may hold addresses, headers and URLs, and those a signature. */
function whyNoAnswer(error: Error): string {
  const byProxy = /^prox.*\((\d{3})\)/i.exec(error.message)?.[1];
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return `no whole answer: ${byProxy === undefined ? code : `the proxy said HTTP ${byProxy}`}`;
}
