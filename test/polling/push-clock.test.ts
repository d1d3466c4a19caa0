import { expect, test } from 'vitest';
import { createPushParts } from '../support/push-run.ts';
import { noon, samplesBetween } from '../support/samples.ts';

test('peeks and counts nothing while the clock is behind the floor', async () => {
  const { run, source, totals, views } = createPushParts(samplesBetween(noon - 86_460_000, noon));
  await run(noon);
  const { samples } = totals();

  const result = await run(noon - 86_400_000);

  expect(source.windows.at(-1)).toEqual({ from: noon - 86_440_000, to: noon - 86_400_000 });
  expect(totals().samples).toBe(samples);
  expect(views.at(-1)).toMatchObject({ watermark: noon });
  expect(result).toEqual({ isBehind: false });
});

test('pauses while the clock is behind the watermark, and peeks for the gauges', async () => {
  const { run, record, pausedUntil, source } = createPushParts(samplesBetween(noon - 60_000, noon));
  await run(noon);
  const before = record();
  source.windows.length = 0;

  await run(noon - 100_000);

  expect(record()).toEqual(before);
  // Polls continue when the clock passes one lookback before the watermark.
  expect(pausedUntil).toEqual([noon - 70_000]);
  expect(source.windows).toEqual([{ from: noon - 140_000, to: noon - 100_000 }]);
});

test('restarts a record that was never polled after a clock setback, and only then', async () => {
  const { run, record, totals, pausedUntil } = createPushParts(samplesBetween(noon - 600_000, noon));
  const earlier = noon - 300_000;

  await run(earlier);
  expect(record().target).toEqual({ watermark: earlier - 70_000, floor: earlier - 70_000, seen: [] });
  await run(earlier);
  expect(totals().samples).toBe(15);
  expect(pausedUntil).toEqual([]);

  await run(earlier - 100_000);
  expect(totals().samples).toBe(15);
  expect(pausedUntil).toEqual([earlier - 70_000]);
});

test('resumes again after a clock setback and counts the gap with the first answer', async () => {
  const { run, record, totals, counted, pausedUntil, resume, source } = createPushParts(
    samplesBetween(noon - 60_000, noon + 600_000),
  );
  await run(noon);
  resume(noon, noon + 4_200_000);
  const now = noon + 600_000;

  await run(now);
  expect(record().target.watermark).toBe(noon);
  expect(totals().gapMs).toBe(0);
  source.windows.length = 0;
  await run(now);
  expect(source.windows).toEqual([{ from: now - 70_000, to: now }]);
  expect(totals()).toMatchObject({ samples: 13 + 14, gapMs: 600_000 - 70_000 });
  expect(record().target.backFrom).toBeUndefined();
  // The provider retains this time, so the answer reports no gap.
  expect(counted.at(-1)?.gap).toBeUndefined();
  expect(pausedUntil).toEqual([]);

  // Polled with the wrong clock, the target waits until the clock passes its floor.
  await run(now + 3_600_000);
  resume(now + 3_600_000, now + 7_200_000);
  await run(now - 120_000);
  await run(now - 120_000);
  // The floor is one lookback before the newest sample, because the time after it was requested only once so
  // far.
  expect(pausedUntil).toEqual([now - 65_000]);
});

test('peeks during a catch-up although the clock was set back since the last peek', async () => {
  const { run, source } = createPushParts(samplesBetween(noon - 86_460_000, noon));
  await run(noon - 86_400_000);
  await run(noon);
  const earlier = noon - 3_600_000;

  await run(earlier);

  expect(source.windows.at(-1)).toEqual({ from: earlier - 40_000, to: earlier });
});
