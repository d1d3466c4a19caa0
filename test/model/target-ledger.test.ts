import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PushSample, pushSamples } from '../../src/model/push-sample.ts';
import {
  compareTexts,
  newRows,
  newTargetLedger,
  nextWindow,
  type RowKind,
  skipGap,
  type TargetLedger,
} from '../../src/model/target-ledger.ts';
import { noon, pushSample, samplesBetween } from '../support/samples.ts';

const lookbackMs = 70_000;
const limits = { lookbackMs, spanMs: 7_200_000, retentionMs: 3 * 86_400_000 };

test('a first start asks only for the lookback', () => {
  const { window, gap } = nextWindow(newTargetLedger(noon, lookbackMs), noon, limits);

  expect(window).toEqual({ from: noon - 70_000, to: noon });
  expect(gap).toBeUndefined();
});

test('a row told again by an overlapping window is not fresh, and is not skipped either', () => {
  const rows = samplesBetween(noon - 60_000, noon);
  const first = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), rows);

  const second = newRows(pushSamples, first.ledger, answered(noon + 5000), [
    ...rows,
    pushSample({ measuredAt: noon }),
  ]);

  expect(first.added).toHaveLength(12);
  expect(second.added).toEqual([pushSample({ measuredAt: noon })]);
  expect(second.skipped).toEqual({ future: 0, late: 0, changed: 0, duplicate: 0 });
});

test('two publishers, servers or sessions at one moment are different samples', () => {
  const rows = [
    pushSample(),
    pushSample({ clientIp: '192.0.2.11' }),
    pushSample({ serverIp: '198.51.100.2' }),
    pushSample({ session: 'b' }),
  ];

  const { added } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), rows);

  expect(added).toHaveLength(4);
  expect(added).toEqual(rows.toSorted(pushSamples.compare));
});

test('an empty answer moves the watermark to the end of its window', () => {
  const { ledger } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon + 9000), []);

  expect(ledger).toEqual({ watermark: noon + 9000, floor: noon - 61_000, seen: [] });
});

test('the watermark never goes back when the clock does, and nothing is counted again', () => {
  const rows = samplesBetween(noon - 60_000, noon);
  const { ledger } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), rows);

  const back = newRows(pushSamples, ledger, answered(noon - 30_000), rows);

  expect(back.ledger.watermark).toBe(noon);
  expect(back.added).toEqual([]);
});

test('a window that lies behind all that can be counted is empty', () => {
  const { window } = nextWindow(newTargetLedger<never>(noon, lookbackMs), noon - 3_600_000, limits);

  expect(window.to).toBeLessThan(window.from);
});

test('a late row counts as long as the lookback holds, and is told as late after it', () => {
  const late = pushSample({ measuredAt: noon - 65_000 });
  const tooLate = pushSample({ measuredAt: noon - 75_000 });
  const begun = newRows(pushSamples, newTargetLedger(noon - 300_000, lookbackMs), answered(noon), []);

  const { added, skipped } = newRows(pushSamples, begun.ledger, answered(noon), [tooLate, late]);

  expect(added).toEqual([late]);
  expect(skipped.late).toBe(1);
});

test('a lookback with a fraction tells no row as late that was asked for: providers take whole seconds', () => {
  const reach = { ...limits, lookbackMs: 62_500 };
  const rows = Array.from({ length: 200 }, (_, i) => pushSample({ measuredAt: noon - 100_000 + i * 1000 }));
  let ledger = newTargetLedger<PushSample>(noon, reach.lookbackMs);
  let fresh = 0;

  for (const now of [noon, noon + 5000, noon + 10_000]) {
    const { window } = nextWindow(ledger, now, reach);
    const from = Math.floor(window.from / 1000) * 1000;
    const told = rows.filter(({ measuredAt }) => measuredAt >= from && measuredAt <= window.to);
    const counted = newRows(pushSamples, ledger, { window, now, ...reach }, told);
    expect(counted.skipped.late).toBe(0);
    ledger = counted.ledger;
    fresh += counted.added.length;
  }
  expect(fresh).toBe(63 + 10 + 1);
});

test('a sample more than a minute ahead is skipped as future, one of a minute is counted', () => {
  const rows = [pushSample({ measuredAt: noon + 60_000 }), pushSample({ measuredAt: noon + 60_001 })];

  const { added, skipped } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), rows);

  expect(added).toEqual([rows[0]]);
  expect(skipped.future).toBe(1);
});

test('a counted row with other values counts nothing more, and is told as changed once for each change', () => {
  const begun = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), [pushSample()]);
  const changed = [pushSample({ framesPerSecond: 12 })];

  const once = newRows(pushSamples, begun.ledger, answered(noon + 5000), changed);
  const again = newRows(pushSamples, once.ledger, answered(noon + 10_000), changed);

  expect([once.added, once.skipped.changed]).toEqual([[], 1]);
  expect([again.added, again.skipped.changed]).toEqual([[], 0]);
});

