import { expect, test } from 'vitest';
import { isBlank, readRows, readRowsInSlices, toRows } from '../../../src/providers/kit/rows.ts';
import { readNumber } from '../../../src/providers/kit/values.ts';
import { inOneSlice } from '../../support/slices.ts';

test('counts unreadable rows', () => {
  expect(readRows([1, 'a', 2, null], readNumber, 'x List')).toEqual({ items: [1, 2], malformed: 2 });
  expect(readRows([], readNumber, 'x List')).toEqual({ items: [], malformed: 0 });
});

test('rejects rows of which none is readable', () => {
  expect(() => readRows(['a', null], readNumber, 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: 'x List: no row in the response is readable (2 rows)',
    }),
  );
});

test('converts rows in slices like rows at once', async () => {
  const read = (rows: readonly unknown[]) => readRowsInSlices(rows, readNumber, 'x List', inOneSlice);

  expect(await read([1, 'a', 2, null])).toEqual({ items: [1, 2], malformed: 2 });
  expect(await read([])).toEqual({ items: [], malformed: 0 });
  await expect(read(['a', null])).rejects.toThrow('x List: no row in the response is readable (2 rows)');
});

test.each<[unknown, readonly unknown[] | undefined]>([
  [
    [1, 2],
    [1, 2],
  ],
  [{ a: 1 }, [{ a: 1 }]],
  [[], []],
  [{}, undefined],
  ['', undefined],
  [' \n', undefined],
  [null, undefined],
  [undefined, undefined],
  ['none', undefined],
  [0, undefined],
  [false, undefined],
])('reads the list %j as the rows %j', (list, rows) => {
  expect(toRows(list)).toEqual(rows);
});

test.each<[unknown, boolean]>([
  [undefined, true],
  [null, true],
  ['', true],
  [' \n', true],
  [{}, true],
  [[], false],
  [{ a: null }, false],
  ['none', false],
  [0, false],
  [false, false],
])('reports whether %j stands in place of an empty list: %j', (value, blank) => {
  expect(isBlank(value)).toBe(blank);
});
