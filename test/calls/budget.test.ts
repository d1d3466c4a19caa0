import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newBudget, nextTurnAt, takeTurn } from '../../src/calls/budget.ts';

test('the first turn is now, the next comes a pause later', () => {
  const budget = newBudget(20);

  expect(nextTurnAt(budget, 1_000)).toBe(1_000);
  expect(nextTurnAt(takeTurn(budget, 1_000), 1_010)).toBe(1_050);
});

test('after a rest there is one turn at once, and no more', () => {
  const rested = takeTurn(newBudget(20), 1_000);

  expect(nextTurnAt(rested, 60_000)).toBe(60_000);
  expect(nextTurnAt(takeTurn(rested, 60_000), 60_000)).toBe(60_050);
});

test('a rate below one is a pause of more than a second', () => {
  expect(nextTurnAt(takeTurn(newBudget(0.1), 0), 0)).toBe(10_000);
});

test('whenever turns are asked for, no second sees more of them than the rate', () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 200 });

  fc.assert(
    fc.property(arrivals, fc.integer({ min: 1, max: 50 }), (times, perSecond) => {
      let budget = newBudget(perSecond);
      const turns: number[] = [];
      for (const asked of times.toSorted((a, b) => a - b)) {
        const at = nextTurnAt(budget, Math.max(asked, turns.at(-1) ?? 0));
        budget = takeTurn(budget, at);
        turns.push(at);
      }
      // Half a microsecond for sums of fractions.
      const within = (from: number) => turns.filter((at) => at >= from && at < from + 1_000 - 0.0005).length;
      expect(Math.max(...turns.map(within))).toBeLessThanOrEqual(perSecond);
    }),
  );
});