test('a sample told twice in one answer counts once and is told as duplicate', () => {
  const { added, skipped } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), [
    pushSample(),
    pushSample(),
  ]);

  expect(added).toHaveLength(1);
  expect(skipped.duplicate).toBe(1);
});

test('equal rows that are events count as often as one answer tells them', () => {
  const kind: RowKind<string> = {
    at: () => noon,
    compare: compareTexts,
    agree: () => true,
    isMultiset: true,
  };
  const first = newRows(kind, newTargetLedger(noon, lookbackMs), answered(noon), ['forbid', 'forbid']);

  const second = newRows(kind, first.ledger, answered(noon), ['forbid', 'forbid', 'forbid', 'resume']);

  expect(first.added).toEqual(['forbid', 'forbid']);
  expect(second.added).toEqual(['forbid', 'resume']);
});

/** Of few moments and names, so that many are equal. */
const events = fc.array(
  fc
    .tuple(fc.nat({ max: 6 }), fc.constantFrom('a', 'b'), fc.nat({ max: 2 }))
    .map(([second, name, value]) => ({
      at: noon - second * 1000,
      name,
      value,
    })),
  { maxLength: 12 },
);
type Event = { readonly at: number; readonly name: string; readonly value: number };

test.each([true, false])(
  'a walk along two lists finds what counting by key finds (events: %s)',
  (isMultiset) => {
    const kind: RowKind<Event> = {
      at: ({ at }) => at,
      compare: (a, b) => a.at - b.at || compareTexts(a.name, b.name),
      agree: (a, b) => a.value === b.value,
      isMultiset,
    };
    const keyOf = ({ at, name }: Event) => `${at} ${name}`;
    fc.assert(
      fc.property(fc.array(events, { maxLength: 5 }), (answers) => {
        let ledger = newTargetLedger<Event>(noon, lookbackMs);
        const counted = new Map<string, number>();
        const values = new Map<string, number>();
        for (const rows of answers) {
          const told = Map.groupBy(rows, keyOf);
          const expected = { fresh: 0, changed: 0, duplicate: 0 };
          for (const [key, equal] of told) {
            const known = counted.get(key) ?? 0;
            const counts = isMultiset ? equal.length : 1;
            const value = equal[0]?.value ?? -1;
            if (!isMultiset) expected.duplicate += equal.length - 1;
            if (!isMultiset && known > 0 && values.get(key) !== value) expected.changed++;
            expected.fresh += Math.max(0, counts - known);
            counted.set(key, Math.max(known, counts));
            values.set(key, value);
          }

          const { added, skipped, ledger: after } = newRows(kind, ledger, answered(noon), rows);
          ledger = after;

          expect({ ...skipped, fresh: added.length }).toEqual({ ...expected, future: 0, late: 0 });
          expect(ledger.seen).toEqual(ledger.seen.toSorted(kind.compare));
          expect(Object.fromEntries(Map.groupBy(ledger.seen, keyOf))).toEqual(
            Object.fromEntries(
              [...counted].map(([key, times]) => [key, Array(times).fill(expect.anything())]),
            ),
          );
        }
      }),
    );
  },
);

test('rows settle in time order when they leave the lookback', () => {
  const begun = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), [
    pushSample({ measuredAt: noon - 5000 }),
    pushSample({ measuredAt: noon - 10_000 }),
    pushSample({ measuredAt: noon }),
  ]);

  const { settled, ledger } = newRows(pushSamples, begun.ledger, answered(noon + 70_000), []);

  expect(settled.map(({ measuredAt }) => measuredAt - noon)).toEqual([-10_000, -5000]);
  expect(ledger.seen).toHaveLength(1);
});

test('catching up goes strictly forward, a span at a time', () => {
  const ledger: TargetLedger<never> = { watermark: noon, floor: noon - 70_000, seen: [] };

  const { window } = nextWindow(ledger, noon + 5 * 3_600_000, limits);

  expect(window).toEqual({ from: noon - 70_000, to: noon - 70_000 + 7_200_000 });
});

test('what can no longer be asked about is gap, and said to be', () => {
  const ledger = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), [
    pushSample({ measuredAt: noon - 5000 }),
  ]).ledger;
  const now = noon + 4 * 86_400_000;

  const { window, gap } = nextWindow(ledger, now, limits);

  expect(gap).toEqual({ from: noon, to: noon + 86_400_000 + 60_000 });
  expect(window.from).toBe(noon + 86_400_000 + 60_000);
  const after = skipGap(ledger, gap ?? window);
  expect(after.ledger).toEqual({ watermark: window.from, floor: window.from, seen: [] });
  expect(after.settled).toHaveLength(1);
});

function answered(at: number) {
  return { window: { from: at - lookbackMs, to: at }, now: at, lookbackMs };
}
