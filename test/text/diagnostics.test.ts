import { expect, test } from 'vitest';
import { quoted, sortDiagnostics, toDiagnosticLines, toPathText } from '../../src/text/diagnostics.ts';

test('quotes unusual keys in a path, so that they cannot imitate another line or path', () => {
  expect(toPathText(['streams', 0, 'expect', 'fps'])).toBe('streams.0.expect.fps');
  expect(toPathText(['a.b', 'c\nd', ''])).toBe('"a.b"."c\\nd".""');
  expect(toPathText(['x'.repeat(100)])).toBe(`"${'x'.repeat(80)}..."`);
});

test('quotes a name on one line, as valid UTF-8, truncated', () => {
  expect([quoted('a"b'), quoted('a\nb'), quoted('\ud800')]).toEqual(['"a\\"b"', '"a\\nb"', '"\\ud800"']);
  expect(quoted('x'.repeat(81))).toBe(`"${'x'.repeat(80)}..."`);
});

test('escapes characters that control a terminal or the text direction', () => {
  expect(quoted('a\u009b31m\u202e\u2028b')).toBe('"a\\u009b31m\\u202e\\u2028b"');
});

test('shows no text in which a word is probably a secret', () => {
  expect(toPathText(['accounts', 0, 'key "Zq7Planted4Secret9Kx2Lw8"'])).toBe('accounts.0.(key not shown)');
  expect(quoted('key: Zq7Planted4Secret9Kx2Lw8')).toBe('(name not shown)');
  expect(quoted('a room with 3 words')).toBe('"a room with 3 words"');
});

test('sorts diagnostics by position and removes duplicates', () => {
  const at = (line: number, column: number, text = 'wrong') => ({ line, column, path: 'a', text });

  expect(sortDiagnostics([at(2, 1), at(1, 5), at(2, 1), at(1, 10), at(2, 1, 'missing')])).toEqual([
    at(1, 5),
    at(1, 10),
    at(2, 1, 'missing'),
    at(2, 1),
  ]);
});

test('omits the path of a diagnostic for the whole file', () => {
  expect(toDiagnosticLines('a.yaml', [{ line: 1, column: 1, path: '', text: 'not UTF-8 text' }])).toEqual([
    'a.yaml:1:1: not UTF-8 text',
  ]);
});
