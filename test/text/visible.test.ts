import { expect, test } from 'vitest';
import { visible } from '../../src/text/visible.ts';

test.each([
  ['news', 'news'],
  ['直播 é', '直播 é'],
  ['a\u001b[31mb', 'a\\u001b[31mb'],
  ['a\nb\r\tc\u0085\u009b', 'a\\u000ab\\u000d\\u0009c\\u0085\\u009b'],
  ['a\u2028\u2029\u202e\u2066\ufeff', 'a\\u2028\\u2029\\u202e\\u2066\\ufeff'],
  // Zero-width characters make names look equal that are not.
  ['a\u200b\u200d', 'a\\u200b\\u200d'],
  ['a\u{e0001}', 'a\\udb40\\udc01'],
  ['a\ud83c', 'a\ufffd'],
])('shows each character of %j', (text, expected) => {
  expect(visible(text)).toBe(expected);
});
