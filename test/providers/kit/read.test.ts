import { expect, test } from 'vitest';
import * as z from 'zod';
import {
  quote,
  readEnvelope,
  readFields,
  readJson,
  readNumber,
  readRetryAfterMs,
  readRows,
  readText,
} from '../../../src/providers/kit/read.ts';

test('JSON is read, also behind a byte order mark', () => {
  expect(readJson('\uFEFF{"ret":0}', 'x List')).toEqual({ ret: 0 });
});

test.each(['', '<html>s3cret</html>', '{"sign":"s3cret"'])('%j is malformed, and not shown', (text) => {
  expect(() => readJson(text, 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: `x List: the answer is not JSON (${text.length} characters)`,
    }),
  );
});

test('a frame that does not fit is malformed, with the place and without the value', () => {
  const schema = z.object({ page: z.object({ rows: z.array(z.unknown()) }) });

  expect(readEnvelope(schema, { page: { rows: [1] }, more: 1 }, 'x List')).toEqual({ page: { rows: [1] } });
  expect(() => readEnvelope(schema, { page: { rows: 's3cret' } }, 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: 'x List: the answer has an unknown form at page.rows',
    }),
  );
  expect(() => readEnvelope(schema, null, 'x List')).toThrow(
    'x List: the answer has an unknown form at the whole',
  );
});

test('rows that cannot be read are counted', () => {
  expect(readRows([1, 'a', 2, null], readNumber, 'x List')).toEqual({ items: [1, 2], malformed: 2 });
  expect(readRows([], readNumber, 'x List')).toEqual({ items: [], malformed: 0 });
});

test('rows of which none can be read are a failure', () => {
  expect(() => readRows(['a', null], readNumber, 'x List')).toThrow(
    expect.objectContaining({ kind: 'malformed', message: 'x List: none of 2 rows can be read' }),
  );
});

test.each<[unknown, unknown]>([
  [{ a: 1 }, { a: 1 }],
  [{}, {}],
  [[], undefined],
  [null, undefined],
  ['a', undefined],
])('the fields of %j', (row, fields) => {
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
])('%j is the number %j', (value, number) => {
  expect(readNumber(value)).toBe(number);
});

test.each<[unknown, string | undefined]>([
  [' 203.0.113.7:1935 ', '203.0.113.7:1935'],
  ['', undefined],
  [' ', undefined],
  [null, undefined],
  [7, undefined],
])('%j is the text %j', (value, text) => {
  expect(readText(value)).toBe(text);
});

test.each<[string | undefined, number | undefined]>([
  ['120', 120_000],
  ['0', 0],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
  ['Thu, 01 Jan 1970 00:00:09 GMT', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('ten seconds into 1970, a Retry-After of %j is a wait of %j ms', (header, ms) => {
  expect(readRetryAfterMs(header, 10_000)).toBe(ms);
});

test("a provider's words are put on one line, without what cannot be seen", () => {
  expect(quote(' a\r\nb\t\u0000c\u001b[31m d\u202e ', [])).toBe('a b c [31m d');
});

test("a provider's words are cut to 200 characters", () => {
  expect(quote('a'.repeat(200), [])).toBe('a'.repeat(200));
  expect(quote('a'.repeat(201), [])).toBe(`${'a'.repeat(199)}…`);
});

test("a provider's words don't show a secret, nor half of one where they are cut", () => {
  expect(quote('bad sign s3cret, s3cret', ['s3cret', ''])).toBe('bad sign [secret], [secret]');
  expect(quote(`${'a'.repeat(196)}s3cret`, ['s3cret'])).toBe(`${'a'.repeat(196)}[se…`);
});
