import { expect, test } from 'vitest';
import { toPrintable } from '../../src/text/printable.ts';

test.each([
  ['news', 'news'],
  ['直播 👩‍👩‍👧 é', '直播 👩‍👩‍👧 é'],
  ['a\u001b[31mb', 'a\\u{1b}[31mb'],
  ['a\nb\r\tc\u0085\u009b', 'a\\u{a}b\\u{d}\\u{9}c\\u{85}\\u{9b}'],
  ['a\u2028\u2029\u202e\u2066\ufeff', 'a\\u{2028}\\u{2029}\\u{202e}\\u{2066}\\u{feff}'],
  ['a\ud83c', 'a\\u{d83c}'],
])('makes %j printable', (text, expected) => {
  expect(toPrintable(text)).toBe(expected);
});
