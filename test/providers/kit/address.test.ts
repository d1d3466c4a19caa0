import { expect, test } from 'vitest';
import { createAddressReader, readAddress } from '../../../src/providers/kit/address.ts';

test.each<[unknown, string | undefined]>([
  ['192.0.2.1', '192.0.2.1'],
  [' ::FFFF:c000:201 ', '192.0.2.1'],
  ['2001:DB8::0:1', '2001:db8::1'],
  ['', undefined],
  [' ', undefined],
  ['-', undefined],
  [null, undefined],
  [undefined, undefined],
  [7, undefined],
])('reads the address %j as %j', (value, address) => {
  expect(readAddress(value)).toBe(address);
});

test('reads each row as readAddress does', () => {
  const read = createAddressReader();

  const values = ['192.0.2.1', '192.0.2.1', '-', undefined, '2001:DB8::1', '2001:db8::1', '', '192.0.2.1'];
  expect(values.map((value) => read(value))).toEqual(values.map(readAddress));
});
