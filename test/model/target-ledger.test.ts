import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareTexts, type RowKind } from '../../src/model/duplicates.ts';
import { type PushSample, pushSamples } from '../../src/model/push-sample.ts';
import {
  newRows,
  newTargetLedger,
  nextWindow,
  skipGap,
  type TargetLedger,
} from '../../src/model/target-ledger.ts';
import { noon, pushSample, samplesBetween } from '../support/samples.ts';

const lookbackMs = 70_000;
const limits = { lookbackMs, spanMs: 7_200_000, retentionMs: 3 * 86_400_000 };

test('requests one lookback at the first start', () => {
  const { window, gap } = nextWindow(newTargetLedger(noon, lookbackMs), noon, limits);

  expect(window).toEqual({ from: noon - 70_000, to: noon });
  expect(gap).toBeUndefined();
});

test('de-duplicates re-reads of an overlapping window without counting them as skipped', () => {
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

test('counts samples of the same time with different publishers, servers, sessions or streams', () => {
  const rows = [
    pushSample(),
    pushSample({ clientIp: '192.0.2.11' }),
    pushSample({ serverIp: '198.51.100.2' }),
    pushSample({ session: 'b' }),
    pushSample({ stream: 'sport' }),
  ];

  const { added } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), rows);

  expect(added).toHaveLength(5);
  expect(added).toEqual(rows.toSorted(pushSamples.compare));
});

test('moves the watermark to the end of the window for an empty answer', () => {
  const { ledger } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon + 9000), []);

  expect(ledger).toEqual({ watermark: noon + 9000, floor: noon - 61_000, seen: [] });
});

test('keeps the watermark and counts nothing again after a clock setback', () => {
  const rows = samplesBetween(noon - 60_000, noon);
  const { ledger } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), rows);

  const back = newRows(pushSamples, ledger, answered(noon - 30_000), rows);

  expect(back.ledger.watermark).toBe(noon);
  expect(back.added).toEqual([]);
});

test('plans an empty window if the clock is behind the floor', () => {
  const { window } = nextWindow(newTargetLedger<never>(noon, lookbackMs), noon - 3_600_000, limits);

  expect(window.to).toBeLessThan(window.from);
});

test('counts a late row within the lookback and skips an older one as late', () => {
  const late = pushSample({ measuredAt: noon - 65_000 });
  const tooLate = pushSample({ measuredAt: noon - 75_000 });
  const started = newRows(pushSamples, newTargetLedger(noon - 300_000, lookbackMs), answered(noon), []);

  const { added, skipped } = newRows(pushSamples, started.ledger, answered(noon), [tooLate, late]);

  expect(added).toEqual([late]);
  expect(skipped.late).toBe(1);
});

test('skips no requested row as late with a fractional lookback, because providers take whole seconds', () => {
  const fractional = { ...limits, lookbackMs: 62_500 };
  const rows = Array.from({ length: 200 }, (_, i) => pushSample({ measuredAt: noon - 100_000 + i * 1000 }));
  let ledger = newTargetLedger<PushSample>(noon, fractional.lookbackMs);
  let addedCount = 0;

  for (const now of [noon, noon + 5000, noon + 10_000]) {
    const { window } = nextWindow(ledger, now, fractional);
    const from = Math.floor(window.from / 1000) * 1000;
    const received = rows.filter(({ measuredAt }) => measuredAt >= from && measuredAt <= window.to);
    const counted = newRows(pushSamples, ledger, { window, now, ...fractional }, received);
    expect(counted.skipped.late).toBe(0);
    ledger = counted.ledger;
    addedCount += counted.added.length;
  }
  expect(addedCount).toBe(63 + 10 + 1);
});

test('skips a sample more than a minute ahead as future', () => {
  const rows = [pushSample({ measuredAt: noon + 60_000 }), pushSample({ measuredAt: noon + 60_001 })];

  const { added, skipped } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), rows);

  expect(added).toEqual([rows[0]]);
  expect(skipped.future).toBe(1);
});

test('counts nothing for a known row with different values and reports each change once', () => {
  const started = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), [pushSample()]);
  const changed = [pushSample({ framesPerSecond: 12 })];

  const once = newRows(pushSamples, started.ledger, answered(noon + 5000), changed);
  const again = newRows(pushSamples, once.ledger, answered(noon + 10_000), changed);

  expect([once.added, once.skipped.changed]).toEqual([[], 1]);
  expect([again.added, again.skipped.changed]).toEqual([[], 0]);
});

test('counts a sample that is repeated in one answer once and reports a duplicate', () => {
  const { added, skipped } = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), [
    pushSample(),
    pushSample(),
  ]);

  expect(added).toHaveLength(1);
  expect(skipped.duplicate).toBe(1);
});

