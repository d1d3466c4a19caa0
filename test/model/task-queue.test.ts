import { expect, test } from 'vitest';
import { createTaskQueue } from '../../src/model/task-queue.ts';

test('runs one task at a time in order, also after one that fails', async () => {
  const events: string[] = [];
  const inOrder = createTaskQueue();
  const task = (name: string) =>
    inOrder(async () => {
      events.push(`start ${name}`);
      await Promise.resolve();
      events.push(`end ${name}`);
      if (name === 'b') throw new Error('b fails');
      return name;
    });

  const results = await Promise.allSettled(['a', 'b', 'c'].map(task));

  expect(events).toEqual(['start a', 'end a', 'start b', 'end b', 'start c', 'end c']);
  expect(results.map((result) => ('value' in result ? result.value : String(result.reason)))).toEqual([
    'a',
    'Error: b fails',
    'c',
  ]);
});
