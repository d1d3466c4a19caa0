import { isIPv4, isIPv6 } from 'node:net';

/**
 * Config of publisher addresses in labels. `show` determines how much of an address is exposed. `on`
 * determines where: `gauges` for the per-publisher gauges and push_info, `info` for push_info only.
 */
export interface ClientIpSettings {
  readonly show: 'full' | 'prefix' | 'off';
  readonly on: 'gauges' | 'info';
}

/** Returns the label value of a publisher address; empty if the address is hidden or unknown. */
export function shownClientIp(clientIp: string | undefined, show: ClientIpSettings['show']): string {
  if (clientIp === undefined || show === 'off') return '';
  return show === 'full' ? clientIp : prefixOf(clientIp);
}

/**
 * Returns the network of an address, such as `203.0.113.0/24` or `2001:db8:1::/48`; empty if the text is not
 * an IP address.
 */
function prefixOf(clientIp: string): string {
  const address = clientIp.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  return isIPv6(address) ? ipv6Prefix(address) : '';
}

/**
 * Returns the /48 network of an IPv6 address: the first three of the eight groups, in canonical form (RFC
 * 5952).
 */
function ipv6Prefix(address: string): string {
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const all = [...first, ...Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
  const network = all.slice(0, 3);
  while (network.at(-1) === 0) network.pop();
  return `${network.map((group) => group.toString(16)).join(':')}::/48`;
}

/**
 * Returns the numbers of the groups in `text`, which is a part of an IPv6 address with colons between its
 * groups. An IPv4 address at the end stands for two groups, and 0 is returned for both, because the caller
 * uses only the first three groups of an address.
 */
function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => (group.includes('.') ? [0, 0] : [Number.parseInt(group, 16)]));
}
