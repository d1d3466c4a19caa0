import { describe, expect, it } from 'vitest';
import { createNumberRows } from '../../src/polling/number-rows.ts';

describe('createNumberRows', () => {
  it('keeps the numbers of each key while the table grows', () => {
    const rows = createNumberRows(3);
    for (let i = 0; i < 100; i++) {
      const row = rows.add(`key ${i}`);
      for (const column of [0, 1, 2]) rows.set(row, column, 10 * i + column);
    }
    const found = Array.from({ length: 100 }, (_, i) => {
      const row = rows.find(`key ${i}`) ?? -1;
      return [0, 1, 2].map((column) => rows.get(row, column));
    });
    expect(found).toEqual(Array.from({ length: 100 }, (_, i) => [10 * i, 10 * i + 1, 10 * i + 2]));
  });

  it('fills the row of a new key with NaN, also if the row was used before', () => {
    const rows = createNumberRows(2);
    const first = rows.add('a');
    rows.set(first, 0, 1);
    rows.set(first, 1, 2);
    rows.remove('a');
    expect(rows.find('a')).toBeUndefined();
    const second = rows.add('b');
    expect(second).toBe(first);
    expect([rows.get(second, 0), rows.get(second, 1)]).toEqual([Number.NaN, Number.NaN]);
    expect([...rows.entries()]).toEqual([['b', second]]);
  });

  it('ignores the removal of an unknown key', () => {
    const rows = createNumberRows(1);
    rows.remove('a');
    expect(rows.add('b')).not.toBe(rows.add('c'));
  });
});
