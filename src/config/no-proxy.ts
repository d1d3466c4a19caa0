import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** Reports whether requests to this host and port bypass the proxy. `hostname` is as in a parsed URL. */
export type ProxyBypass = (hostname: string, port: number) => boolean;

interface Rule {
  /** Undefined: all ports. */
  readonly port: number | undefined;
  readonly matches: (host: Host) => boolean;
}

interface Host {
  /** In lower case, without the brackets of an IPv6 address and without a trailing dot. */
  readonly name: string;
  readonly family: 'ipv4' | 'ipv6' | undefined;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Reports whether a host is this machine, which no proxy can reach for the exporter. */
export function isLoopback(hostname: string): boolean {
  const { name, family } = toHost(hostname);
  if (family !== undefined) return loopback.check(name, family);
  return name === 'localhost' || name.endsWith('.localhost');
}

/**
 * Parses the value of NO_PROXY, as curl and Go read it: entries separated by commas or spaces, each a host
 * name (which includes its subdomains), an address, a CIDR block or `*`, and each but a block optionally with
 * `:PORT`. `*.example.com` means only the subdomains. Blocks match addresses in URLs; no name is resolved for
 * them. An entry that is none of these matches nothing, as in curl and Go.
 */
export function parseNoProxy(text: string): ProxyBypass {
  const rules = text.split(/[\s,]+/).flatMap((entry) => (entry === '' ? [] : (parseEntry(entry) ?? [])));
  return (hostname, port) => {
    const host = toHost(hostname);
    return rules.some((rule) => (rule.port === undefined || rule.port === port) && rule.matches(host));
  };
}

function toHost(hostname: string): Host {
  const name = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return { name, family: familyOf(name) };
}

function familyOf(text: string): Host['family'] {
  const version = isIP(text);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}

function parseEntry(entry: string): Rule | undefined {
  const [, base = '', bits] = /^\[?([\d.]+|[\da-f:.]*:[\da-f:.]*)\]?\/(\d+)$/i.exec(entry) ?? [];
  if (bits !== undefined) return toBlockRule(base, Number(bits));
  // An IPv6 address has several colons; before a port, it needs brackets.
  const isBareIpv6 = isIP(entry) === 6;
  const [, host = '', port] = isBareIpv6 ? [entry, entry] : (/^(.+?)(?::(\d+))?$/.exec(entry) ?? []);
  const matches = parseHost(host);
  return matches && { port: port === undefined ? undefined : Number(port), matches };
}

function toBlockRule(base: string, bits: number): Rule | undefined {
  const family = familyOf(base);
  if (family === undefined || bits > (family === 'ipv4' ? 32 : 128)) return undefined;
  const block = new BlockList();
  block.addSubnet(base, bits, family);
  return {
    port: undefined,
    matches: (host) => host.family !== undefined && block.check(host.name, host.family),
  };
}

function parseHost(text: string): Rule['matches'] | undefined {
  if (text === '*') return () => true;
  // Convert the name as the parser of URLs does, for example to lower case and punycode.
  const { name, family } = toHost(
    isIP(text) === 6 ? text : domainToASCII(text.replace(/^(\*?\.)/, '')) || text.toLowerCase(),
  );
  if (family !== undefined) {
    const addresses = new BlockList();
    addresses.addAddress(name, family);
    return (host) => host.family !== undefined && addresses.check(host.name, host.family);
  }
  const isSubdomain = (host: Host) => host.family === undefined && host.name.endsWith(`.${name}`);
  if (text.startsWith('*.')) return isSubdomain;
  return (host) => host.name === name || isSubdomain(host);
}
