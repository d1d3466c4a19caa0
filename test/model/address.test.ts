import { expect, test } from 'vitest';
import { canonicalAddress } from '../../src/model/address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:0db8:0000::0001', '2001:db8::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['::', '::'],
  // With a port, which differs between the connections of one client.
  ['192.0.2.1:51234', '192.0.2.1'],
  ['[2001:DB8::1]:443', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
])('writes the address %s as %s', (text, address) => {
  expect(canonicalAddress(text)).toBe(address);
  expect(canonicalAddress(address)).toBe(address);
});

test.each([
  'edge.example.com',
  'edge.example.com:1935',
  '192.0.2.010',
  '192.0.2.300:80',
  '10.0.0.8,203.0.113.9',
  'fe80::1%eth0',
  '[fe80::1%eth0]:80',
  '2001:db8:::1',
  '[session]:1',
  'a:b',
  ':',
])('keeps the text %s, which is no address without a zone', (text) => {
  expect(canonicalAddress(text)).toBe(text);
});
