import { expect, test } from 'vitest';
import { addGap, addSamples, newPushLedger, type PushLedger } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { settle } from '../../src/model/settle.ts';
import {
  alwaysLive,
  noExpectation,
  noon,
  publishersAt,
  pushSample,
  samplesBetween,
} from '../support/samples.ts';

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

test('counts five missing seconds for one lost sample of a due stream', () => {
  const samples = samplesBetween(noon, noon + 60_000).filter(
    ({ measuredAt }) => measuredAt !== noon + 20_000,
  );

  expect(settledTotals(samples, noon + 60_000).missingMs).toBe(5000);
});

test('counts no missing time for sample times with a jitter of a second', () => {
  const samples = samplesBetween(noon, noon + 60_000).map((sample, i) => ({
    ...sample,
    measuredAt: sample.measuredAt + (i % 2) * 1000,
  }));

  expect(settledTotals(samples, noon + 60_000).missingMs).toBe(0);
});

test('counts no missing time for a stream that is not due or has no schedule', () => {
  for (const live of [false, undefined]) {
    const ledger = settle(newPushLedger(noon), [], {
      ...settling,
      expectation: { ...alwaysLive, live },
      to: noon + 600_000,
    });

    expect(ledger.totals.missingMs).toBe(0);
  }
});

test('counts the missing time of a due stream without a push up to one period before the end of the settled time', () => {
  expect(settledTotals([], noon + 600_000).missingMs).toBe(595_000);
});

test('does not count a push that already runs at the start as a session', () => {
  expect(settledTotals(samplesBetween(noon, noon + 60_000), noon + 60_000).sessions).toBe(0);
});

test('starts a session after its publisher had no sample for longer than stale_after', () => {
  const samples = [
    ...samplesBetween(noon, noon + 60_000),
    // 30 s after the last sample: the same session.
    ...samplesBetween(noon + 85_000, noon + 100_000),
    // 35 s after the last sample: a new session.
    ...samplesBetween(noon + 130_000, noon + 140_000),
  ];

  expect(settledTotals(samples, noon + 200_000).sessions).toBe(1);
});

test.each([
  ['the first samples', (i: number) => i < 2],
  ['some samples', (i: number) => i % 3 === 1],
  ['the last samples', (i: number) => i > 4],
  ['all samples but one', (i: number) => i !== 3],
])('counts one session of a publisher whose address is unknown in %s', (_, isUnnamed) => {
  const samples = samplesBetween(noon + 60_000, noon + 100_000).map((sample, i) =>
    isUnnamed(i) ? { ...sample, clientIp: undefined } : sample,
  );

  const { sessions, clientChanges } = settledTotals(samples, noon + 100_000);
  expect([sessions, clientChanges]).toEqual([1, 0]);
});

test('counts a session for an unnamed publisher that starts after the named one has ended, and names it once', () => {
  const first = samplesBetween(noon, noon + 20_000);
  const unnamed = samplesBetween(noon + 60_000, noon + 80_000, { clientIp: undefined });
  const named = samplesBetween(noon + 80_000, noon + 200_000);

  const { totals, judged } = settle(newPushLedger(noon), [...first, ...unnamed, ...named], {
    ...settling,
    to: noon + 200_000,
  });

  expect(totals.sessions).toBe(1);
  expect(judged.publishers).toEqual([['192.0.2.10', noon + 195_000]]);
});

test('attributes an unnamed sample to the publisher with the newest sample', () => {
  const samples = [
    ...samplesBetween(noon, noon + 10_000, { clientIp: '192.0.2.99' }),
    ...samplesBetween(noon + 10_000, noon + 20_000),
    pushSample({ measuredAt: noon + 20_000, clientIp: undefined }),
  ];

  const { judged } = settle(newPushLedger(noon), samples, { ...settling, to: noon + 25_000 });

  expect(judged.publishers).toEqual([
    ['192.0.2.99', noon + 5000],
    ['192.0.2.10', noon + 20_000],
  ]);
});

test('counts the first push of a watched stream as a session', () => {
  expect(settledTotals(samplesBetween(noon + 35_000, noon + 60_000), noon + 60_000).sessions).toBe(1);
});

test('counts a client change for consecutive publishers, not for simultaneous ones', () => {
  const atOnce = [
    ...samplesBetween(noon, noon + 60_000),
    ...samplesBetween(noon, noon + 60_000, { clientIp: '192.0.2.99' }),
  ];
  const after = [
    ...samplesBetween(noon, noon + 60_000),
    ...samplesBetween(noon + 60_000, noon + 120_000, { clientIp: '192.0.2.99' }),
  ];

  expect(settledTotals(atOnce, noon + 200_000).clientChanges).toBe(0);
  expect(settledTotals(after, noon + 200_000).clientChanges).toBe(1);
  expect(settledTotals(after, noon + 200_000).sessions).toBe(1);
});

test('counts one session per alternating publisher and keeps all of them', () => {
  const samples = samplesBetween(noon + 40_000, noon + 100_000).map((sample, i) => ({
    ...sample,
    clientIp: `192.0.2.${i % 2}`,
  }));
  const { totals, judged } = settle(newPushLedger(noon), samples, { ...settling, to: noon + 100_000 });

  expect(totals.sessions).toBe(2);
  expect(judged.publishers).toEqual([
    ['192.0.2.0', samples.findLast(({ clientIp }) => clientIp === '192.0.2.0')?.measuredAt],
    ['192.0.2.1', samples.findLast(({ clientIp }) => clientIp === '192.0.2.1')?.measuredAt],
  ]);
});

test('keeps at most 16 publishers and counts no sessions of further ones while all of them push', () => {
  const samples = [0, 5000, 10_000].flatMap((ms) => publishersAt(noon + 40_000 + ms, 0, 1000));
  const { totals, judged } = settle(newPushLedger(noon), samples, { ...settling, to: noon + 60_000 });

  expect(judged.publishers.map(([publisher]) => publisher)).toEqual(
    publishersAt(noon, 0, 16).map(({ clientIp }) => clientIp),
  );
  expect(totals.sessions).toBe(16);
});

test('counts the session of a further publisher once another one is silent', () => {
  const [silent = pushSample()] = publishersAt(noon + 40_000, 0, 1);
  const [further = pushSample()] = publishersAt(noon + 70_000, 99, 100);
  const later = { ...further, measuredAt: noon + 75_000 };
  const others = [40_000, 70_000].flatMap((ms) => publishersAt(noon + ms, 1, 16));

  const { totals, judged } = settle(newPushLedger(noon), [silent, ...others, further, later], {
    ...settling,
    to: noon + 80_000,
  });

  // 16 publishers, and the further one when the last sample of the silent one is 35 s old.
  expect(totals.sessions).toBe(17);
  expect(judged.publishers).toHaveLength(16);
  expect(judged.publishers).toContainEqual([further.clientIp, later.measuredAt]);
});

test('limits the publishers that an earlier version saved without a limit', () => {
  const ledger = newPushLedger(noon);
  const publishers = publishersAt(noon, 0, 1000).map(({ clientIp = '' }) => [clientIp, noon] as const);

  const { judged } = settle({ ...ledger, judged: { ...ledger.judged, publishers } }, [], {
    ...settling,
    to: noon + 5000,
  });

  expect(judged.publishers).toEqual(publishers.slice(0, 16));
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

function settledTotals(samples: readonly PushSample[], to: number) {
  const inOrder = [...samples].sort((a, b) => a.measuredAt - b.measuredAt);
  return settle(newPushLedger(noon), inOrder, { ...settling, to }).totals;
}
