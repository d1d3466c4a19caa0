import { expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import { missingBefore } from '../../src/model/state-begin.ts';
import { isDueNow, toPushPollTarget } from '../../src/polling/push-history.ts';
import { createPushParts } from '../support/push-run.ts';
import { fakeSource } from '../support/push-source.ts';
import { alwaysLive, noon, pushSample, pushTarget, samplesBetween } from '../support/samples.ts';

test('counts an answer and updates the gauges from it when caught up', async () => {
  const { run, source, totals, views, counted } = createPushParts(samplesBetween(noon - 600_000, noon));

  const result = await run(noon);

  expect(source.windows).toEqual([{ from: noon - 70_000, to: noon }]);
  expect(result).toEqual({ isBehind: false });
  expect(totals().samples).toBe(14);
  expect(views).toEqual([
    {
      live: { followed: pushSample({ measuredAt: noon - 5000 }), others: [] },
      isUnknown: false,
      watermark: noon,
      answeredAt: noon,
      expiresAt: noon + 30_000,
      since: noon - 5000,
      isSinceFirst: true,
    },
  ]);
  expect(counted[0]).toMatchObject({ malformed: 0, warnings: [], gap: undefined });
});

test('a state begins at its first sample, also if an answer contains many new ones', async () => {
  const { run, source, views } = createPushParts(samplesBetween(noon - 60_000, noon + 20_000), {
    effectiveIntervalMs: () => 60_000,
  });
  source.samples.push(
    ...samplesBetween(noon + 20_000, noon + 70_000, { framesPerSecond: 12 }),
    ...samplesBetween(noon + 70_000, noon + 120_000),
  );

  for (const at of [noon, noon + 60_000, noon + 120_000]) await run(at);

  expect(views.slice(1).map(({ since }) => since - noon)).toEqual([20_000, 70_000]);
});

test('a stream that comes back degraded is missing until its first sample', async () => {
  const { run, source, views } = createPushParts(samplesBetween(noon - 60_000, noon), {
    effectiveIntervalMs: () => 60_000,
  });
  source.samples.push(
    ...samplesBetween(noon + 305_000, noon + 335_000, { framesPerSecond: 12 }),
    ...samplesBetween(noon + 335_000, noon + 360_000),
  );

  for (let at = noon; at <= noon + 360_000; at += 60_000) await run(at);

  const [silent, back] = views.slice(-2);
  expect(back).toMatchObject({ since: noon + 335_000, pushedFrom: noon + 300_000 });
  expect(back && missingBefore(silent, back, alwaysLive)).toEqual([
    { from: noon - 5_000, to: noon + 300_000, ms: 305_000 },
  ]);
});

test('moves the watermark and reports no push for an empty answer', async () => {
  const { run, views } = createPushParts([]);

  await run(noon);
  await run(noon + 5000);

  expect(views.at(-1)).toMatchObject({ live: undefined, watermark: noon + 5000 });
});

test.each([
  ['of unknown time', { malformed: 1 }, true],
  ['that are fresh', { malformed: 1, malformedUpTo: noon - 40_000 }, true],
  ['that are stale', { malformed: 2, malformedUpTo: noon - 40_001 }, false],
])('reports an unknown state instead of no push for unreadable rows %s', async (_, unreadable, isUnknown) => {
  const { run, source, views } = createPushParts(samplesBetween(noon - 70_000, noon - 45_000));
  // Since this answer, the delay of the provider is known.
  await run(noon - 45_000);
  const list = source.listPushSamples;
  source.listPushSamples = async (...args) => ({ ...(await list(...args)), ...unreadable });

  await run(noon);

  expect(views.at(-1)).toMatchObject({ live: undefined, isUnknown, watermark: noon });
});

test('shows a fresh sample despite unreadable rows', async () => {
  const { run, source, views } = createPushParts(samplesBetween(noon - 70_000, noon));
  const list = source.listPushSamples;
  source.listPushSamples = async (...args) => ({ ...(await list(...args)), malformed: 1 });

  await run(noon);

  expect(views.at(-1)).toMatchObject({ isUnknown: false, live: { followed: { measuredAt: noon - 5000 } } });
});

test('reports an unknown state for unreadable rows in a peek', async () => {
  const { run, source, views } = createPushParts([]);
  await run(noon);
  const list = source.listPushSamples;
  source.listPushSamples = async (...args) => {
    const [, { to }] = args;
    return { ...(await list(...args)), malformed: to === noon + 5 * 3_600_000 ? 1 : 0 };
  };

  await run(noon + 5 * 3_600_000);

  expect(views.at(-1)).toMatchObject({ live: undefined, isUnknown: true });
});

test('keeps the record and sets no view after a failure', async () => {
  const { run, source, record, views } = createPushParts(samplesBetween(noon - 60_000, noon));
  const before = record();
  source.failures.push(new ProviderError('throttled', 'ListPushes: too often'));

  await expect(run(noon)).rejects.toThrow('too often');

  expect(record()).toEqual(before);
  expect(views).toEqual([]);
});

test('requests an outage oldest first, peeks for the gauges, and counts every sample', async () => {
  const { run, source, totals, views } = createPushParts(samplesBetween(noon - 600_000, noon));
  await run(noon);
  source.samples.push(...samplesBetween(noon, noon + 5 * 3_600_000));
  const now = noon + 5 * 3_600_000;
  source.windows.length = 0;

  const results = [await run(now), await run(now), await run(now)];

  expect(source.windows).toEqual([
    { from: noon - 70_000, to: noon - 70_000 + 7_200_000 },
    { from: now - 40_000, to: now },
    // The gauges are not stale yet, so there is no second peek.
    { from: noon - 140_000 + 7_200_000, to: noon - 140_000 + 14_400_000 },
    { from: noon - 210_000 + 14_400_000, to: now },
  ]);
  expect(results).toEqual([{ isBehind: true }, { isBehind: true }, { isBehind: false }]);
  expect(totals().samples).toBe(14 + 5 * 720);
  expect(totals().backfilledMs).toBe((14 - 8 + 5 * 720 - 8) * 5000);
  expect(views.map(({ live }) => live?.followed.measuredAt)).toEqual([noon - 5000, now - 5000, now - 5000]);
});

test('sends no peeks while a list feeds the gauges', async () => {
  const { run, source, views } = createPushParts(samplesBetween(noon - 600_000, noon), {}, () => true);
  await run(noon);
  const now = noon + 5 * 3_600_000;
  source.windows.length = 0;

  await run(now);
  await run(now);

  expect(source.windows).toEqual([
    { from: noon - 70_000, to: noon - 70_000 + 7_200_000 },
    { from: noon - 140_000 + 7_200_000, to: noon - 140_000 + 14_400_000 },
  ]);
  expect(views).toHaveLength(1);
});

test('counts and reports time that can no longer be requested as a gap', async () => {
  const { run, totals, counted } = createPushParts([]);
  await run(noon);
  const now = noon + 4 * 86_400_000;

  await run(now);

  expect(counted.at(-1)?.gap).toEqual({ from: noon, to: now - 3 * 86_400_000 + 60_000 });
  expect(totals().gapMs).toBe(86_400_000 + 60_000);
});

test('does not count a gap if the request fails', async () => {
  const { run, source, totals } = createPushParts([]);
  await run(noon);
  source.failures.push(new ProviderError('unavailable', 'ListPushes: no answer'));

  await expect(run(noon + 4 * 86_400_000)).rejects.toThrow();

  expect(totals().gapMs).toBe(0);
});

test('counts samples of other streams and keeps them out of the view', async () => {
  const other = pushSample({ measuredAt: noon - 1000, stream: 'sport' });
  const { run, record, totals, views } = createPushParts([pushSample({ measuredAt: noon - 5000 }), other]);

  await run(noon);

  expect(totals().samples).toBe(1);
  expect(record().streams?.get('sport')?.totals.samples).toBe(1);
  expect(views[0]?.live).toEqual({ followed: pushSample({ measuredAt: noon - 5000 }), others: [] });
});

test('keeps counters released that leave 0 during the request', async () => {
  const { run, source, record, release } = createPushParts(samplesBetween(noon - 60_000, noon));
  const list = source.listPushSamples;
  source.listPushSamples = (...args) => {
    release();
    return list(...args);
  };

  await run(noon);

  expect(record().push.leftZero).toBe(true);
  expect(record().push.totals.samples).toBe(12);
});

test('is due while the schedule expects the stream live', () => {
  const slots = [{ days: [0], fromMinute: 9 * 60, toMinute: 18 * 60, timeZone: 'UTC' }];
  const dueAt = (live: typeof alwaysLive.live, at: number) =>
    isDueNow(toPushPollTarget(pushTarget({ expectation: { ...alwaysLive, live } })), at);

  // Noon is on a Sunday.
  expect([noon, noon + 7 * 3_600_000].map((at) => dueAt(slots, at))).toEqual([true, false]);
  expect([true, false, undefined].map((live) => dueAt(live, noon))).toEqual([true, false, false]);
});

test('expires a view after five minutes under heavy throttling', async () => {
  const { run, views } = createPushParts([], { effectiveIntervalMs: () => 2_000_000 });

  await run(noon - 5000);
  await run(noon);

  // The first answer without a sample leaves open whether the stream is live.
  expect(views.map(({ isUnknown }) => isUnknown)).toEqual([true, false]);
  expect(views.at(-1)?.expiresAt).toBe(noon + 300_000);
});

test('discards an answer if a reload replaces the operation during the request, and requests its range again', async () => {
  const { run, source, record, totals, views, replace } = createPushParts(
    samplesBetween(noon - 600_000, noon),
  );
  const other = { ...fakeSource(samplesBetween(noon - 600_000, noon + 5000)), operation: 'ListOthers' };
  const list = source.listPushSamples;
  source.listPushSamples = (...args) => {
    replace(other);
    return list(...args);
  };
  const before = record();

  await run(noon);
  expect(record()).toEqual(before);
  expect(views).toHaveLength(1);
  await run(noon + 5000);

  expect(totals().samples).toBe(15);
  expect(record().route?.operation).toBe('ListOthers');
});
