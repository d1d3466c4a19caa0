import { expect, test } from 'vitest';
import { addGap, addSamples, newPushLedger, type PushLedger } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { settle } from '../../src/model/settle.ts';
import { alwaysLive, noExpectation, noon, pushSample, samplesBetween } from '../support/samples.ts';

const settling = { expectation: alwaysLive, periodMs: 5000, staleAfterMs: 30_000 };
/** A sample is fresh for 40 s. */
const freshness = { expectedDelayMs: 10_000, staleAfterMs: 30_000 };

test('adds period, frames and bytes of a sample as integers', () => {
  const { totals, newestAt } = addSamples(
    newPushLedger(noon),
    [pushSample({ framesPerSecond: 29.97, bitsPerSecond: 1_234_567 })],
    { expectation: noExpectation, freshness, now: noon },
  );

  expect(totals).toEqual({
    samples: 1,
    observedMs: 5000,
    measuredMs: { fps: 5000, bitrate: 5000 },
    milliframes: 149_850,
    bytes: 771_604,
    mediaMs: { video: undefined, audio: undefined },
    degradedMs: { low_fps: 0, no_video: 0, low_bitrate: 0, video_stall: 0 },
    badMs: 0,
    missingMs: 0,
    backfilledMs: 0,
    gapMs: 0,
    sessions: 0,
    clientChanges: 0,
  });
  expect(newestAt).toBe(noon);
});

test('adds nothing for an unknown value and counts zero frames as no video', () => {
  const unknown = addSamples(
    newPushLedger(noon),
    [pushSample({ framesPerSecond: undefined })],
    freshOptions(),
  );
  const zero = addSamples(newPushLedger(noon), [pushSample({ framesPerSecond: 0 })], freshOptions());

  expect([unknown.totals.milliframes, unknown.totals.badMs]).toEqual([0, 0]);
  expect(zero.totals.degradedMs).toEqual({ low_fps: 0, no_video: 5000, low_bitrate: 0, video_stall: 0 });
  expect(zero.totals.badMs).toBe(5000);
});

test('measures only the time of samples that contain the value, so that a mean ignores unknown values', () => {
  const { totals } = addSamples(
    newPushLedger(noon),
    [
      pushSample(),
      pushSample({ framesPerSecond: undefined, periodMs: 1000 }),
      pushSample({ bitsPerSecond: undefined, periodMs: 2000 }),
      pushSample({ framesPerSecond: undefined, bitsPerSecond: undefined, periodMs: 4000 }),
      pushSample({ framesPerSecond: 0, bitsPerSecond: 0, periodMs: 8000 }),
    ],
    freshOptions(),
  );

  expect(totals.observedMs).toBe(20_000);
  expect(totals.measuredMs).toEqual({ fps: 15_000, bitrate: 14_000 });
});

test('counts overlapping conditions once as bad time', () => {
  const { totals } = addSamples(
    newPushLedger(noon),
    [pushSample({ framesPerSecond: 19, bitsPerSecond: 999_999 }), pushSample({ framesPerSecond: 20 })],
    freshOptions(),
  );

  expect(totals.degradedMs).toEqual({ low_fps: 5000, no_video: 0, low_bitrate: 5000, video_stall: 0 });
  expect(totals.badMs).toBe(5000);
});

test('adds media times, and leaves a time undefined that no sample has', () => {
  const add = (...samples: readonly PushSample[]) =>
    addSamples(newPushLedger(noon), samples, freshOptions()).totals.mediaMs;

  expect(add(pushSample(), pushSample())).toEqual({ video: undefined, audio: undefined });
  expect(add(pushSample({ videoMs: 0 }), pushSample())).toEqual({ video: 0, audio: undefined });
  expect(
    add(pushSample({ videoMs: 5032, audioMs: 5004 }), pushSample({ videoMs: 4800 }), pushSample()),
  ).toEqual({ video: 9832, audio: 5004 });
});

