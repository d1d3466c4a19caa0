import { expect, test } from 'vitest';
import { shareRuns } from '../../src/model/shared-runs.ts';
import { settle } from '../support/manual-clock.ts';

test('serves all calls before a run with it, and all calls during it with the next one', async () => {
  const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let started = 0;
  const call = shareRuns(() => gates[started++]?.promise ?? Promise.reject(new Error('a third run')));

  const before = Array.from({ length: 25 }, call);
  await settle();
  const during = Array.from({ length: 25 }, call);
  await settle();
  const startedDuringFirst = started;
  gates[0]?.resolve('first');
  gates[1]?.resolve('second');
  const results = await Promise.all([...before, ...during]);

  expect([startedDuringFirst, started]).toEqual([1, 2]);
  expect(new Set(results.slice(0, 25))).toEqual(new Set(['first']));
  expect(new Set(results.slice(25))).toEqual(new Set(['second']));
});

test('passes a failure to the callers of its run only', async () => {
  let runs = 0;
  const call = shareRuns(async () => {
    if (++runs === 1) throw new Error('the first run fails');
    return runs;
  });

  const failed = [call(), call()];
  await expect(Promise.all(failed)).rejects.toThrow('the first run fails');

  expect(await call()).toBe(2);
});
