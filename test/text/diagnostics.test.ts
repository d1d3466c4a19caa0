import { expect, test } from 'vitest';
import { quoted, sortDiagnostics, toDiagnosticLines, toPathText } from '../../src/text/diagnostics.ts';

test('a path shows odd keys in quotes, so that none can pass for another line or another path', () => {
  expect(toPathText(['streams', 0, 'expect', 'fps'])).toBe('streams.0.expect.fps');
  expect(toPathText(['a.b', 'c\nd', ''])).toBe('"a.b"."c\\nd".""');
  expect(toPathText(['x'.repeat(100)])).toBe(`"${'x'.repeat(80)}..."`);
});

test('a name is shown on one line, as UTF-8, and not at length', () => {
  expect([quoted('a"b'), quoted('a\nb'), quoted('\ud800')]).toEqual(['"a\\"b"', '"a\\nb"', '"\\ud800"']);
  expect(quoted('x'.repeat(81))).toBe(`"${'x'.repeat(80)}..."`);
});

test('a name that would steer a terminal or turn the text round is spelled out', () => {
  expect(quoted('a\u009b31m\u202e\u2028b')).toBe('"a\\u009b31m\\u202e\\u2028b"');
});

test('problems are sorted by place, and the same one is kept once', () => {
  const at = (line: number, column: number, text = 'wrong') => ({ line, column, path: 'a', text });

  expect(sortDiagnostics([at(2, 1), at(1, 5), at(2, 1), at(1, 10), at(2, 1, 'missing')])).toEqual([
    at(1, 5),
    at(1, 10),
    at(2, 1, 'missing'),
    at(2, 1),
  ]);
});

test('a problem of the whole file has no path', () => {
  expect(toDiagnosticLines('a.yaml', [{ line: 1, column: 1, path: '', text: 'not UTF-8 text' }])).toEqual([
    'a.yaml:1:1: not UTF-8 text',
  ]);
});
