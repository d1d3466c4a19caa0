import { expect, test } from 'vitest';
import { createSaving } from '../../src/app/saving.ts';
import { noon } from '../support/samples.ts';

test('reports a save that rejects, and saves again', async () => {
  const errors: unknown[] = [];
  const saved: number[] = [];
  const saving = createSaving({
    async save(now) {
      saved.push(now);
      if (saved.length === 1) throw new Error('a bug');
    },
    onFailed: (error) => errors.push(error),
    onSlow: (error) => expect.unreachable(String(error)),
    clock: { elapsed: () => 0 },
  });

  for (const now of [noon, noon + 1000]) {
    saving.start(now);
    await saving.ended();
  }

  expect(errors).toEqual([new Error('a bug')]);
  expect(saved).toEqual([noon, noon + 1000]);
});
