import { expect, test } from 'vitest';
import type { SliceOptions } from '../../../src/model/slices.ts';
import {
  controlled,
  ledger,
  names,
  news,
  setUpControlSeries,
  target,
  targetKey,
  total,
  withStreams,
} from '../../support/control-series.ts';
import { renderTables } from '../../support/exposition.ts';
import { settle } from '../../support/manual-clock.ts';
import { noon } from '../../support/samples.ts';

test('sets and removes the streams of a domain in slices, each with all its series', async () => {
  const slice = createSliceGate();
  const { series, lines } = setUpControlSeries(slice.options);
  const streams = Array.from({ length: 100 }, (_, i) => controlled({ stream: `s${i}` }));
  const namesOf = async (family: string) =>
    (await lines(family)).map((line) => /stream="(\w+)"/.exec(line)?.[1]);
  const counts: number[] = [];
  const finish = async () => {
    for (let isDone = false; !isDone; isDone = !(await slice.next())) {
      const shown = await namesOf(names.forbidden);
      expect(await namesOf(names.actions)).toEqual(shown);
      expect(await namesOf(names.lastAction)).toEqual(shown);
      counts.push(shown.length);
    }
  };

  series.add(target, withStreams(...streams.map((stream) => ledger(stream, { forbid: total(1) }))));
  await finish();
  expect(counts.length).toBeGreaterThan(4);
  expect(counts.at(-1)).toBe(100);

  series.remove(targetKey);
  series.add(target, withStreams(ledger(news, { forbid: total(1) })));
  await finish();
  expect(counts).toContain(1);
  expect(await namesOf(names.forbidden)).toEqual(['news']);
});

test('stops adding the streams of a domain that is removed meanwhile', async () => {
  const slice = createSliceGate();
  const { series, lines } = setUpControlSeries(slice.options);
  const streams = Array.from({ length: 100 }, (_, i) =>
    ledger(controlled({ stream: `s${i}` }), { forbid: total(1) }),
  );
  series.add(target, withStreams(...streams));
  const before = (await lines(names.forbidden)).length;

  series.remove(targetKey);
  while (await slice.next()) expect((await lines(names.forbidden)).length).toBeLessThanOrEqual(before);

  expect(await renderTables(series.tables)).toBe('');
});

test('returns to the ledgers that it showed before, if they are current again during an update', async () => {
  const slice = createSliceGate();
  const { series, lines } = setUpControlSeries(slice.options);
  const recordOf = (count: number) =>
    withStreams(
      ...Array.from({ length: 100 }, (_, i) =>
        ledger(controlled({ stream: `s${i}` }), { forbid: total(count, { lastAt: noon + count * 1000 }) }),
      ),
    );
  const before = recordOf(1);
  series.add(target, before);
  while (await slice.next());
  const shown = await lines(names.lastAction);

  series.setView(targetKey, recordOf(2));
  expect(await lines(names.lastAction)).not.toEqual(shown);
  series.setView(targetKey, before);
  while (await slice.next());

  expect(await lines(names.lastAction)).toEqual(shown);
});

/** Slices of 16 steps. Each yield waits until `next` is called. */
function createSliceGate() {
  let now = 0;
  let resume: (() => void) | undefined;
  const options: SliceOptions = {
    sliceMs: 1,
    elapsed: () => now++,
    yieldNow() {
      const { promise, resolve } = Promise.withResolvers<void>();
      resume = resolve;
      return promise;
    },
  };
  return {
    options,
    /** Does the next slice. Resolves with false if there is none. */
    async next(): Promise<boolean> {
      const wake = resume;
      resume = undefined;
      wake?.();
      await settle();
      return wake !== undefined;
    },
  };
}
