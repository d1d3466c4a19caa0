import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDelivery } from '../../src/posting/delivery.ts';

test('posts a changed alert at once, and again after the resend interval', () => {
  const delivery = createDelivery(60_000);
  expect(delivery.waitMs(0)).toBe(Number.POSITIVE_INFINITY);
  delivery.changed('a');
  expect(delivery.waitMs(0)).toBe(0);

  expect(delivery.take(0, 10)).toEqual(['a']);
  delivery.delivered(['a'], 0);

  expect(delivery.waitMs(1000)).toBe(59_000);
  expect(delivery.take(59_999, 10)).toEqual([]);
  expect(delivery.take(60_000, 10)).toEqual(['a']);
});

test('posts an alert again that changed during the request', () => {
  const delivery = createDelivery(60_000);
  delivery.changed('a');
  delivery.take(0, 10);
  delivery.changed('a');

  delivery.delivered(['a'], 0);

  expect(delivery.take(60_000, 10)).toEqual(['a']);
});

test('posts alerts again that were not received, and forgets those that are gone', () => {
  const delivery = createDelivery(60_000);
  for (const id of ['a', 'b', 'c']) delivery.changed(id);
  const taken = delivery.take(0, 10);
  delivery.forget('b');

  delivery.failed(taken);

  expect(delivery.take(0, 10)).toEqual(['a', 'c']);
  delivery.forget('a');
  delivery.delivered(['a', 'c'], 0);
  expect(delivery.take(60_000, 10)).toEqual(['c']);
});

test('takes changed alerts before those that are only due again', () => {
  const delivery = createDelivery(60_000);
  delivery.changed('old');
  delivery.delivered(delivery.take(0, 10), 0);
  delivery.changed('new');

  expect(delivery.take(60_000, 1)).toEqual(['new']);
  expect(delivery.take(60_000, 1)).toEqual(['old']);
});

const step = fc.record({
  waitMs: fc.nat(50_000),
  changed: fc.array(fc.constantFrom('a', 'b', 'c', 'd')),
  forgotten: fc.array(fc.constantFrom('a', 'b'), { maxLength: 1 }),
  outcome: fc.constantFrom('received', 'failed'),
  changedMeanwhile: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 1 }),
  max: fc.integer({ min: 1, max: 3 }),
});

test('never holds an alert twice, loses no change, and repeats each alert in time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const delivery = createDelivery(60_000);
      /** Versions of each alert: the current one, and the one that was received. */
      const current = new Map<string, number>();
      const received = new Map<string, number>();
      let version = 0;
      let now = 0;
      const change = (id: string) => {
        current.set(id, ++version);
        delivery.changed(id);
      };
      const post = (max: number, isReceived: boolean, meanwhile: readonly string[]) => {
        const ids = delivery.take(now, max);
        expect(new Set(ids).size).toBe(ids.length);
        const posted = ids.map((id) => [id, current.get(id) ?? 0] as const);
        for (const id of meanwhile) change(id);
        if (isReceived) {
          for (const [id, at] of posted) received.set(id, at);
          delivery.delivered(ids, now);
        } else delivery.failed(ids);
      };
      for (const { waitMs, changed, forgotten, outcome, changedMeanwhile, max } of steps) {
        now += waitMs;
        for (const id of changed) change(id);
        for (const id of forgotten) {
          current.delete(id);
          delivery.forget(id);
        }
        post(max, outcome === 'received', changedMeanwhile);
      }
      while (delivery.waitMs(now) === 0) post(2, true, []);

      for (const [id, at] of current) expect(received.get(id)).toBe(at);
      expect([...delivery.take(now + 60_000, 10)].sort()).toEqual([...current.keys()].sort());
    }),
    { numRuns: 500 },
  );
});
