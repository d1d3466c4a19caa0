import fc from 'fast-check';
import { expect, test } from 'vitest';
import { percentEncode, toCanonicalQuery } from '../../../src/providers/alibaba/query-string.ts';

test.each([
  ['AZaz09-_.~', 'AZaz09-_.~'],
  [" !'()*", '%20%21%27%28%29%2A'],
  ['/:+=&?#%', '%2F%3A%2B%3D%26%3F%23%25'],
  ['阿🎥', '%E9%98%BF%F0%9F%8E%A5'],
])('encodes %j as %s', (text, encoded) => {
  expect(percentEncode(text)).toBe(encoded);
});

test('sorts parameters by the bytes of their names, and keeps the equals sign of an empty value', () => {
  expect(toCanonicalQuery({ b: 1, a: '', B: 'x y', 'A.10': 2, 'A.1': 3 })).toBe(
    'A.1=3&A.10=2&B=x%20y&a=&b=1',
  );
  expect(toCanonicalQuery({})).toBe('');
});

test('round-trips all parameters, with only unreserved characters', () => {
  const parameters = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }));

  fc.assert(
    fc.property(parameters, (given) => {
      const text = toCanonicalQuery(given);

      expect(new Map(new URLSearchParams(text))).toEqual(new Map(Object.entries(given).toSorted()));
      expect(text).toMatch(/^[A-Za-z0-9\-_.~%&=]*$/);
    }),
  );
});
