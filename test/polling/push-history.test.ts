import { expect, test } from 'vitest';
import { ProviderError } from '../../src/model/answer.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import { pushLeftZero, startOrResumePush } from '../../src/model/saved-record.ts';
import type { CountedAnswer, RunContext } from '../../src/polling/history.ts';
import {
  createPushRun,
  isDueNow,
  type PushPollTarget,
  toPushPollTarget,
} from '../../src/polling/push-history.ts';
import { fakeSource } from '../support/push-source.ts';
import { createDisklessCache } from '../support/record-cache.ts';
import { alwaysLive, noon, pushSample, pushTarget, samplesBetween } from '../support/samples.ts';

type PushContext = RunContext<PushPollTarget, PushSample>;

const target = pushTarget();
const signal = new AbortController().signal;

test('caught up, one history answer counts and shows', async () => {
  const { run, source, totals, views, counted } = createParts(samplesBetween(noon - 600_000, noon));

  const end = await run(noon);

  expect(source.windows).toEqual([{ from: noon - 70_000, to: noon }]);
  expect(end).toEqual({ isBehind: false });
  expect(totals().samples).toBe(14);
  expect(views).toEqual([
    {
      live: { followed: pushSample({ measuredAt: noon - 5000 }), others: [] },
      watermark: noon,
      answeredAt: noon,
      expiresAt: noon + 30_000,
    },
  ]);
  expect(counted[0]).toMatchObject({ malformed: 0, warnings: [], gap: undefined });
});

test('an empty answer is an answer: nobody pushes, and the watermark moves', async () => {
  const { run, views } = createParts([]);

  await run(noon);
  await run(noon + 5000);

  expect(views.at(-1)).toMatchObject({ live: undefined, watermark: noon + 5000 });
});

test('a failure leaves the record as it was and shows nothing', async () => {
  const { run, source, record, views } = createParts(samplesBetween(noon - 60_000, noon));
  const before = record();
  source.failures.push(new ProviderError('throttled', 'ListPushes: too often'));

  await expect(run(noon)).rejects.toThrow('too often');

  expect(record()).toEqual(before);
  expect(views).toEqual([]);
});

test('what an outage hid is asked for oldest first, with a peek for the gauges, and is all counted', async () => {
  const { run, source, totals, views } = createParts(samplesBetween(noon - 600_000, noon));
  await run(noon);
  source.samples.push(...samplesBetween(noon, noon + 5 * 3_600_000));
  const now = noon + 5 * 3_600_000;
  source.windows.length = 0;

  const ends = [await run(now), await run(now), await run(now)];

  expect(source.windows).toEqual([
    { from: noon - 70_000, to: noon - 70_000 + 7_200_000 },
    { from: now - 40_000, to: now },
    { from: noon - 140_000 + 7_200_000, to: noon - 140_000 + 14_400_000 },
    { from: now - 40_000, to: now },
    { from: noon - 210_000 + 14_400_000, to: now },
  ]);
  expect(ends).toEqual([{ isBehind: true }, { isBehind: true }, { isBehind: false }]);
  expect(totals().samples).toBe(14 + 5 * 720);
  expect(totals().backfilledMs).toBe((14 - 8 + 5 * 720 - 8) * 5000);
  expect(views.map(({ live }) => live?.followed.measuredAt)).toEqual([
    noon - 5000,
    now - 5000,
    now - 5000,
    now - 5000,
  ]);
});

test('what can no longer be asked about is a gap, and is told', async () => {
  const { run, totals, counted } = createParts([]);
  await run(noon);
  const now = noon + 4 * 86_400_000;

  await run(now);

  expect(counted.at(-1)?.gap).toEqual({ from: noon, to: now - 3 * 86_400_000 + 60_000 });
  expect(totals().gapMs).toBe(86_400_000 + 60_000);
});

test('a gap is not counted by a call that fails', async () => {
  const { run, source, totals } = createParts([]);
  await run(noon);
  source.failures.push(new ProviderError('unavailable', 'ListPushes: no answer'));

  await expect(run(noon + 4 * 86_400_000)).rejects.toThrow();

  expect(totals().gapMs).toBe(0);
});

test('with the clock set back behind all that can be counted, a peek shows and nothing counts', async () => {
  const { run, source, totals, views } = createParts(samplesBetween(noon - 86_460_000, noon));
  await run(noon);
  const { samples } = totals();

  const end = await run(noon - 86_400_000);

  expect(source.windows.at(-1)).toEqual({ from: noon - 86_440_000, to: noon - 86_400_000 });
  expect(totals().samples).toBe(samples);
  expect(views.at(-1)).toMatchObject({ watermark: noon });
  expect(end).toEqual({ isBehind: false });
});

