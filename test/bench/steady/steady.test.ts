import { expect, test } from 'vitest';
import { grown, type Measured, runSteady } from './steady.ts';

test('keeps the records of current streams and of streams removed within the retention', {
  timeout: 60_000,
}, async () => {
  const measured = await runSteady({
    hours: 24,
    streams: 20,
    everyHours: 12,
    collectGarbage: () => {},
    onMeasured: () => {},
  });

  // 20 current streams, and 2 removed per hour in 10 hours of retention.
  expect(measured.map(({ hour, rows, streamsShown }) => [hour, rows, streamsShown])).toEqual([
    [12, 40, 20],
    [24, 40, 20],
  ]);
});

test('reports quantities that grew by more than a tenth', () => {
  const before: Measured = {
    hour: 24,
    heapMegabytes: 100,
    bufferMegabytes: 10,
    rows: 1000,
    fileMegabytes: 5,
    streamsShown: 20,
  };
  const after = { ...before, hour: 480, heapMegabytes: 110, rows: 1101, fileMegabytes: 4 };

  expect(grown([before, after])).toEqual(['rows grew from 1000 at hour 24 to 1101 at hour 480']);
  expect(grown([])).toEqual(['no measurement']);
});
