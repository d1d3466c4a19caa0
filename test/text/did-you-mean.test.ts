import { expect, test } from 'vitest';
import { closestMatch, didYouMean } from '../../src/text/did-you-mean.ts';

const keys = ['interval', 'lookback', 'stale_after', 'fps', 'key_env', 'key_file'];

test('finds the known name for an added, missing, replaced or swapped letter', () => {
  const typos = ['intervall', 'intrval', 'lookbock', 'staleafter', 'lokobakc', 'FPS', 'key_evn', 'key_fle'];

  expect(typos.map((typo) => closestMatch(typo, keys))).toEqual([
    'interval',
    'interval',
    'lookback',
    'stale_after',
    'lookback',
    'fps',
    'key_env',
    'key_file',
  ]);
});

test('suggests nothing for a name that is not similar to a known one', () => {
  expect(['bitrate', 'x', '', 'retention'].map((name) => closestMatch(name, keys))).toEqual(
    Array(4).fill(undefined),
  );
  expect(closestMatch(`${'interval'.repeat(10)}`, keys)).toBeUndefined();
  expect(didYouMean('x', keys)).toBe('');
});

test('suggests the first of two names at the same distance', () => {
  expect(didYouMean('bat', ['cat', 'rat'])).toBe('; did you mean "cat"?');
});

test('shows characters of the known name that nobody sees', () => {
  expect(didYouMean('cat', ['ca\x80t'])).toBe('; did you mean "ca\\u0080t"?');
});
