import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNewestTwo } from '../../src/model/newest-two.ts';

test('compares each stream with the newest of all others, also after removals', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    isRemoval: fc.boolean(),
    olderMs: fc.integer({ min: -3, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const times = new Map<string, number>();
      const newest = createNewestTwo(() => times);
      for (const { key, isRemoval, olderMs } of steps) {
        if (isRemoval) {
          times.delete(key);
          newest.remove(key);
        } else {
          times.set(key, Math.max(times.get(key) ?? 0, 10 - olderMs));
          newest.add(key, times.get(key) ?? 0);
        }
        if (olderMs % 2 === 0) continue;
        for (const asked of ['a', 'b', 'c', 'd']) {
          const others = [...times].filter(([other]) => other !== asked).map(([, at]) => at);
          const expected = others.length === 0 ? undefined : Math.max(...others);
          expect(newest.besides(asked)).toBe(expected);
        }
      }
    }),
  );
});

test('looks at all streams once after many removals', () => {
  const times = new Map(Array.from({ length: 1_000 }, (_, i) => [`stream ${i}`, 5] as const));
  let reads = 0;
  const newest = createNewestTwo(() => {
    reads++;
    return times;
  });
  for (const [key, at] of times) newest.add(key, at);

  for (const key of [...times.keys()].slice(0, 900)) {
    times.delete(key);
    newest.remove(key);
  }

  expect(newest.besides('stream 999')).toBe(5);
  expect(reads).toBe(1);
});
