import { expect, test } from 'vitest';
import { createWorkQueue } from '../../src/model/work-queue.ts';

/** A queue whose steps take 1 ms each, in slices of 20 ms. Each yield waits until `resume` is called. */
function setUp() {
  let now = 0;
  let resumed = Promise.withResolvers<void>();
  const done: string[] = [];
  const errors: unknown[] = [];
  const queue = createWorkQueue({
    sliceMs: 20,
    elapsed: () => now,
    yieldNow: () => resumed.promise,
    onError: (error) => errors.push(error),
  });
  return {
    queue,
    done,
    errors,
    *broken() {
      now++;
      yield;
      throw new Error('a bug');
    },
    *work(name: string, steps: number) {
      for (let step = 1; step <= steps; step++) {
        now++;
        done.push(`${name}${step}`);
        yield;
      }
    },
    async resume() {
      const { resolve } = resumed;
      resumed = Promise.withResolvers();
      resolve();
      await new Promise(setImmediate);
    },
  };
}

test('does little work at once', () => {
  const { queue, done, work } = setUp();

  queue.add(work('a', 2));
  queue.add(work('b', 1));

  expect(done).toEqual(['a1', 'a2', 'b1']);
});

test('does much work in order and in slices', async () => {
  const { queue, done, work, resume } = setUp();
  const counts: number[] = [];
  queue.add(work('a', 50));
  queue.add(work('b', 50));

  for (let slice = 0; slice < 5; slice++) {
    counts.push(done.length);
    await resume();
  }

  // The clock is read after 16 steps, one of which ends the first work.
  expect(counts).toEqual([32, 63, 95, 100, 100]);
  expect(done.indexOf('b1')).toBe(50);
});

test('shares a slice between all calls in one iteration of the event loop', async () => {
  const { queue, done, work, resume } = setUp();

  for (let i = 0; i < 100; i++) queue.add(work('a', 1));
  expect(done.length).toBeLessThan(40);

  await resume();
  await resume();
  await resume();
  await resume();
  await resume();
  expect(done).toHaveLength(100);
});

test('resolves idle when all work is done', async () => {
  const { queue, done, work, resume } = setUp();
  queue.add(work('a', 50));
  let isIdle = false;
  const idle = queue.idle().then(() => {
    isIdle = true;
  });

  expect(isIdle).toBe(false);
  await resume();
  await resume();
  await idle;
  expect(done).toHaveLength(50);
});

test('drops work that fails, reports its error, and does the rest', async () => {
  const { queue, done, errors, work, broken, resume } = setUp();
  queue.add(work('a', 50));
  queue.add(broken());
  queue.add(work('b', 3));

  for (let slice = 0; slice < 4; slice++) await resume();

  expect(errors).toEqual([new Error('a bug')]);
  expect(done).toHaveLength(53);
});

test('throws the error of work that is done at once, and does later work', async () => {
  const { queue, done, errors, work, broken } = setUp();

  expect(() => queue.add(broken())).toThrow('a bug');
  queue.add(work('b', 3));

  expect(done).toHaveLength(3);
  expect(errors).toEqual([]);
});
