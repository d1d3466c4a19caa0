import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberMaxBytes, numberText, writeNumber } from '../../../src/metrics/table/number-text.ts';

function written(value: number): string {
  const out = new Uint8Array(numberMaxBytes + 1);
  const end = writeNumber(value, out, 1);
  return Buffer.from(out.subarray(1, end)).toString();
}

test.each([
  [0, '0'],
  [-0, '0'],
  [7, '7'],
  [-42, '-42'],
  [999_999_999, '999999999'],
  [1_000_000_000, '1000000000'],
  [2 ** 31 - 1, '2147483647'],
  [2 ** 31, '2147483648'],
  [9_000_000_000, '9000000000'],
  [2 ** 53 - 1, '9007199254740991'],
  [2 ** 53, '9007199254740992'],
  [1e21, '1e+21'],
  [0.5, '0.5'],
  [24.97, '24.97'],
  [1772366400.125, '1772366400.125'],
  [-0.001, '-0.001'],
  [10.01, '10.01'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1e-7, '1e-7'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('writes %d as %s', (value, text) => {
  expect(written(value)).toBe(text);
});

test('writes every number within the maximum length so that it parses to itself', () => {
  const thousandths = fc.maxSafeInteger().map((n) => n / 1000);
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.maxSafeInteger(), thousandths), (value) => {
      const text = written(value);

      expect(text.length).toBeLessThanOrEqual(numberMaxBytes);
      // The sign of zero does not matter to Prometheus.
      if (Number.isFinite(value)) expect(Number(text)).toBe(value === 0 ? 0 : value);
      else expect(text).toBe(numberText(value));
    }),
  );
});
