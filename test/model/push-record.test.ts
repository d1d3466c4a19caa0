import { expect, test } from 'vitest';
import { countAnswer, countRecheck, newPushRecord, type PushRecord } from '../../src/model/push-record.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { nextStep } from '../../src/model/push-window.ts';
import { pushLeftZero, startOrResumePush } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { noon, pushSample, pushTarget, samplesBetween, streamId } from '../support/samples.ts';

const target = pushTarget();
const limits = { spanMs: 7_200_000, retentionMs: 3 * 86_400_000, periodMs: 5000 };
const stream = streamKey(streamId({ stream: 'sport' }));

test('counts the samples of each stream of an answer in a ledger of its own', () => {
  const { push, streams } = count(newPushRecord(target, noon), noon, [
    ...samplesBetween(noon - 60_000, noon),
    ...samplesBetween(noon - 30_000, noon, { stream }),
  ]);

  expect(push.totals.samples).toBe(12);
  expect([...(streams ?? [])].map(([key, { totals }]) => [key, totals.samples])).toEqual([[stream, 6]]);
});

test('creates no map for a target that reports its own stream only', () => {
  expect(count(newPushRecord(target, noon), noon, samplesBetween(noon - 60_000, noon)).streams).toBe(
    undefined,
  );
});

test('starts a session for another stream that appears after the first answer', () => {
  const first = count(newPushRecord(target, noon), noon, []);
  const second = count(first, noon + 60_000, samplesBetween(noon + 30_000, noon + 60_000, { stream }));

  const settled = count(second, noon + 1_200_000, []);

  expect(settled.streams?.get(stream)?.totals).toMatchObject({ samples: 6, sessions: 1 });
  expect(settled.push.totals).toMatchObject({ samples: 0, sessions: 0 });
});

test('counts missing time of a stream without samples in the answer', () => {
  const record = count(newPushRecord(target, noon), noon, samplesBetween(noon - 70_000, noon, { stream }));

  const settled = count(record, noon + 1_000_000, []);
  const later = count(settled, noon + 1_200_000, []);

  // From the last sample up to sixteen minutes, the expected delay and one period before the watermark.
  expect(later.streams?.get(stream)?.totals.missingMs).toBe(1_200_000 - 970_000);
});

test('confirms empty time only by a request that covers it', () => {
  const minute = 60_000;
  const short = { ...limits, spanMs: 10 * minute };
  // The stream stops at noon. Afterwards, windows are too short to start at the floor.
  let record = count(newPushRecord(target, noon), noon, samplesBetween(noon - minute, noon));
  record = count(record, noon + 5 * minute, []);
  const { floor } = record.target;
  const step = (at: number) => nextStep(record.target, target, short, at);
  const answer = (at: number) => {
    record = countAnswer(record, step(at), target, short, at, []).record;
  };

  for (let at = 7; at <= 19; at += 2) answer(noon + at * minute);
  expect(record.target).toMatchObject({ floor, watermark: noon + 19 * minute });
  expect(record.empty).toBeUndefined();

  // Half of the window that starts at the floor is older than 16 min plus the expected delay of 10 s.
  const due = floor + (5 + 16) * minute + 10_000;
  expect(step(due - 1000).window).toEqual({ from: noon + 11.5 * minute, to: due - 1000 });
  expect(step(due).window).toEqual({ from: floor, to: floor + 10 * minute });
  answer(due);
  expect(record.target).toMatchObject({ floor: floor + 5 * minute, watermark: noon + 19 * minute });
  expect(step(due).window).toEqual({ from: noon + 11.5 * minute, to: due });
});

test('passes empty time that the provider no longer retains', () => {
  const hour = 3_600_000;
  const record = count(newPushRecord(target, noon), noon, samplesBetween(noon - 60_000, noon));
  const held = { ...record, target: { ...record.target, watermark: noon + 12 * hour } };
  const now = noon + 72 * hour;
  const short = { ...limits, spanMs: hour };

  const step = nextStep(held.target, target, short, now);
  const after = countAnswer(held, step, target, short, now, []).record;

  expect(step.window).toEqual({ from: noon + 11.25 * hour, to: noon + 12.25 * hour });
  expect(after.target.floor).toBe(step.window.to - 70_000);
});

