import { expect, test } from 'vitest';
import {
  boundText,
  readFields,
  readNumber,
  readText,
  readWholeText,
} from '../../../src/providers/kit/values.ts';

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
  // Half of a surrogate pair becomes the replacement character, as in UTF-8.
  ['a\ud83cb', 'a\ufffdb'],
  ['直播 🎥', '直播 🎥'],
])('reads %j as the text %j', (value, text) => {
  expect(readText(value)).toBe(text);
});

test('reads a text of at most 255 characters unchanged', () => {
  expect(readText('a'.repeat(255))).toBe('a'.repeat(255));
});

test('truncates a longer text to 255 characters, and keeps different texts different', () => {
  const long = 'a'.repeat(256);

  expect(readText(long)).toBe(`${'a'.repeat(238)}…02d7160d77e18c64`);
  expect(readText(`${long}b`)).not.toBe(readText(`${long}c`));
  expect(readText(`${long}b`)).toHaveLength(255);
});

test('truncates a long text to a well-formed text', () => {
  // The truncation splits a surrogate pair.
  const text = readText(`a${'🎥'.repeat(1000)}`);

  expect(text?.isWellFormed()).toBe(true);
  expect(text).toHaveLength(255);
});

test('truncates a truncated text no further', () => {
  const text = boundText('a'.repeat(1000));

  expect(boundText(text)).toBe(text);
});

test('reads a whole text without truncating it', () => {
  expect(readWholeText(` ${'a'.repeat(1000)}\ud83c `)).toBe(`${'a'.repeat(1000)}\ufffd`);
});
