import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/**
 * Client of a request, as far as it can be told apart from others. The address is the stronger sign: a client can
 * send any header, so `identity` only separates the clients of one address.
 */
export interface Client {
  readonly address: string;
  readonly identity: string;
}

/** Maximum number of characters of a header in the identity of a client. */
const maxHeaderLength = 256;

export function clientOf({ socket, headers }: IncomingMessage): Client {
  const parts = [headers['user-agent'], headers['x-forwarded-for']];
  const identity = JSON.stringify(parts.map((part) => String(part ?? '').slice(0, maxHeaderLength)));
  return { address: networkOf(socket.remoteAddress), identity };
}

/**
 * Returns the part of an address that a client cannot choose: all of an IPv4 address, and the first 64 bits of an
 * IPv6 address, because a host can use any address of its network. The result is empty for a client without an
 * address, such as one that has disconnected.
 */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return '';
  if (!isIPv6(address)) return address;
  const ipv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (ipv4 !== undefined) return ipv4;
  const [first = '', last] = (address.split('%')[0] ?? '').split('::');
  const [head, tail] = [first, last ?? ''].map((text) => (text === '' ? [] : text.split(':')));
  const zeros = last === undefined ? 0 : 8 - (head?.length ?? 0) - (tail?.length ?? 0);
  const groups = [...(head ?? []), ...Array<string>(Math.max(0, zeros)).fill('0'), ...(tail ?? [])];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
