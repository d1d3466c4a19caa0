import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';

/** An address that cannot be listened on. The message is one line that says which, why, and what to do. */
export class ListenError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
  }
}

export interface ListenAddress {
  /** undefined: every interface, by IPv6 and IPv4. */
  readonly host: string | undefined;
  /** 0: any free one. */
  readonly port: number;
}

/** Where a server listens, as it turned out. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
  /** To be opened on this machine. */
  readonly url: string;
}

const forms = 'expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935';

/** `:10935`, `127.0.0.1:0`, `[::1]:9000` or `name:9000`. Throws a ListenError. */
export function parseListenAddress(text: string): ListenAddress {
  const fail = (why: string) => new ListenError(`listen address ${JSON.stringify(text)}: ${why}`);
  const colon = text.lastIndexOf(':');
  if (colon === -1)
    throw fail(/^\d+$/.test(text) ? `no colon before the port; ${forms}` : `no port; ${forms}`);
  const host = text.slice(0, colon);
  const port = text.slice(colon + 1);
  if (isIPv6(host) || isIPv6(text)) throw fail('an IPv6 address needs brackets, such as [::1]:10935');
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw fail('the port is not a number from 0 to 65535');
  if (host === '') return { host: undefined, port: Number(port) };
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed !== undefined && !isIPv6(bracketed)) throw fail('between the brackets is no IPv6 address');
  if (bracketed === undefined && !/^[\w.-]+$/.test(host)) throw fail(forms);
  return { host: bracketed ?? host, port: Number(port) };
}

/** Opens one address, or rejects with a ListenError. */
export async function listen(server: Server, text: string): Promise<BoundAddress> {
  const { host, port } = parseListenAddress(text);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(host === undefined ? { port } : { host, port }, resolve);
  try {
    await promise;
  } catch (error) {
    throw new ListenError(`cannot listen on ${text}: ${whyNot(error)}`, { cause: error });
  } finally {
    server.off('error', reject);
  }
  // A string only for a pipe, null only before listening.
  const bound = server.address() as AddressInfo;
  return { host: bound.address, port: bound.port, url: `http://${urlHost(bound.address)}:${bound.port}/` };
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return 'the address is in use; stop the program that has it, or choose another with --web.listen-address';
    case 'EACCES':
      return 'not permitted, as ports below 1024 often are; choose another with --web.listen-address';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address; choose another with --web.listen-address';
    case 'EAFNOSUPPORT':
      return 'this machine does not speak that kind of address; choose another with --web.listen-address';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name is not known here; give an address with --web.listen-address';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function urlHost(address: string): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost';
  return isIPv6(address) ? `[${address}]` : address;
}
