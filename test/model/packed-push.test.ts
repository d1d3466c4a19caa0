import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isSamePush,
  type PackablePush,
  packPush,
  unpackProgress,
  unpackPush,
  unpackTotals,
} from '../../src/model/packed-push.ts';
import { newPushLedger, type PushLedger } from '../../src/model/push-ledger.ts';
import { newPushRecord } from '../../src/model/push-record.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { noon, publishersAt, pushSample, pushTarget, samplesBetween } from '../support/samples.ts';

const time = fc.integer({ min: noon - 86_400_000, max: noon + 86_400_000 });
const total = fc.maxSafeNat();
const text = fc.constantFrom('192.0.2.1', '2001:db8::1', 'session 1', '', '直播');
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Integers, rates with few decimals, any double, and the values near those that represent undefined. */
const rate = optional(
  fc.oneof(
    fc.nat(10_000_000),
    fc.nat(2_000_000).map((thousandths) => thousandths / 1000),
    fc.double({ min: 0, noNaN: true }).map((value) => value + 0),
    fc.constantFrom(1048.575, 1048.574, 2 ** 33 - 1, 2 ** 33, 2 ** 33 - 2),
  ),
);

const sample: fc.Arbitrary<PushSample> = fc.record({
  measuredAt: time,
  periodMs: fc.constantFrom(5000, 1000),
  clientIp: optional(text),
  serverIp: optional(text),
  session: optional(text),
  framesPerSecond: rate,
  bitsPerSecond: rate,
});

/** Media time near the period of a sample, or any other one. */
const mediaMs = optional(fc.oneof(fc.integer({ min: 4900, max: 5100 }), fc.nat(120_000)));
const mediaTimes = fc
  .tuple(mediaMs, mediaMs)
  .filter((times) => times.some((ms) => ms !== undefined))
  .map(([videoMs, audioMs]) => ({ videoMs, audioMs }));
const anySample = fc.oneof(
  sample,
  fc.tuple(sample, mediaTimes).map(([plain, times]) => ({ ...plain, ...times })),
);

/** Samples of one push or of two, whose times and periods jitter by any number of milliseconds. */
const jittered = fc
  .tuple(sample, fc.array(fc.tuple(fc.nat(70_000), fc.nat(40_000), fc.nat(9)), { maxLength: 20 }))
  .map(([first, steps]) => {
    let measuredAt = first.measuredAt;
    return steps.map(([stepMs, periodMs, other]) => {
      measuredAt += stepMs;
      const times = other < 5 && { videoMs: periodMs + other, audioMs: undefined };
      return { ...first, measuredAt, periodMs, ...times, ...(other === 0 && { clientIp: '192.0.2.77' }) };
    });
  });

const ledger: fc.Arbitrary<PushLedger> = fc.record({
  totals: fc.record({
    ...{ samples: total, observedMs: total, milliframes: total, bytes: total },
    measuredMs: fc.record({ fps: total, bitrate: total }),
    mediaMs: fc.record({ video: optional(total), audio: optional(total) }),
    degradedMs: fc.record({ low_fps: total, no_video: total, low_bitrate: total, video_stall: total }),
    ...{
      badMs: total,
      missingMs: total,
      backfilledMs: total,
      gapMs: total,
      sessions: total,
      clientChanges: total,
    },
  }),
  newestAt: optional(time),
  newestDelayMs: optional(fc.nat()),
  judged: fc.record({
    ...{ since: time, coveredTo: time, missedTo: time },
    publishers: fc.array(fc.tuple(text, time), { maxLength: 4 }),
    followed: optional(fc.record({ clientIp: text, lastAt: time })),
  }),
  leftZero: fc.boolean(),
});

const record: fc.Arbitrary<PackablePush> = fc
  .record({
    target: fc.record({
      watermark: time,
      floor: time,
      backFrom: optional(time),
      seen: fc.oneof(fc.array(anySample, { maxLength: 20 }), anySample.map(runsFrom), jittered),
    }),
    push: ledger,
    empty: optional(
      fc.record({ ranges: fc.array(fc.record({ from: time, to: time })), recheckedTo: fc.array(time) }),
    ),
    route: optional(
      fc.record({
        operation: text,
        since: optional(time),
        covered: fc.array(fc.record({ from: time, to: time, clientIp: optional(text) })),
      }),
    ),
    alerts: optional(fc.record({ missingSince: time })),
  })
  // fast-check's objects have no prototype; the clone has.
  .map((generated) => structuredClone(generated));

