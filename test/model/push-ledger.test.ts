import { expect, test } from 'vitest';
import { addGap, addSamples, newPushLedger, settle } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { alwaysLive, noExpectation, noon, pushSample, samplesBetween } from '../support/samples.ts';

const settling = { expectation: alwaysLive, periodMs: 5000, silentAfterMs: 30_000 };

test('a sample adds its own period, frames and bytes, as whole numbers', () => {
  const { totals, newestAt } = addSamples(
    newPushLedger(noon),
    [pushSample({ framesPerSecond: 29.97, bitsPerSecond: 1_234_567 })],
    { expectation: noExpectation, freshFrom: noon - 40_000 },
  );

  expect(totals).toEqual({
    samples: 1,
    observedMs: 5000,
    milliframes: 149_850,
    bytes: 771_604,
    degradedMs: { low_fps: 0, no_video: 0, low_bitrate: 0 },
    badMs: 0,
    missingMs: 0,
    backfilledMs: 0,
    gapMs: 0,
    sessions: 0,
    clientChanges: 0,
  });
  expect(newestAt).toBe(noon);
});

test('a value that the provider did not send adds nothing, a zero is no video', () => {
  const unknown = addSamples(newPushLedger(noon), [pushSample({ framesPerSecond: undefined })], fresh());
  const zero = addSamples(newPushLedger(noon), [pushSample({ framesPerSecond: 0 })], fresh());

  expect([unknown.totals.milliframes, unknown.totals.badMs]).toEqual([0, 0]);
  expect(zero.totals.degradedMs).toEqual({ low_fps: 0, no_video: 5000, low_bitrate: 0 });
  expect(zero.totals.badMs).toBe(5000);
});

test('conditions overlap, and bad time counts them once', () => {
  const { totals } = addSamples(
    newPushLedger(noon),
    [pushSample({ framesPerSecond: 19, bitsPerSecond: 999_999 }), pushSample({ framesPerSecond: 20 })],
    fresh(),
  );

  expect(totals.degradedMs).toEqual({ low_fps: 5000, no_video: 0, low_bitrate: 5000 });
  expect(totals.badMs).toBe(5000);
});

test('samples counted when they are older than fresh are backfilled', () => {
  const { totals } = addSamples(newPushLedger(noon), samplesBetween(noon - 20_000, noon), {
    expectation: noExpectation,
    freshFrom: noon - 10_000,
  });

  expect([totals.observedMs, totals.backfilledMs]).toEqual([20_000, 10_000]);
});

test('one lost sample of a stream that is due is five missing seconds', () => {
  const samples = samplesBetween(noon, noon + 60_000).filter(
    ({ measuredAt }) => measuredAt !== noon + 20_000,
  );

  expect(judged(samples, noon + 60_000).missingMs).toBe(5000);
});

test('a grid that jitters by a second misses nothing', () => {
  const samples = samplesBetween(noon, noon + 60_000).map((sample, i) => ({
    ...sample,
    measuredAt: sample.measuredAt + (i % 2) * 1000,
  }));

  expect(judged(samples, noon + 60_000).missingMs).toBe(0);
});

test('a stream that is not due, or of which nobody said, misses nothing', () => {
  for (const live of [false, undefined]) {
    const ledger = settle(newPushLedger(noon), [], {
      ...settling,
      expectation: { ...alwaysLive, live },
      to: noon + 600_000,
    });

    expect(ledger.totals.missingMs).toBe(0);
  }
});

test('a due stream that nobody pushes misses all the time up to one period before the end of the lookback', () => {
  expect(judged([], noon + 600_000).missingMs).toBe(595_000);
});

test('a push that ran when watching began did not begin', () => {
  expect(judged(samplesBetween(noon, noon + 60_000), noon + 60_000).sessions).toBe(0);
});

test('a push begins after its publisher was silent for longer than stale_after', () => {
  const samples = [
    ...samplesBetween(noon, noon + 60_000),
    // 30 s after the last sample: the same push.
    ...samplesBetween(noon + 85_000, noon + 100_000),
    // 35 s after the last sample: another one.
    ...samplesBetween(noon + 130_000, noon + 140_000),
  ];

  expect(judged(samples, noon + 200_000).sessions).toBe(1);
});

test('the first push of a watched, silent stream is a push begun', () => {
  expect(judged(samplesBetween(noon + 35_000, noon + 60_000), noon + 60_000).sessions).toBe(1);
});

test('two publishers at once are no client changes, one after the other is one', () => {
  const atOnce = [
    ...samplesBetween(noon, noon + 60_000),
    ...samplesBetween(noon, noon + 60_000, { clientIp: '192.0.2.99' }),
  ];
  const after = [
    ...samplesBetween(noon, noon + 60_000),
    ...samplesBetween(noon + 60_000, noon + 120_000, { clientIp: '192.0.2.99' }),
  ];

  expect(judged(atOnce, noon + 200_000).clientChanges).toBe(0);
  expect(judged(after, noon + 200_000).clientChanges).toBe(1);
  expect(judged(after, noon + 200_000).sessions).toBe(1);
});

test('publishers that take turns begin one push each, and all of them are remembered', () => {
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

test('nothing begins and nothing is missing in a gap, which is counted as such', () => {
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

function fresh() {
  return { expectation: alwaysLive, freshFrom: noon - 40_000 };
}

function judged(samples: readonly PushSample[], to: number) {
  const inOrder = [...samples].sort((a, b) => a.measuredAt - b.measuredAt);
  return settle(newPushLedger(noon), inOrder, { ...settling, to }).totals;
}
