import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';

/**
 * Returns the canonical text of an IP address, so that two texts of one address are equal. An IPv6 address
 * gets the form of RFC 5952: lower case, zeros compressed. An IPv4-mapped IPv6 address, such as
 * `::ffff:192.0.2.1`, becomes the IPv4 address, because a server with a dual-stack socket reports an IPv4
 * client in this way. A port is removed, because each connection of a client has another port. Returns any
 * other text unchanged, such as a host name, or an address with a zone (`fe80::1%eth0`).
 */
export function canonicalAddress(text: string): string {
  // Fast path: an IPv4 address without a port contains no colon, and has one text only.
  if (!text.includes(':')) return text;
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  if (isIPv4(address)) return address;
  if (isIP(address) === 0 || address.includes('%')) return text;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
}

/**
 * Returns the host of URLs of a server that listens at an address or host name. For the address of all
 * interfaces, which not every program can open, and for which a proxy can be in use, this is `localhost`.
 */
export function urlHost(address: string): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost';
  return isIPv6(address) ? `[${address}]` : address;
}
