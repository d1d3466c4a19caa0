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
      return true;
    },
    onFailed: (error) => errors.push(error),
    onSlow: (error) => expect.unreachable(String(error)),
    onResponded: (error) => expect.unreachable(String(error)),
    clock: { elapsed: () => 0 },
  });

  for (const now of [noon, noon + 1000]) {
    saving.start(now);
    await saving.ended();
  }

  expect(errors).toEqual([new Error('a bug')]);
  expect(saved).toEqual([noon, noon + 1000]);
});

test.each([true, false])(
  'reports that the disk responds after a slow save, unless it fails: %s',
  async (isSaved) => {
    const events: string[] = [];
    const disk = Promise.withResolvers<boolean>();
    let elapsed = 0;
    const saving = createSaving({
      save: () => disk.promise,
      onFailed: (error) => expect.unreachable(String(error)),
      onSlow: ({ message }) => events.push(`slow: ${message}`),
      onResponded: ({ message }) => events.push(`responded: ${message}`),
      clock: { elapsed: () => elapsed },
    });

    for (; elapsed <= 10_000; elapsed += 5000) saving.start(noon + elapsed);
    disk.resolve(isSaved);
    await saving.ended();

    const why = 'the disk has not responded for more than 10 s';
    expect(events).toEqual([`slow: ${why}`, ...(isSaved ? [`responded: ${why}`] : [])]);
  },
);
