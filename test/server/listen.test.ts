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
])('%s is an address to listen on', (text, host, port) => {
  expect(parseListenAddress(text)).toEqual({ host, port });
});

test.each([
  ['10935', 'no colon before the port; expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935'],
  ['localhost', 'no port; expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935'],
  ['', 'no port; expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935'],
  [':', 'the port is not a number from 0 to 65535'],
  [':http', 'the port is not a number from 0 to 65535'],
  [':65536', 'the port is not a number from 0 to 65535'],
  [':-1', 'the port is not a number from 0 to 65535'],
  ['::1:9000', 'an IPv6 address needs brackets, such as [::1]:10935'],
  ['::1', 'an IPv6 address needs brackets, such as [::1]:10935'],
  ['[127.0.0.1]:9000', 'between the brackets is no IPv6 address'],
  ['http://a:80', 'expected HOST:PORT, such as :10935, 127.0.0.1:10935 or [::1]:10935'],
])('%j is none, and the problem is named', (text, why) => {
  expect(() => parseListenAddress(text)).toThrow(
    new ListenError(`listen address ${JSON.stringify(text)}: ${why}`),
  );
});

test('an address of another machine is a clear error', async () => {
  await expect(start({ listenAddresses: ['192.0.2.1:0'] })).rejects.toThrow(
    'cannot listen on 192.0.2.1:0: this machine has no such address; choose another with --web.listen-address',
  );
});

test('every interface is shown as this machine', async () => {
  const { server } = await start({ listenAddresses: [':0'] });

  const [address] = server.addresses;

  expect(address?.url).toBe(`http://localhost:${address?.port}/`);
});
