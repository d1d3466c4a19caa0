import { expect, test } from 'vitest';
import { ListenError, parseListenAddress } from '../../src/server/listen.ts';
import { start } from './start.ts';

test.each([
  [':10935', undefined, 10935],
  ['127.0.0.1:0', '127.0.0.1', 0],
  ['0.0.0.0:80', '0.0.0.0', 80],
  ['[::1]:9000', '::1', 9000],
  ['[::]:9000', '::', 9000],
  ['exporter-1.example.com:65535', 'exporter-1.example.com', 65535],
])('parses %s', (text, host, port) => {
  expect(parseListenAddress(text)).toEqual({ host, port });
});

test.each([
  ['10935', 'expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935'],
  ['localhost', 'expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935'],
  ['', 'expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935'],
  [':', 'expected a port from 0 to 65535'],
  [':http', 'expected a port from 0 to 65535'],
  [':65536', 'expected a port from 0 to 65535'],
  [':-1', 'expected a port from 0 to 65535'],
  ['::1:9000', 'enclose an IPv6 address in brackets, such as [::1]:10935'],
  ['::1', 'enclose an IPv6 address in brackets, such as [::1]:10935'],
  ['[127.0.0.1]:9000', 'expected an IPv6 address in the brackets'],
  ['http://a:80', 'expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935'],
])('rejects %j with the reason', (text, why) => {
  expect(() => parseListenAddress(text)).toThrow(
    new ListenError(`listen address ${JSON.stringify(text)}: ${why}`),
  );
});

test('names an address that the machine does not have', async () => {
  await expect(start({ listenAddresses: ['192.0.2.1:0'] })).rejects.toThrow(
    'cannot listen on 192.0.2.1:0: this machine does not have the address; choose another address with --web.listen-address',
  );
});

test('returns localhost as the URL for all interfaces', async () => {
  const { server } = await start({ listenAddresses: [':0'] });

  const [address] = server.addresses;

  expect(address?.url).toBe(`http://localhost:${address?.port}/`);
});
