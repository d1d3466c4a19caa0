import { once } from 'node:events';
import { type AddressInfo, isIPv6, type Server } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { urlHost } from '../model/address.ts';

/**
 * Error for a listen address or telemetry path that cannot be used. The message is one line with the reason
 * and the remedy.
 */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Socket that listens already, which systemd has passed to the process. */
export interface PassedSocket {
  readonly fd: number;
  /** Name for messages, such as that of its unit. */
  readonly name: string;
}

/** Text in the format of Prometheus, see `parseListenAddress`, or a socket of systemd. */
export type ListenAddress = string | PassedSocket;

export interface BoundAddress {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** URL of the status page that clients on this machine can use; empty for a Unix socket. */
  readonly url: string;
  /** Text for messages. */
  readonly name: string;
}

/**
 * Parses `:10935`, `127.0.0.1:0`, `[::1]:9000` or `name:9000`. An address without a host means all IPv4 and
 * IPv6 interfaces. Port 0 means any free port. Throws a ListenError for an invalid address.
 */
export function parseListenAddress(text: string) {
  const fail = (reason: string) => new ListenError(`listen address ${JSON.stringify(text)}: ${reason}`);
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon);
  const port = text.slice(colon + 1);
  if (isIPv6(host) || isIPv6(text)) throw fail('enclose an IPv6 address in brackets, such as [::1]:10935');
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed !== undefined && !isIPv6(bracketed)) throw fail('expected an IPv6 address in the brackets');
  if (colon === -1 || (bracketed === undefined && !/^[\w.-]*$/.test(host)))
    throw fail('expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935');
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw fail('expected a port from 0 to 65535');
  return { host: bracketed ?? (host || undefined), port: Number(port) };
}

/**
 * Maximum number of connections that wait to be accepted. Node accepts one in each iteration of the event loop, so a
 * burst of some thousand clients has to wait. Beyond the maximum, which the system can lower, clients try again after
 * 1 s, 3 s and 7 s.
 */
const backlog = 2_048;

/**
 * Starts listening on one address. Rejects with a ListenError if that fails. `path` is that of the status page.
 */
export async function listen(server: Server, address: ListenAddress, path = '/'): Promise<BoundAddress> {
  const isPassed = typeof address !== 'string';
  const target = isPassed ? { fd: address.fd } : parseListenAddress(address);
  const name = isPassed ? `${address.name} (file descriptor ${address.fd})` : address;
  try {
    await once(server.listen({ ...target, backlog }), 'listening');
  } catch (error) {
    const reason = isPassed && hasCode(error, 'EINVAL') ? passedUnusable : reasonOf(error);
    throw new ListenError(`cannot listen on ${name}: ${reason}`, { cause: error });
  }
  // The cast is safe: `address()` returns a string only for the path of a Unix socket, which is never set here. It
  // returns null for such a socket of systemd.
  const bound = server.address() as AddressInfo | null;
  if (bound === null) return { port: 0, url: '', name };
  const scheme = server instanceof TlsServer ? 'https' : 'http';
  return { port: bound.port, url: `${scheme}://${urlHost(bound.address)}:${bound.port}${path}`, name };
}

const passedUnusable = 'not a listening stream socket; the unit needs ListenStream= and Accept=no';
const addressMissing =
  'this machine does not have the address; choose another address with --web.listen-address';
const nameUnresolved = 'cannot resolve the host name; use an IP address in --web.listen-address';

/** Reasons for a failed start, by error code of the operating system. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'address already in use; stop the other process, or choose another address with --web.listen-address',
  EACCES:
    'permission denied, as is usual for ports below 1024; choose another port with --web.listen-address',
  EADDRNOTAVAIL: addressMissing,
  EAFNOSUPPORT: addressMissing,
  ENOTFOUND: nameUnresolved,
  EAI_AGAIN: nameUnresolved,
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return ('code' in error && reasons[String(error.code)]) || error.message;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
