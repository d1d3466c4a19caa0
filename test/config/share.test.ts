import { expect, test } from 'vitest';
import { createShare } from '../../src/config/share.ts';

test('an equal value is the first one, and another is itself', () => {
  const share = createShare();
  const first = { fps: 25, live: [{ from: 1 }] };
  const other = { fps: 25, live: [{ from: 2 }] };

  expect(share(first)).toBe(first);
  expect(share({ ...first })).toBe(first);
  expect(share(other)).toBe(other);
});

test('a text and a number that read the same are two', () => {
  const share = createShare();

  expect([share('25'), share(25), share('25')]).toEqual(['25', 25, '25']);
});
