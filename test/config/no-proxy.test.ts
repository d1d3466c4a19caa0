import { expect, test } from 'vitest';
import { isLoopback, parseNoProxy } from '../../src/config/no-proxy.ts';

/** Reports whether NO_PROXY applies to a URL. */
function isBypassed(noProxy: string, text: string): boolean {
  const { protocol, hostname, port } = new URL(text);
  return parseNoProxy(noProxy)(hostname, Number(port) || (protocol === 'https:' ? 443 : 80));
}

test.each([
  // Blocks of addresses.
  ['10.0.0.0/8', 'http://10.1.2.3/', true],
  ['10.0.0.0/8', 'http://11.1.2.3/', false],
  ['10.0.0.0/8', 'http://10.example.com/', false],
  ['192.168.1.128/25', 'http://192.168.1.127/', false],
  ['192.168.1.128/25', 'http://192.168.1.128/', true],
  ['192.168.1.7/32', 'http://192.168.1.7/', true],
  ['0.0.0.0/0', 'http://203.0.113.1/', true],
  ['fd00::/8', 'http://[fd12:3456::1]/', true],
  ['[fd00::]/8', 'http://[fd12:3456::1]/', true],
  ['fd00::/8', 'http://[fe80::1]/', false],
  ['10.0.0.0/8', 'http://[::ffff:10.1.2.3]/', true],
  ['localhost,10.0.0.0/8,.svc,.cluster.local', 'http://gateway.svc/', true],
  // Addresses, also in other notations.
  ['192.0.2.1', 'http://192.0.2.1:8080/', true],
  ['192.0.2.1', 'http://192.0.2.10/', false],
  ['2.0.2.1', 'http://192.2.0.2.1.example.com/', false],
  ['2001:DB8::1', 'http://[2001:db8:0:0::1]/', true],
  ['[2001:db8::1]', 'http://[2001:db8::1]:8080/', true],
  ['[2001:db8::1]:8080', 'http://[2001:db8::1]:8080/', true],
  ['[2001:db8::1]:8081', 'http://[2001:db8::1]:8080/', false],
  ['192.0.2.1:8080', 'http://192.0.2.1:8080/', true],
  ['192.0.2.1:8081', 'http://192.0.2.1:8080/', false],
  // Names.
  ['example.com', 'http://example.com/', true],
  ['example.com', 'http://live.example.com/', true],
  ['example.com', 'http://notexample.com/', false],
  ['.example.com', 'http://live.example.com/', true],
  ['.example.com', 'http://example.com/', true],
  ['*.example.com', 'http://live.example.com/', true],
  ['*.example.com', 'http://example.com/', false],
  ['EXAMPLE.com.', 'http://live.Example.COM./', true],
  ['example.com:80', 'http://example.com/', true],
  ['example.com:443', 'https://example.com/', true],
  ['example.com:443', 'http://example.com/', false],
  ['bücher.example', 'http://xn--bcher-kva.example/', true],
  // Everything, and lists.
  ['*', 'https://anything.example.com:8443/', true],
  ['other.example, *', 'http://[2001:db8::1]/', true],
  ['*:80', 'https://example.com/', false],
  ['a.example , b.example\tc.example\n', 'http://c.example/', true],
  ['', 'http://example.com/', false],
  [' , ,', 'http://example.com/', false],
  // Entries that match nothing.
  ['10.0.0.0/33', 'http://10.0.0.0/', false],
  ['10.0.0/8', 'http://10.0.0.1/', false],
  ['fd00::/129', 'http://[fd00::]/', false],
  ['.', 'http://example.com/', false],
  ['http://example.com', 'http://example.com/', false],
])('NO_PROXY=%j applies to %s: %s', (noProxy, url, expected) => {
  expect(isBypassed(noProxy, url)).toBe(expected);
});

test.each([
  ['http://localhost/', true],
  ['http://LOCALHOST./', true],
  ['http://sim.localhost/', true],
  ['http://127.0.0.1/', true],
  ['http://127.255.3.4/', true],
  ['http://2130706433/', true],
  ['http://[::1]/', true],
  ['http://[::ffff:127.0.0.1]/', true],
  ['http://128.0.0.1/', false],
  ['http://[::2]/', false],
  ['http://localhost.example.com/', false],
  ['http://notlocalhost/', false],
])('%s is on this machine: %s', (url, expected) => {
  expect(isLoopback(new URL(url).hostname)).toBe(expected);
});
