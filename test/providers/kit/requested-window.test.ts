import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMisplaced, outsideWindow } from '../../../src/providers/kit/requested-window.ts';
import { noon } from '../../support/samples.ts';

const minutes = (count: number) => count * 60_000;

/** Times are in minutes after noon. */
function misplaced(times: readonly number[], from: number, to: number): boolean {
  return isMisplaced(times, (time) => noon + minutes(time), {
    from: noon + minutes(from),
    to: noon + minutes(to),
  });
}

test.each<[string, readonly number[], number, number, boolean]>([
  ['no rows', [], 0, 1, false],
  ['rows inside', [0, 1], 0, 1, false],
  ['rows slightly before', [-5], 0, 1, false],
  ['rows slightly after', [6], 0, 1, false],
  ['rows before', [-5.1], 0, 1, true],
  ['rows after', [6.1], 0, 1, true],
  ['rows on both sides', [-30, 30], 0, 1, true],
  ['one row inside and others outside', [-30, 0.5, 30], 0, 1, false],
  ['a long window without its newest part', [0, 60], 0, 120, false],
  ['a long window without its oldest part', [60, 120], 0, 120, false],
  ['old rows, and one row in the newest part', [-60, 106], 0, 120, false],
  ['old rows, and none in the newest part', [-60, 105], 0, 120, true],
  ['rows after the end, and one row in the oldest part', [14, 180], 0, 120, false],
  ['rows after the end, and none in the oldest part', [15, 180], 0, 120, true],
])('%s: %j in the window from %d to %d: %j', (_, times, from, to, expected) => {
  expect(misplaced(times, from, to)).toBe(expected);
});

test('detects every shift by a time zone, if rows fill the window, and no other answer', () => {
  const lengths = fc.integer({ min: 1, max: 120 });
  const quarters = fc.integer({ min: 1, max: 104 });

  fc.assert(
    fc.property(lengths, quarters, fc.boolean(), (length, quarter, isBack) => {
      const shift = (isBack ? -15 : 15) * quarter;
      const rows = Array.from({ length: length + 1 }, (_, minute) => minute);

      expect(misplaced(rows, 0, length)).toBe(false);
      expect(
        misplaced(
          rows.map((row) => row + shift),
          0,
          length,
        ),
      ).toBe(true);
    }),
  );
});

test('says what to check', () => {
  expect(outsideWindow('x List', 'check time_zone')).toMatchObject({
    kind: 'malformed',
    message: 'x List: rows are outside the requested window (check time_zone)',
  });
});
