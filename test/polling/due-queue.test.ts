import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDueQueue } from '../../src/polling/due-queue.ts';

test('takes nothing before it is due', () => {
  const schedule = createDueQueue<string>();
  schedule.add('news', 100);

  expect(schedule.takeDue(99)).toBeUndefined();
  expect(schedule.nextDueAt()).toBe(100);
  expect(schedule.takeDue(100)).toMatchObject({ item: 'news', dueAt: 100 });
  expect(schedule.nextDueAt()).toBe(Infinity);
});

test('takes the longest due item first, and of two the one added first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (dues) => {
      const schedule = createDueQueue<readonly [due: number, order: number]>();
      for (const [order, due] of dues.entries()) schedule.add([due, order], due);

      const taken = [];
      for (let one = schedule.takeDue(20); one !== undefined; one = schedule.takeDue(20))
        taken.push(one.item);

      const inOrder = dues
        .map((due, order) => [due, order] as const)
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      expect(taken).toEqual(inOrder);
    }),
  );
});

test('prefers an item with a head start over items due later than the head start allows', () => {
  const schedule = createDueQueue<string>();
  schedule.add('other', 0);
  schedule.add('early', 10, true);
  schedule.add('late', 11, true);

  // `early` counts as due since 0, `late` since 1.
  expect([1, 2, 3].map(() => schedule.takeDue(20, 10)?.item)).toEqual(['early', 'other', 'late']);
  expect(schedule.nextDueAt()).toBe(Infinity);
});

test('takes nothing before it is due, with or without a head start', () => {
  const schedule = createDueQueue<string>();
  schedule.add('early', 100, true);
  schedule.add('other', 120);

  expect(schedule.takeDue(99, 1_000)).toBeUndefined();
  expect(schedule.nextDueAt()).toBe(100);
  expect(schedule.takeDue(130, 1_000)?.item).toBe('early');
  expect(schedule.takeDue(130, 1_000)?.item).toBe('other');
});

test('serves everything within two rounds if the head start is one round', () => {
  const load = fc.record({
    early: fc.integer({ min: 0, max: 30 }),
    others: fc.integer({ min: 1, max: 30 }),
    interval: fc.integer({ min: 1, max: 80 }),
  });

  fc.assert(
    fc.property(load, ({ early, others, interval }) => {
      const schedule = createDueQueue<number>();
      const all = early + others;
      const round = Math.max(all, interval);
      const isEarly = (item: number) => item < early;
      const lastAt = Array<number>(all).fill(0);
      const longest = { early: 0, others: 0 };
      for (let item = 0; item < all; item++) schedule.add(item, 0, isEarly(item));

      // One item per unit of time.
      for (let now = 0; now < 20 * round; now++) {
        const item = schedule.takeDue(now, round)?.item;
        if (item === undefined) continue;
        const group = isEarly(item) ? 'early' : 'others';
        longest[group] = Math.max(longest[group], now - (lastAt[item] ?? 0));
        lastAt[item] = now;
        schedule.add(item, now + interval, isEarly(item));
      }

      expect(longest.early).toBeLessThanOrEqual(round + all);
      expect(longest.others).toBeLessThanOrEqual(2 * round + all);
      expect(Math.min(...lastAt)).toBeGreaterThan(20 * round - 3 * round);
    }),
  );
});
