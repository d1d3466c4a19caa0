import { isIPv4, isIPv6 } from 'node:net';

/** How much of a publisher's address is shown, and where: on the gauges and push_info, or on push_info alone. */
export interface ClientIpSettings {
  readonly show: 'full' | 'prefix' | 'off';
  readonly on: 'gauges' | 'info';
}

/** The label value for an address: empty where nothing may be shown, or nothing is known. */
export function shownClientIp(clientIp: string | undefined, show: ClientIpSettings['show']): string {
  if (clientIp === undefined || show === 'off') return '';
  return show === 'full' ? clientIp : prefixOf(clientIp);
}

/** The network, as in `203.0.113.0/24` or `2001:db8:1::/48`; empty for what is no address, since it could be anything. */
function prefixOf(clientIp: string): string {
  const address = clientIp.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  return isIPv6(address) ? ipv6Prefix(address) : '';
}

/** The first three of the eight groups, in the one spelling that RFC 5952 allows. */
function ipv6Prefix(address: string): string {
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const all = [...first, ...Array<number>(Math.max(0, 8 - first.length - last.length)).fill(0), ...last];
  const network = all.slice(0, 3);
  while (network.at(-1) === 0) network.pop();
  return `${network.map((group) => group.toString(16)).join(':')}::/48`;
}

/** An IPv4 tail stands for two groups; their values don't matter, since only the first three are looked at. */
function groupsOf(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => (group.includes('.') ? [0, 0] : [Number.parseInt(group, 16)]));
}
