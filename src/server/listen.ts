import { once } from 'node:events';
import { type AddressInfo, isIPv6, type Server } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/**
 * Error for a listen address or telemetry path that cannot be used. The message is one line with the reason
 * and the remedy.
 */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

export interface BoundAddress {
  readonly port: number;
  /** URL that clients on this machine can use. */
  readonly url: string;
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

/** Starts listening on one address. Rejects with a ListenError if that fails. */
export async function listen(server: Server, text: string): Promise<BoundAddress> {
  const address = parseListenAddress(text);
  try {
    await once(server.listen(address), 'listening');
  } catch (error) {
    throw new ListenError(`cannot listen on ${text}: ${reasonOf(error)}`, { cause: error });
  }
  // The cast is safe: `address()` returns a string only for a pipe and null only before the server listens.
  const bound = server.address() as AddressInfo;
  const scheme = server instanceof TlsServer ? 'https' : 'http';
  return { port: bound.port, url: `${scheme}://${urlHost(bound.address)}:${bound.port}/` };
}

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

function urlHost(address: string): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost';
  return isIPv6(address) ? `[${address}]` : address;
}
