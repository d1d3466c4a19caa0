import { expect, test } from 'vitest';
import { readFields, readNumber, readText } from '../../../src/providers/kit/values.ts';

test.each<[unknown, unknown]>([
  [{ a: 1 }, { a: 1 }],
  [{}, {}],
  [[], undefined],
  [null, undefined],
  ['a', undefined],
])('reads the fields of %j', (row, fields) => {
  expect(readFields(row)).toEqual(fields);
});

test.each<[unknown, number | undefined]>([
  [0, 0],
  ['0', 0],
  [25, 25],
  [24.5, 24.5],
  [' 812345 ', 812_345],
  ['24.50', 24.5],
  ['', undefined],
  [' ', undefined],
  [-1, undefined],
  ['-1', undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  ['NaN', undefined],
  ['0x10', undefined],
  ['1e3', undefined],
  ['25fps', undefined],
  [null, undefined],
  [undefined, undefined],
  [true, undefined],
  [[1], undefined],
])('reads %j as the number %j', (value, number) => {
  expect(readNumber(value)).toBe(number);
});

test.each<[unknown, string | undefined]>([
  [' 203.0.113.7:1935 ', '203.0.113.7:1935'],
  ['', undefined],
  [' ', undefined],
  [null, undefined],
  [7, undefined],
])('reads %j as the text %j', (value, text) => {
  expect(readText(value)).toBe(text);
});
