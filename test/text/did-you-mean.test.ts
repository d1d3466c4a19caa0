import { expect, test } from 'vitest';
import { didYouMean, mostLike } from '../../src/text/did-you-mean.ts';

const keys = ['interval', 'lookback', 'stale_after', 'fps', 'key_env', 'key_file'];

test('a slip of the keyboard is recognised: a letter more, less, other, or two that changed places', () => {
  const slips = ['intervall', 'intrval', 'lookbock', 'staleafter', 'lokobakc', 'FPS', 'key_evn', 'key_fle'];

  expect(slips.map((slip) => mostLike(slip, keys))).toEqual([
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

test('what is like nothing suggests nothing', () => {
  expect(['bitrate', 'x', '', 'retention'].map((name) => mostLike(name, keys))).toEqual(
    Array(4).fill(undefined),
  );
  expect(mostLike(`${'interval'.repeat(10)}`, keys)).toBeUndefined();
  expect(didYouMean('x', keys)).toBe('');
});

test('of two names equally near the first is suggested', () => {
  expect(didYouMean('bat', ['cat', 'rat'])).toBe('; did you mean "cat"?');
});
