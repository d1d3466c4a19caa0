import { expect, test } from 'vitest';
import { shownClientIp } from '../../../src/metrics/push/client-ip.ts';

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:0DB8:0001::6', '2001:db8:1::/48'],
  ['2001:db8::6', '2001:db8::/48'],
  ['2001:0:0:1::6', '2001::/48'],
  ['::1', '::/48'],
  ['::', '::/48'],
  ['0:0:5::192.0.2.1', '0:0:5::/48'],
  ['64:ff9b::192.0.2.1', '64:ff9b::/48'],
  ['fe80::1%eth0', 'fe80::/48'],
  ['encoder-7.example.com', ''],
  ['', ''],
])('returns for %s the prefix %s', (clientIp, prefix) => {
  expect(shownClientIp(clientIp, 'prefix')).toBe(prefix);
});

test('exposes the full address as the provider reports it', () => {
  expect(shownClientIp('2001:0DB8::6', 'full')).toBe('2001:0DB8::6');
});

test('returns an empty value if addresses are off or unknown', () => {
  expect(shownClientIp('203.0.113.77', 'off')).toBe('');
  expect(shownClientIp(undefined, 'full')).toBe('');
  expect(shownClientIp(undefined, 'prefix')).toBe('');
});
