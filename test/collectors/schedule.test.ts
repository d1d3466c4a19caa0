import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSchedule } from '../../src/collectors/schedule.ts';

test('nothing is taken before it is due', () => {
  const schedule = createSchedule<string>();
  schedule.add('news', 100);

  expect(schedule.takeDue(99)).toBeUndefined();
  expect(schedule.nextDueAt()).toBe(100);
  expect(schedule.takeDue(100)).toBe('news');
  expect(schedule.nextDueAt()).toBeUndefined();
});

test('what is due longest comes first, and of two the one added first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (dues) => {
      const schedule = createSchedule<readonly [due: number, order: number]>();
      for (const [order, due] of dues.entries()) schedule.add([due, order], due);

      const taken = [];
      for (let item = schedule.takeDue(20); item !== undefined; item = schedule.takeDue(20)) taken.push(item);

      const inOrder = dues
        .map((due, order) => [due, order] as const)
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      expect(taken).toEqual(inOrder);
    }),
  );
});