test('restores a rate exactly whose thousandths are no exact whole number', () => {
  const { target, push } = newPushRecord(pushTarget(), noon);
  const seen = [pushSample({ framesPerSecond: 12_542_325_074_980.586 })];
  const restored = unpackPush(packPush({ target: { ...target, seen }, push }));

  expect(restored.target.seen.map(({ framesPerSecond }) => framesPerSecond)).toEqual([
    12_542_325_074_980.586,
  ]);
});

test('restores any record exactly', () => {
  fc.assert(
    fc.property(record, (original) => {
      expect(unpackPush(packPush(original))).toStrictEqual(original);
      const { watermark, floor, backFrom } = original.target;
      expect(unpackProgress(packPush(original))).toEqual({ watermark, floor, backFrom });
      const { totals, newestAt, leftZero } = original.push;
      expect(unpackTotals(packPush(original))).toEqual({ totals, newestAt, leftZero });
    }),
    { numRuns: 500 },
  );
});

test('restores a record with many publishers exactly', () => {
  const { target, push } = newPushRecord(pushTarget(), noon);
  const seen = [0, 5000, 10_000].flatMap((ms) => publishersAt(noon + ms, 0, 1000));
  const record = { target: { ...target, seen }, push };

  const packed = packPush(record);

  expect(unpackPush(packed)).toEqual(record);
  expect(packed.texts).toHaveLength(1000 + 2);
});

test('recognizes equal records in packed form', () => {
  fc.assert(
    fc.property(record, record, (a, b) => {
      expect(isSamePush(packPush(a), packPush(structuredClone(a)))).toBe(true);
      expect(isSamePush(packPush(a), packPush({ ...a, target: b.target }))).toBe(
        JSON.stringify(a.target) === JSON.stringify(b.target),
      );
      expect(isSamePush(packPush(a), packPush({ ...a, empty: b.empty }))).toBe(
        JSON.stringify(a.empty) === JSON.stringify(b.empty),
      );
      expect(isSamePush(packPush(a), packPush({ ...a, alerts: b.alerts }))).toBe(
        JSON.stringify(a.alerts) === JSON.stringify(b.alerts),
      );
    }),
  );
});

test('distinguishes records that differ in one address or one value', () => {
  const recordWith = (part: Partial<PushSample>): PackablePush => ({
    target: { watermark: noon, floor: noon, seen: [pushSample(part)] },
    push: newPushLedger(noon),
    empty: undefined,
  });

  expect(isSamePush(packPush(recordWith({})), packPush(recordWith({ clientIp: '192.0.2.11' })))).toBe(false);
  expect(isSamePush(packPush(recordWith({})), packPush(recordWith({ framesPerSecond: 24.999 })))).toBe(false);
  expect(isSamePush(packPush(recordWith({})), packPush(recordWith({ framesPerSecond: undefined })))).toBe(
    false,
  );
});

/** Returns the mean size in bytes of all samples but the first. */
function bytesPerSample(seen: readonly PushSample[]): number {
  const { target, push } = newPushRecord(pushTarget(), noon);
  const packed = (samples: readonly PushSample[]) => packPush({ target: { ...target, seen: samples }, push });
  expect(unpackPush(packed(seen)).target.seen).toEqual(seen);
  return (packed(seen).numbers.length - packed(seen.slice(0, 1)).numbers.length) / (seen.length - 1);
}

test('packs a typical sample into a few bytes', () => {
  const at = { from: noon, to: noon + 60_000 };

  expect(bytesPerSample(samplesBetween(at.from, at.to, { bitsPerSecond: 2_412_345 }))).toBe(6);
  expect(bytesPerSample(samplesBetween(at.from, at.to, { framesPerSecond: 29.97 }))).toBe(8);
});

test('packs a sample whose time, period and media times jitter into a few bytes more', () => {
  const periods = [5000, 5032, 5004, 5000, 5000, 5017];
  const seen = periods.map((periodMs, i) =>
    pushSample({ measuredAt: noon + 5009 * i, periodMs, videoMs: 5000, audioMs: 5004 }),
  );

  expect(bytesPerSample(seen)).toBeLessThan(11);
});

/** Returns runs: the sample and more of its push, one per period, with an interruption. */
function runsFrom(first: PushSample): readonly PushSample[] {
  const at = (index: number) => ({ ...first, measuredAt: first.measuredAt + index * first.periodMs });
  return [at(0), at(1), { ...at(2), clientIp: '192.0.2.9' }, at(3), at(4), at(6)];
}
