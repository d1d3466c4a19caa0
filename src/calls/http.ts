import { ProviderError } from '../model/answer.ts';
import type { Http, HttpProxy, HttpResponse } from './call.ts';
import {
  authorizationOf,
  type ConnectSettings,
  createConnector,
  createProxyConnector,
  createTunnel,
  peerOfProxy,
} from './connect.ts';
import { createPool, type Pool } from './connections.ts';
import { acceptedEncoding } from './decompress.ts';
import { exchangeOnce, StaleConnectionError } from './exchange.ts';
import { createLargeBodies, type LargeBodies } from './large-bodies.ts';
import type { Peer } from './network-errors.ts';
import { forwardFailure, interceptedFailure } from './proxy-failures.ts';

export interface HttpSettings extends ConnectSettings {
  /**
   * Maximum time in ms until the response headers arrive, and between two chunks of the body. This is only a
   * safeguard: `withDeadline` limits each attempt as a whole.
   */
  readonly responseTimeoutMs: number;
  /** Maximum size of the body in bytes, both as received and after decompression. */
  readonly maxBodyBytes?: number;
  /** Memory budget of large bodies that several clients share. By default, the client has its own. */
  readonly largeBodies?: LargeBodies | undefined;
  /** Returns the proxy for requests to the origin of a URL; undefined: none. By default, there is none. */
  readonly proxyOf?: (endpoint: URL) => HttpProxy | undefined;
  /** Setting that names the hosts, for messages. By default, it is the endpoint of an account. */
  readonly setting?: Peer['setting'];
}

export interface HttpClient {
  readonly send: Http;
  /** Closes all connections, including those in use. */
  close(): Promise<void>;
}

/**
 * A response of 1 MiB has about 8,000 rows. Reading or counting it blocks the event loop for less than 10 ms. A
 * larger one is requested again in parts (`src/polling/whole-answers.ts`), because reading it in slices would not
 * help: its rows are also counted together.
 */
const defaultMaxBodyBytes = 1024 * 1024;

/**
 * Creates the HTTP client. It keeps a pool with one connection per concurrent request, follows no redirects
 * and stores no cookies.
 */
export function createHttp(settings: HttpSettings): HttpClient {
  const { responseTimeoutMs } = settings;
  const { maxBodyBytes = defaultMaxBodyBytes, largeBodies = createLargeBodies() } = settings;
  const bodyLimits = { maxBodyBytes, largeBodies };
  const routes = createRoutes(settings);
  /** Parsed endpoint of the last request. Parsing the same URL for each request would cost 5 us of CPU. */
  let last: { readonly url: string; readonly route: Route; readonly path: string } | undefined;
  let isClosed = false;

  return {
    async send({ method, url, query, headers, body = null, ...limits }, signal) {
      if (signal.aborted) throw signal.reason;
      if (isClosed) throw new ProviderError('unavailable', 'the HTTP client is closed');
      if (last?.url !== url) last = { url, ...resolve(url, routes.of) };
      const { route, path } = last;
      const options = {
        path: query === undefined ? path : `${path}?${query}`,
        method,
        // The newest rows are requested, so a cache between exporter and provider must not answer.
        headers: {
          'accept-encoding': acceptedEncoding,
          'cache-control': 'no-cache',
          ...headers,
          ...route.headers,
        },
        body,
        headersTimeout: responseTimeoutMs,
        bodyTimeout: responseTimeoutMs,
        // Turn off undici's check whether another request may follow on a busy connection: this client never
        // sends one.
        blocking: false,
      };
      const ownLimits = limits.maxBodyBytes === undefined ? bodyLimits : { ...bodyLimits, ...limits };
      const exchange = () => exchangeOnce(route.pool, options, ownLimits, signal);
      try {
        return route.check(await exchange());
      } catch (error) {
        // The server closed the idle connection before it read the request, so the request is sent once more,
        // which does not count as a retry. Only a request with the idempotent method GET may be sent twice.
        const isRepeatable = error instanceof StaleConnectionError && method === 'GET';
        if (!isRepeatable || signal.aborted) throw error;
        return route.check(await exchange());
      }
    },
    async close() {
      isClosed = true;
      await routes.destroy();
    },
  };
}

function resolve(url: string, routeOf: (endpoint: URL) => Route) {
  const endpoint = URL.parse(url);
  if (endpoint === null || !/^https?:$/.test(endpoint.protocol)) {
    throw new ProviderError('internal', 'the URL does not start with http:// or https://');
  }
  const route = routeOf(endpoint);
  return { route, path: `${route.pathPrefix}${endpoint.pathname}${endpoint.search}` };
}

/**
 * How requests to one origin are sent: directly, through a proxy that forwards them, or through a tunnel that
 * a proxy opens.
 */
interface Route {
  readonly pool: Pool;
  /** Put before the path. A proxy that forwards requests needs the whole URL there. */
  readonly pathPrefix: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Throws if the response comes from a proxy. */
  readonly check: (response: HttpResponse) => HttpResponse;
}

/** Creates the routes, which share one connector. Each origin has a pool of its own. */
function createRoutes(settings: HttpSettings) {
  const { proxyOf = () => undefined, setting = 'endpoint' } = settings;
  const connector = createConnector(settings);
  const routes = new Map<string, Route>();
  const owned: { destroy(): Promise<unknown> }[] = [];

  const own = <T extends { destroy(): Promise<unknown> }>(part: T): T => {
    owned.push(part);
    return part;
  };
  /** Creates the route of requests to the host itself, whether a proxy carries their connection or not. */
  const toHost = ({ origin, host, hostname }: URL, name = host, connect = connector): Route => ({
    pool: own(createPool(origin, { name, hostname, setting }, connect)),
    pathPrefix: '',
    headers: {},
    check(response) {
      if (response.status === 407) throw interceptedFailure(host);
      return response;
    },
  });
  const toProxy = ({ origin, host }: URL, proxy: HttpProxy): Route => ({
    pool: own(createPool(proxy.origin, peerOfProxy(proxy), createProxyConnector(connector))),
    pathPrefix: origin,
    headers: { host, ...authorizationOf(proxy) },
    check(response) {
      const failure = forwardFailure(response, proxy, host);
      if (failure !== undefined) throw failure;
      return { ...response, proxy: proxy.name };
    },
  });
  const create = (endpoint: URL): Route => {
    const proxy = proxyOf(endpoint);
    if (proxy === undefined) return toHost(endpoint);
    if (endpoint.protocol === 'http:') return toProxy(endpoint, proxy);
    const tunnel = own(createTunnel(proxy, connector, settings));
    return toHost(endpoint, `${endpoint.host} (through proxy ${proxy.name})`, tunnel.connect);
  };

  return {
    of(endpoint: URL): Route {
      const known = routes.get(endpoint.origin);
      const route = known ?? create(endpoint);
      if (known === undefined) routes.set(endpoint.origin, route);
      return route;
    },
    destroy: () => Promise.all(owned.map((part) => part.destroy())),
  };
}