test.each([
  ['smooth', { videoMs: 5032 }, 0],
  ['just half of the period', { videoMs: 2500 }, 0],
  ['less than half of the period', { videoMs: 2499 }, 5000],
  ['less than half of a longer period', { videoMs: 9999, periodMs: 20_000 }, 20_000],
  ['unknown', {}, 0],
  ['without frames', { videoMs: 0, framesPerSecond: 0 }, 0],
  ['with an unknown frame rate', { videoMs: 10, framesPerSecond: undefined }, 0],
  ['short audio', { videoMs: 5000, audioMs: 10 }, 0],
])('counts a stall of the video: %s', (_what, part, stallMs) => {
  const { degradedMs, badMs } = addSamples(newPushLedger(noon), [pushSample(part)], freshOptions()).totals;

  expect(degradedMs.video_stall).toBe(stallMs);
  expect(badMs).toBe(degradedMs.no_video + stallMs);
});

test('evaluates only the bit rate of an audio-only stream', () => {
  const expectation = { ...alwaysLive, isAudioOnly: true };
  const samples = [
    pushSample({ framesPerSecond: 0, videoMs: 0, bitsPerSecond: 10 }),
    pushSample({ framesPerSecond: 1, videoMs: 10 }),
  ];

  const { degradedMs, badMs } = addSamples(newPushLedger(noon), samples, {
    ...freshOptions(),
    expectation,
  }).totals;

  expect(degradedMs).toEqual({ low_fps: 0, no_video: 0, low_bitrate: 5000, video_stall: 0 });
  expect(badMs).toBe(5000);
});

test('counts stale samples as backfilled', () => {
  const { totals } = addSamples(newPushLedger(noon), samplesBetween(noon - 20_000, noon), {
    expectation: noExpectation,
    freshness,
    now: noon + 30_000,
  });

  expect([totals.observedMs, totals.backfilledMs]).toEqual([20_000, 10_000]);
});

test('knows the age at which the newest sample appeared, at least the expected delay', () => {
  const counting = { expectation: noExpectation, freshness };
  const add = (ledger: PushLedger, at: number, now: number) =>
    addSamples(ledger, [pushSample({ measuredAt: at })], { ...counting, now });

  const early = add(newPushLedger(noon), noon, noon + 5000);
  const late = add(early, noon + 5000, noon + 92_000);
  const older = add(late, noon + 2000, noon + 99_000);
  const silent = addSamples(older, [], { ...counting, now: noon + 300_000 });

  expect([early, late, older, silent].map(({ newestDelayMs }) => newestDelayMs)).toEqual([
    10_000, 90_000, 90_000, 90_000,
  ]);
});

test('knows of a sample that an earlier version saved that it appeared before the next answer', () => {
  const saved = { ...newPushLedger(noon), newestAt: noon };
  const counting = { expectation: noExpectation, freshness };

  const next = addSamples(saved, [], { ...counting, now: noon + 300_000 });

  expect(next).toEqual({ ...saved, newestDelayMs: 300_000 });
  expect(addSamples(next, [], { ...counting, now: noon + 400_000 })).toBe(next);
  const old = [pushSample({ measuredAt: noon - 5000 })];
  expect(addSamples(saved, old, { ...counting, now: noon + 300_000 }).newestDelayMs).toBe(300_000);
});

test('counts a gap, without missing time or a new session in it', () => {
  const before = settle(newPushLedger(noon), samplesBetween(noon, noon + 60_000), {
    ...settling,
    to: noon + 60_000,
  });
  const gap = addGap(before, { from: noon + 60_000, to: noon + 3_660_000 });

  const after = settle(gap, samplesBetween(noon + 3_660_000, noon + 3_700_000), {
    ...settling,
    to: noon + 3_700_000,
  });

  expect(after.totals).toMatchObject({ gapMs: 3_600_000, missingMs: 0, sessions: 0, clientChanges: 0 });
});

function freshOptions() {
  return { expectation: alwaysLive, freshness, now: noon };
}