test('counts a gap for each stream', () => {
  const record = count(newPushRecord(target, noon), noon, samplesBetween(noon - 30_000, noon, { stream }));
  const gap = { from: noon, to: noon + 3_600_000 };
  const now = gap.to + 60_000;

  const after = countAnswer(
    record,
    { window: { from: gap.to, to: now }, gap },
    target,
    limits,
    now,
    [],
  ).record;

  expect(after.push.totals.gapMs).toBe(3_600_000);
  expect(after.streams?.get(stream)).toMatchObject({
    totals: { samples: 6, gapMs: 3_600_000 },
    judged: { since: gap.to },
  });
});

test('requests time before a gap again instead of counting it as missing, if it was not confirmed', () => {
  // The provider is late. The target is removed at noon, and returns an hour later.
  const samples = samplesBetween(noon - 70_000, noon - 45_000);
  const record = { ...count(newPushRecord(target, noon), noon, samples), frozenAt: noon };
  const now = noon + 3_600_000;
  const returned = startOrResumePush(record, target, now);
  const step = nextStep(returned.target, target, limits, now);
  const fresh = samplesBetween(now - 70_000, now);

  const after = countAnswer(returned, step, target, limits, now, fresh).record;

  expect(after.push.totals).toMatchObject({ samples: 5 + 14, missingMs: 0, gapMs: 3_530_000 });
  expect(after.empty?.ranges).toEqual([{ from: noon - 50_000, to: noon }]);
  const recheck = { window: { from: noon - 50_000, to: noon }, index: 0 };
  const rechecked = countRecheck(after, recheck, target, limits, now, samplesBetween(noon - 70_000, noon));
  expect(rechecked.push.totals).toMatchObject({ samples: 14 + 14, missingMs: 0 });
});

test('makes progress if lookback and delay are as long as a window', () => {
  const late = pushTarget({ lookbackMs: 3_600_000, expectedDelayMs: 3_600_000 });
  const progress = { floor: noon - 7_200_000, watermark: noon };

  expect(nextStep(progress, late, limits, noon + 5000).window.to).toBe(noon + 5000);
});

test('counts each value once if the provider reports it later than the sample, or omits it again', () => {
  const full = { measuredAt: noon - 5000, framesPerSecond: 12, bitsPerSecond: 500_000 };
  const parts = [
    { framesPerSecond: undefined, bitsPerSecond: 500_000 },
    { framesPerSecond: 12, bitsPerSecond: undefined },
    {},
    { framesPerSecond: undefined },
    {},
  ];
  let record = newPushRecord(target, noon);
  let changed = 0;
  for (const own of [undefined, stream]) {
    for (const part of parts) {
      const sample = pushSample({ ...full, ...part, ...(own && { stream: own }) });
      const window = { from: record.target.floor, to: noon };
      const after = countAnswer(record, { window, gap: undefined }, target, limits, noon, [sample]);
      record = after.record;
      changed += after.skipped.changed;
    }
  }

  expect(changed).toBe(0);
  for (const { totals } of [record.push, record.streams?.get(stream)].filter((each) => each !== undefined)) {
    expect(totals).toMatchObject({
      samples: 1,
      observedMs: 5000,
      measuredMs: { fps: 5000, bitrate: 5000 },
      milliframes: 60_000,
      bytes: 312_500,
      degradedMs: { low_fps: 5000, no_video: 0, low_bitrate: 5000 },
      badMs: 5000,
    });
  }
});

test('releases the counters of one stream and leaves the others at 0', () => {
  const record = count(newPushRecord(target, noon), noon, samplesBetween(noon - 30_000, noon, { stream }));

  const released = pushLeftZero(record, stream);

  expect([released.push.leftZero, released.streams?.get(stream)?.leftZero]).toEqual([false, true]);
  expect(pushLeftZero(released, stream)).toBe(released);
  expect(pushLeftZero(record, 'unknown')).toBe(record);
  expect(pushLeftZero(record).push.leftZero).toBe(true);
});

function count(record: PushRecord, now: number, samples: readonly PushSample[]): PushRecord {
  const window = { from: record.target.floor, to: now };
  return countAnswer(record, { window, gap: undefined }, target, limits, now, samples).record;
}
