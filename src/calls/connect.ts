import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import { ProviderError } from '../model/answer.ts';
import type { HttpProxy } from './call.ts';
import { type ConnectPhase, connectFailure, networkFailure, type Peer } from './network-errors.ts';
import { tunnelFailure } from './proxy-failures.ts';

export interface ConnectSettings {
  /** Maximum duration of the name lookup, the TCP connection and the TLS handshake together. */
  readonly connectTimeoutMs: number;
  /** Resolves host names. By default, asks the operating system. */
  readonly lookup?: LookupFunction;
  /**
   * Certificates in PEM format that are trusted instead of those of the system; undefined: those of the
   * system.
   */
  readonly ca?: string | undefined;
}

/** Opens a connection for undici. Fails with a ProviderError that names `peer` and the cause. */
export type Connector = (peer: Peer) => buildConnector.connector;

/**
 * Number of addresses of a host that have time to connect, one after another. Node leaves an address after
 * 250 ms by default, in which a host on another continent does not answer, in particular not if the first
 * packet is lost: the operating system repeats it after 1 s.
 */
const addressesPerConnect = 4;

/** Returns the time in ms after which the next address of a host is tried. */
export function attemptTimeoutMs(connectTimeoutMs: number): number {
  return Math.floor(connectTimeoutMs / addressesPerConnect);
}

/**
 * Creates a connector whose connections share TLS sessions and the knowledge which address of a host works:
 * that one is tried first, so that only the first connection waits for a dead address, such as an AAAA record
 * without a route.
 */
export function createConnector({ connectTimeoutMs, lookup = systemLookup, ca }: ConnectSettings): Connector {
  const workingAddresses = new Map<string, string>();
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeoutMs(connectTimeoutMs),
    lookup: withFirst(oncePerName(lookup), workingAddresses),
    ...(ca !== undefined && { ca }),
  });
  return (peer) => (target, callback) => {
    const { hostname, httpSocket } = target;
    let phase: ConnectPhase = httpSocket !== undefined ? 'tls' : isIP(hostname) === 0 ? 'lookup' : 'tcp';
    // The types of undici omit that the connector returns the socket.
    const socket = connect(target, (error, connected) => {
      if (error !== null) return callback(connectFailure(error, peer, phase), null);
      if (httpSocket === undefined) workingAddresses.set(hostname, connected.remoteAddress ?? '');
      callback(null, connected);
    }) as unknown as Socket;
    if (httpSocket !== undefined) return;
    socket.once('lookup', () => {
      phase = 'tcp';
    });
    socket.once('connect', () => {
      phase = 'tls';
    });
  };
}

/**
 * Lets lookups of the same name share one call of `lookup` that is in progress. Node.js asks the operating system
 * in at most two threads and cannot cancel a lookup. So while a name server does not answer, the lookups of
 * requests that have failed long ago would pile up by the thousands, and new ones would wait behind them.
 */
function oncePerName(lookup: LookupFunction): LookupFunction {
  const waiting = new Map<string, Parameters<LookupFunction>[2][]>();
  return (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options]);
    const known = waiting.get(key);
    if (known !== undefined) {
      known.push(callback);
      return;
    }
    const callbacks = [callback];
    waiting.set(key, callbacks);
    lookup(hostname, options, (...result) => {
      waiting.delete(key);
      for (const each of callbacks) each(...result);
    });
  };
}

/** Puts the address of a host that worked last before its other addresses. */
function withFirst(lookup: LookupFunction, first: ReadonlyMap<string, string>): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      const isFirst = ({ address }: { readonly address: string }) => address === first.get(hostname);
      const sorted = Array.isArray(found) ? found.toSorted((a, b) => +isFirst(b) - +isFirst(a)) : found;
      callback(error, sorted, family);
    });
}

/**
 * Creates the connector of a host behind a proxy: opens a connection through the proxy with CONNECT, then
 * does the TLS handshake with the host. `destroy` ends the requests to the proxy that are still open.
 */
export function createTunnel(proxy: HttpProxy, connector: Connector, settings: ConnectSettings) {
  const { connectTimeoutMs } = settings;
  const proxyPeer = peerOfProxy(proxy);
  const connectToProxy = createProxyConnector(connector)(proxyPeer);
  const opening = new Set<Client>();

  const open = async (target: string): Promise<Socket> => {
    const client = new Client(proxy.origin, {
      connect: connectToProxy,
      allowH2: false,
      headersTimeout: connectTimeoutMs,
    });
    opening.add(client);
    try {
      const headers = { host: target, ...authorizationOf(proxy) };
      const { statusCode, socket } = await client.connect({ path: target, headers });
      // Undici widens the type of the socket to a stream.
      if (statusCode >= 200 && statusCode < 300) return socket as Socket;
      socket.on('error', () => {}).destroy();
      throw tunnelFailure(statusCode, proxy, target);
    } catch (error) {
      if (error instanceof ProviderError || !(error instanceof Error)) throw error;
      throw networkFailure(error, proxyPeer);
    } finally {
      opening.delete(client);
    }
  };

  const connect: Connector = (peer) => (target, callback) => {
    const { hostname, port, protocol } = target;
    const isIpv6 = isIP(hostname) === 6;
    const host = `${isIpv6 ? `[${hostname}]` : hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
    open(host).then(
      (httpSocket) => connector(peer)({ ...target, httpSocket }, callback),
      (error: Error) => callback(error, null),
    );
  };
  return {
    connect,
    destroy: () => Promise.all([...opening].map((client) => client.destroy())),
  };
}

/**
 * Creates the connector to a proxy. It verifies the certificate of a proxy that speaks TLS for the host of
 * the proxy: undici would take the name from the header `Host`, which is of the provider.
 */
export function createProxyConnector(connector: Connector): Connector {
  return (peer) => {
    const connect = connector(peer);
    return ({ servername: _, ...target }, callback) => connect(target, callback);
  };
}

export function peerOfProxy({ name, hostname }: HttpProxy): Peer {
  return { name: `proxy ${name}`, hostname: `proxy ${hostname}`, setting: 'proxy URL' };
}

/** Returns the header with the credentials of a proxy. */
export function authorizationOf({ authorization }: HttpProxy): Record<string, string> {
  return authorization === undefined ? {} : { 'proxy-authorization': authorization };
}
