import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countSame, type Rows, withEnd } from '../../src/model/row-list.ts';

const length = fc.oneof(fc.nat(20), fc.nat(1600), fc.constantFrom(0, 511, 512, 513, 1024));

/** Derivation of new rows from any rows before, which does not have to be used for further rows. */
const derivation = fc.record({
  /** Rows from which the new ones are derived, counted from the newest. */
  age: fc.oneof(fc.constant(0), fc.nat(5)),
  from: length,
  /** Number of rows that are left out before the end. */
  without: fc.oneof(fc.constant(0), length),
  added: length,
});

/** Rows, and the array that they must equal. */
interface Derived {
  readonly rows: Rows<number>;
  readonly expected: readonly number[];
}

/** Returns all rows of a chain of derivations. All numbers are different. */
function derive(derivations: readonly (typeof derivation extends fc.Arbitrary<infer T> ? T : never)[]) {
  const all: Derived[] = [{ rows: [], expected: [] }];
  let next = 0;
  for (const { age, from: start, without, added } of derivations) {
    const { rows, expected } = all.at(-1 - Math.min(age, all.length - 1)) as Derived;
    const from = Math.min(start, rows.length);
    const to = Math.max(from, rows.length - without);
    const end = Array.from({ length: added }, () => next++);
    all.push({ rows: withEnd(rows, { from, to }, end), expected: [...expected.slice(from, to), ...end] });
  }
  return all;
}

test('derived rows equal arrays, and the rows before stay as they are', () => {
  const bounds = fc.option(fc.integer({ min: -2000, max: 2000 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(derivation, { maxLength: 12 }), bounds, bounds, (derivations, from, to) => {
      for (const { rows, expected } of derive(derivations)) {
        expect(rows.length).toBe(expected.length);
        expect([...rows]).toEqual(expected);
        expect(rows.slice(from, to)).toEqual(expected.slice(from, to));
        for (const index of [0, -1, from ?? 511, to ?? 512, rows.length])
          expect(rows.at(index)).toBe(expected.at(index));
      }
    }),
  );
});

test('counts the same rows of two lists, whether they share chunks or not', () => {
  fc.assert(
    fc.property(fc.array(derivation, { maxLength: 8 }), fc.nat(8), length, length, (list, age, i, j) => {
      const all = derive(list);
      const [a, b] = [all.at(-1) as Derived, all.at(-1 - Math.min(age, all.length - 1)) as Derived];
      // Two places with the same row, and two any places.
      const known = b.expected.indexOf(a.expected[i] ?? -1);
      for (const [from, to] of [[i, known] as const, [i, j] as const]) {
        if (from > a.rows.length || to > b.rows.length || to < 0) continue;
        let same = 0;
        while (from + same < a.rows.length && a.expected[from + same] === b.expected[to + same]) same++;

        expect(countSame(a.rows, from, b.rows, to)).toBe(same);
        expect(countSame([...a.rows], from, b.rows, to)).toBe(same);
      }
    }),
  );
});

test('returns the same rows if nothing changes, and an array if few rows are left', () => {
  const rows = withEnd([], {}, Array(600).fill(0));

  expect(withEnd(rows, {}, [])).toBe(rows);
  expect(Array.isArray(rows)).toBe(false);
  expect(Array.isArray(withEnd(rows, { from: 88 }, []))).toBe(true);
});