test('counters that left 0 while a call was under way do not go back', async () => {
  const { run, source, record, leaveZero } = createParts(samplesBetween(noon - 60_000, noon));
  const ask = source.listPushSamples;
  source.listPushSamples = (...args) => {
    leaveZero();
    return ask(...args);
  };

  await run(noon);

  expect(record().push.leftZero).toBe(true);
  expect(record().push.totals.samples).toBe(12);
});

test('a stream comes first while its schedule has it live', () => {
  const slots = [{ days: [0], fromMinute: 9 * 60, toMinute: 18 * 60, timeZone: 'UTC' }];
  const firstAt = (live: typeof alwaysLive.live, at: number) =>
    isDueNow(toPushPollTarget(pushTarget({ expectation: { ...alwaysLive, live } })), at);

  // Noon is on a Sunday.
  expect([noon, noon + 7 * 3_600_000].map((at) => firstAt(slots, at))).toEqual([true, false]);
  expect([true, false, undefined].map((live) => firstAt(live, noon))).toEqual([true, false, false]);
});

test('an answer made old by throttling says something for five minutes, not for hours', async () => {
  const { run, views } = createParts([], { effectiveIntervalMs: () => 2_000_000 });

  await run(noon);

  expect(views[0]?.expiresAt).toBe(noon + 300_000);
});

test('a clock set back behind what was asked is told, asks nothing, and the peek shows what is', async () => {
  const { run, record, waiting, source } = createParts(samplesBetween(noon - 60_000, noon));
  await run(noon);
  const before = record();
  source.windows.length = 0;

  await run(noon - 100_000);

  expect(record()).toEqual(before);
  // From one lookback before the watermark on there is something to ask again.
  expect(waiting).toEqual([noon - 70_000]);
  expect(source.windows).toEqual([{ from: noon - 140_000, to: noon - 100_000 }]);
});

test('begun by a clock that was ahead, and never asked, it begins anew, and only then', async () => {
  const { run, record, totals, waiting } = createParts(samplesBetween(noon - 600_000, noon));
  const earlier = noon - 300_000;

  await run(earlier);
  expect(record().target).toEqual({ watermark: earlier - 70_000, floor: earlier - 70_000, seen: [] });
  await run(earlier);
  expect(totals().samples).toBe(15);
  expect(waiting).toEqual([]);

  await run(earlier - 100_000);
  expect(totals().samples).toBe(15);
  expect(waiting).toEqual([earlier - 70_000]);
});

test('back by a clock that was ahead, it comes back anew, and what it is away for is counted with an answer', async () => {
  const { run, record, totals, counted, waiting, comeBack, source } = createParts(
    samplesBetween(noon - 60_000, noon + 600_000),
  );
  await run(noon);
  comeBack(noon, noon + 4_200_000);
  const now = noon + 600_000;

  await run(now);
  expect(record().target.watermark).toBe(noon);
  expect(totals().gapMs).toBe(0);
  source.windows.length = 0;
  await run(now);
  expect(source.windows).toEqual([{ from: now - 70_000, to: now }]);
  expect(totals()).toMatchObject({ samples: 13 + 14, gapMs: 600_000 - 70_000 });
  expect(record().target.backFrom).toBeUndefined();
  // No fault of the provider's.
  expect(counted.at(-1)?.gap).toBeUndefined();
  expect(waiting).toEqual([]);

  // By that clock it was asked too far as well: that has to be waited for.
  await run(now + 3_600_000);
  comeBack(now + 3_600_000, now + 7_200_000);
  await run(now + 60_000);
  await run(now + 60_000);
  expect(waiting).toEqual([now + 3_600_000 - 70_000]);
});

function createParts(
  samples: Parameters<typeof fakeSource>[0],
  intervals: Partial<Pick<PushContext, 'effectiveIntervalMs' | 'configuredIntervalMs'>> = {},
) {
  const source = fakeSource(samples);
  const cache = createDisklessCache();
  const record = startOrResumePush(undefined, target, noon);
  cache.put(record);
  const views: PushView[] = [];
  const counted: CountedAnswer<PushSample>[] = [];
  const waiting: number[] = [];
  const pushRun = createPushRun({
    source: () => source,
    cache,
    viewOf: () => views.at(-1),
    onView: (_, view) => views.push(view),
  });
  const context: PushContext = {
    counted: (_, answer) => counted.push(answer),
    paused: (_, until) => waiting.push(until),
    effectiveIntervalMs: () => 5000,
    configuredIntervalMs: () => 5000,
    ...intervals,
  };
  const held = () => {
    const now = cache.record(record.targetKey);
    if (now?.question !== 'push_stats') throw new Error('the record is gone');
    return now;
  };
  return {
    source,
    views,
    counted,
    waiting,
    run: (now: number) => pushRun(toPushPollTarget(target), now, signal, context),
    record: held,
    totals: () => held().push.totals,
    comeBack: (frozenAt: number, now: number) =>
      cache.put(startOrResumePush({ ...held(), frozenAt }, target, now)),
    leaveZero: () => cache.put(pushLeftZero(held())),
  };
}