test('counts equal rows of a multiset as often as one answer contains them', () => {
  const kind: RowKind<string> = {
    at: () => noon,
    compare: compareTexts,
    isSameGroup: (a, b) => a === b,
    optionalFields: [],
    hasSameValues: () => true,
    isMultiset: true,
  };
  const first = newRows(kind, newTargetLedger(noon, lookbackMs), answered(noon), ['forbid', 'forbid']);

  const second = newRows(kind, first.ledger, answered(noon), ['forbid', 'forbid', 'forbid', 'resume']);

  expect(first.added).toEqual(['forbid', 'forbid']);
  expect(second.added).toEqual(['forbid', 'resume']);
});

/** Events with few times and names, so that many are equal. */
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

test.each([true, false])('merging sorted lists agrees with counting by key (multiset: %s)', (isMultiset) => {
  const kind: RowKind<Event> = {
    at: ({ at }) => at,
    compare: (a, b) => a.at - b.at || compareTexts(a.name, b.name),
    isSameGroup: (a, b) => a.at === b.at,
    optionalFields: [],
    hasSameValues: (a, b) => a.value === b.value,
    isMultiset,
  };
  const keyOf = ({ at, name }: Event) => `${at} ${name}`;
  fc.assert(
    fc.property(fc.array(events, { maxLength: 5 }), (answers) => {
      let ledger = newTargetLedger<Event>(noon, lookbackMs);
      const counted = new Map<string, number>();
      const values = new Map<string, number>();
      for (const rows of answers) {
        const received = Map.groupBy(rows, keyOf);
        const expected = { added: 0, changed: 0, duplicate: 0 };
        for (const [key, equal] of received) {
          const known = counted.get(key) ?? 0;
          const counts = isMultiset ? equal.length : 1;
          const value = equal[0]?.value ?? -1;
          if (!isMultiset) expected.duplicate += equal.length - 1;
          if (!isMultiset && known > 0 && values.get(key) !== value) expected.changed++;
          expected.added += Math.max(0, counts - known);
          counted.set(key, Math.max(known, counts));
          values.set(key, value);
        }

        const { added, skipped, ledger: after } = newRows(kind, ledger, answered(noon), rows);
        ledger = after;

        expect({ ...skipped, added: added.length }).toEqual({ ...expected, future: 0, late: 0 });
        expect(ledger.seen).toEqual(ledger.seen.toSorted(kind.compare));
        expect(Object.fromEntries(Map.groupBy(ledger.seen, keyOf))).toEqual(
          Object.fromEntries([...counted].map(([key, times]) => [key, Array(times).fill(expect.anything())])),
        );
      }
    }),
  );
});

test('settles rows in time order when they are older than the lookback', () => {
  const started = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), [
    pushSample({ measuredAt: noon - 5000 }),
    pushSample({ measuredAt: noon - 10_000 }),
    pushSample({ measuredAt: noon }),
  ]);

  const { settled, ledger } = newRows(pushSamples, started.ledger, answered(noon + 70_000), []);

  expect(settled.map(({ measuredAt }) => measuredAt - noon)).toEqual([-10_000, -5000]);
  expect(ledger.seen).toHaveLength(1);
});

test('plans catch-up windows oldest first, one span at a time', () => {
  const ledger: TargetLedger<never> = { watermark: noon, floor: noon - 70_000, seen: [] };

  const { window } = nextWindow(ledger, noon + 5 * 3_600_000, limits);

  expect(window).toEqual({ from: noon - 70_000, to: noon - 70_000 + 7_200_000 });
});

test('reports time that is no longer retained as a gap', () => {
  const ledger = newRows(pushSamples, newTargetLedger(noon, lookbackMs), answered(noon), [
    pushSample({ measuredAt: noon - 5000 }),
  ]).ledger;
  const now = noon + 4 * 86_400_000;

  const { window, gap } = nextWindow(ledger, now, limits);

  expect(gap).toEqual({ from: noon, to: noon + 86_400_000 + 60_000 });
  expect(window.from).toBe(noon + 86_400_000 + 60_000);
  const after = skipGap(ledger, gap ?? window);
  expect(after?.ledger).toEqual({ watermark: window.from, floor: window.from, seen: [] });
  expect(after?.settled).toHaveLength(1);
  expect(after?.gap).toEqual(gap);
  expect(
    skipGap(newRows(pushSamples, ledger, answered(window.from), []).ledger, gap ?? window),
  ).toBeUndefined();
});

test('skips only the part of a planned gap that the watermark has not passed', () => {
  const ledger = newTargetLedger(noon, lookbackMs);
  const planned = { from: ledger.watermark - 60_000, to: ledger.watermark + 3_600_000 };

  expect(skipGap(ledger, planned)?.gap).toEqual({ from: ledger.watermark, to: planned.to });
});

function answered(at: number) {
  return { window: { from: at - lookbackMs, to: at }, now: at, lookbackMs };
}
