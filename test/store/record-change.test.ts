import fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlActions } from '../../src/model/control-action.ts';
import { type BanState, banSince } from '../../src/model/control-ledger.ts';
import { type ControlRecord, newControlRecord } from '../../src/model/control-record.ts';
import { newPushLedger, type PushLedger } from '../../src/model/push-ledger.ts';
import type { PushRecord } from '../../src/model/push-record.ts';
import { type PushSample, pushSamples } from '../../src/model/push-sample.ts';
import { routeOf } from '../../src/model/route.ts';
import { withEnd } from '../../src/model/row-list.ts';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { streamKey } from '../../src/model/stream.ts';
import { pushTargetKey } from '../../src/model/target.ts';
import { diffControl, patchControl } from '../../src/store/control-change.ts';
import { diffPush } from '../../src/store/push-change.ts';
import { diffRecord, patchRecord } from '../../src/store/record-change.ts';
import { controlAction, controlTarget } from '../support/actions.ts';
import { noon, pushSample, pushTarget, samplesBetween, streamId } from '../support/samples.ts';

const time = fc.integer({ min: noon - 60, max: noon + 60 }).map((second) => second * 1000);
const total = fc.oneof(fc.nat(3), fc.maxSafeNat());
const text = fc.constantFrom('192.0.2.1', '2001:db8::1', 'session 1', '', '直播');
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const rate = optional(
  fc.oneof(
    fc.nat(30),
    fc.double({ min: 0, max: 1e15, noNaN: true }).map((value) => value + 0),
  ),
);

const sample: fc.Arbitrary<PushSample> = fc
  .record({
    measuredAt: fc.oneof(time, fc.double({ min: 1, max: 1e13, noNaN: true })),
    periodMs: fc.constantFrom(5000, 1000, 0.1),
    clientIp: optional(text),
    serverIp: optional(text),
    session: optional(text),
    framesPerSecond: rate,
    bitsPerSecond: rate,
    stream: optional(text),
    times: optional(
      fc.constantFrom(
        { videoMs: 5032, audioMs: 5004 },
        { videoMs: 0, audioMs: undefined },
        { videoMs: undefined, audioMs: 7 },
      ),
    ),
  })
  .map(({ stream, times, ...rest }) => ({ ...rest, ...times, ...(stream !== undefined && { stream }) }));

/** Totals are far below 2^53: more than 285,000 years. */
const mediaTotal = optional(fc.nat());

const ledger: fc.Arbitrary<PushLedger> = fc.record({
  totals: fc.record({
    ...{ samples: total, observedMs: total, milliframes: total, bytes: total, badMs: total },
    measuredMs: fc.record({ fps: total, bitrate: total }),
    mediaMs: fc.record({ video: mediaTotal, audio: mediaTotal }),
    degradedMs: fc.record({ low_fps: total, no_video: total, low_bitrate: total, video_stall: total }),
    ...{ missingMs: total, backfilledMs: total, gapMs: total, sessions: total, clientChanges: total },
  }),
  newestAt: optional(time),
  newestDelayMs: optional(fc.nat()),
  judged: fc.record({
    ...{ since: time, coveredTo: time, missedTo: time },
    publishers: fc.array(fc.tuple(text, time), { maxLength: 3 }),
    followed: optional(fc.record({ clientIp: text, lastAt: time })),
  }),
  leftZero: fc.boolean(),
});

const window = fc.tuple(time, fc.nat(5000)).map(([from, length]) => ({ from, to: from + length }));
const empty = optional(
  fc.record({
    ranges: fc.array(window, { maxLength: 4 }),
    recheckedTo: fc.array(time, { maxLength: 2 }),
  }),
);

const route = optional(
  fc.oneof(
    text.map(routeOf),
    fc.record({
      operation: text,
      since: time,
      covered: fc.array(
        fc
          .tuple(window, optional(text), optional(text))
          .map(([covered, clientIp, stream]) => ({ ...covered, clientIp, stream })),
        { maxLength: 3 },
      ),
    }),
  ),
);

const level = fc.record({
  ...{ since: time, lastAt: time, levelMs: fc.constantFrom(5000, 2502.5, 15_000) },
  isFiring: fc.boolean(),
});
const alerts = optional(
  fc.record({ fpsLow: level, stalled: level, missingSince: time }, { requiredKeys: [] }),
);

const progress = { watermark: time, floor: time, backFrom: optional(time) };
const push: fc.Arbitrary<PushRecord> = fc
  .record({
    target: fc.record({
      ...progress,
      seen: fc.uniqueArray(sample, { comparator: (a, b) => pushSamples.compare(a, b) === 0, maxLength: 12 }),
    }),
    ...{ push: ledger, empty, route, alerts, frozenAt: optional(time) },
    streams: optional(fc.dictionary(fc.constantFrom('a', 'b'), ledger, { minKeys: 1 })),
  })
  .map(({ target, streams, ...rest }) => ({
    question: 'push_stats',
    targetKey: pushTargetKey(pushTarget()),
    streamKey: streamKey(pushTarget().stream),
    target: { ...target, seen: target.seen.toSorted(pushSamples.compare) },
    ...rest,
    streams: streams && new Map(Object.entries(streams)),
  }));

const action = fc
  .record({
    actedAt: time,
    domain: text,
    appName: text,
    stream: text,
    action: fc.constantFrom('forbid', 'resume', '__proto__'),
    clientIp: optional(text),
  })
  .map((part) => controlAction(part));
const totals = fc.dictionary(
  fc.constantFrom('forbid', 'resume', 'other'),
  fc.record({ count: total, lastAt: optional(time), leftZero: fc.boolean() }),
);
const streams = fc.uniqueArray(
  fc
    .record({
      stream: text.map((stream) => streamId({ stream })),
      actions: totals,
      ban: optional(
        fc.oneof(
          fc.record({ isForbidden: fc.boolean(), since: time, expiresAt: optional(time) }),
          fc.tuple(time, time, optional(time)).map((times) => banSince(...times)),
        ),
      ),
    })
    .map(({ ban, ...rest }) => (ban === undefined ? rest : { ...rest, ban })),
  { selector: ({ stream }) => stream.stream, maxLength: 3 },
);
const control: fc.Arbitrary<ControlRecord> = fc
  .record({
    target: fc.record({ ...progress, seen: fc.array(action, { maxLength: 8 }) }),
    domain: fc.record({ actions: totals, gapMs: total }),
    ...{ streams, rescannedAt: time, appName: optional(text), frozenAt: optional(time) },
  })
  .map(({ target, streams: ledgers, ...rest }) => ({
    question: 'control_history',
    targetKey: newControlRecord(controlTarget(), noon).targetKey,
    ...rest,
    target: { ...target, seen: target.seen.toSorted(controlActions.compare) },
    streams: new Map(ledgers.map((each) => [streamKey(each.stream), each])),
  }));

test.each([
  ['push', push],
  ['control', control],
] as const)('restores any %s record from nothing and its change, and from another record', (_, any) => {
  fc.assert(
    fc.property(any as fc.Arbitrary<SavedRecord>, any as fc.Arbitrary<SavedRecord>, (before, after) => {
      const whole = restored(undefined, after);
      expect(whole).toEqual(after);
      expect(restored(before, after)).toEqual(after);
      // A restored record is a base like the original.
      expect(restored(restored(undefined, before), after)).toEqual(after);
      expect(restored(before, before)).toEqual(before);
    }),
    { numRuns: 500 },
  );
});

test('saves one more sample in a few numbers', () => {
  const before = steady(noon);
  const after = steady(noon + 5000);

  const change = JSON.stringify(diffRecord(before, after));

  expect(change).toBe(
    '[[5000,5000],[[0,5000,5000,0,5000,5000,1,5000,125000,1250000,5000,5000],0,[5000]],[1,[],[[5000,0,0,25,2000000]]]]',
  );
  expect(patchRecord(before, before.targetKey, JSON.parse(change))).toEqual(after);
});

test('saves the delay of the newest sample so that an earlier version ignores it', () => {
  const record = steady(noon);
  const { newestDelayMs: _, ...known } = record.push;
  const numbersOf = (saved: PushRecord) => diffPush(undefined, saved)[1][0];

  const earlier = { ...record, push: { ...known } };
  const numbers = numbersOf(earlier);

  // An earlier version reads the first 24 numbers of a ledger.
  const zeros = Array.from({ length: 24 - numbers.length }, () => 0);
  expect(numbersOf(record)).toEqual([...numbers, ...zeros, 10_001]);
  expect(restored(undefined, earlier)).toEqual(earlier);
});

test('saves when a ban was found so that an earlier version ignores it', () => {
  const started = newControlRecord(controlTarget(), noon);
  const withBan = (ban: BanState): ControlRecord => {
    const stream = streamId();
    return { ...started, streams: new Map([[streamKey(stream), { stream, actions: {}, ban }]]) };
  };
  const numbersOf = (saved: ControlRecord) => diffControl(undefined, saved)[3][0]?.[1];
  const [atStart, later] = [banSince(noon, noon, undefined), banSince(noon, noon + 45_000, undefined)];

  // An earlier version reads the first three numbers of a ban.
  expect(numbersOf(withBan(atStart))).toEqual(['', 2, noon]);
  expect(numbersOf(withBan(later))).toEqual(['', 2, noon, 0, noon + 45_000]);
  expect(restored(undefined, withBan(later))).toEqual(withBan(later));
  // The end of a ban that an earlier version has saved does not change the last number.
  const ended = patchControl(withBan(later), started.targetKey, [
    [],
    0,
    [],
    [[streamKey(streamId()), ['', -1, 60_000]]],
    [],
    [0, [], []],
  ]);
  expect(ended.streams.get(streamKey(streamId()))?.ban).toEqual({
    isForbidden: false,
    since: noon + 60_000,
    expiresAt: undefined,
  });
});

test('saves media times as small differences', () => {
  const media = (now: number): PushRecord => {
    const { push, target, ...record } = steady(now);
    const samples = push.totals.samples;
    return {
      ...record,
      target: {
        ...target,
        seen: samplesBetween(now - 70_000, now, { videoMs: 5032, audioMs: 5004 }),
      },
      push: {
        ...push,
        totals: { ...push.totals, mediaMs: { video: samples * 5032, audio: samples * 5004 } },
      },
    };
  };
  const [before, after] = [media(noon), media(noon + 5000)];

  const change = JSON.stringify(diffRecord(before, after));

  expect(change).toBe(
    '[[5000,5000],[[0,5000,5000,0,5000,5000,1,5000,125000,1250000,5000,5000,0,0,0,0,0,0,0,0,0,5032,5004],0,[5000]],[1,[],[[5000,0,0,25,2000000,[32,4]]]]]',
  );
  expect(patchRecord(before, before.targetKey, JSON.parse(change))).toEqual(after);
});

test('saves one more action in proportion to it, however many are known', () => {
  const started = newControlRecord(controlTarget(), noon);
  const actions = Array.from({ length: 50_000 }, (_, i) => controlAction({ actedAt: noon - 50_000 + i }));
  const seen = withEnd([], {}, actions);
  const before: ControlRecord = { ...started, target: { ...started.target, seen } };
  const added = controlAction({ actedAt: noon + 1000, clientIp: '198.51.100.9' });
  const after: ControlRecord = {
    ...before,
    target: { ...before.target, seen: withEnd(seen, { from: 1 }, [added]) },
  };

  expect(JSON.stringify(diffRecord(before, after)).length).toBeLessThan(100);
  expect(restored(before, after)).toEqual(after);
});

/** Returns the record after its change was written and read. */
function restored(before: SavedRecord | undefined, after: SavedRecord): SavedRecord {
  return patchRecord(before, after.targetKey, JSON.parse(JSON.stringify(diffRecord(before, after))));
}

function steady(now: number): PushRecord {
  const ledgerBefore = newPushLedger(noon - 70_000);
  const samples = (now - noon) / 5000 + 14;
  const { totals: zero } = ledgerBefore;
  return {
    question: 'push_stats',
    targetKey: pushTargetKey(pushTarget()),
    streamKey: streamKey(streamId()),
    frozenAt: undefined,
    target: { watermark: now, floor: now - 70_000, seen: samplesBetween(now - 70_000, now) },
    push: {
      ...ledgerBefore,
      newestAt: now - 5000,
      newestDelayMs: 10_000,
      totals: {
        ...zero,
        samples,
        observedMs: samples * 5000,
        measuredMs: { fps: samples * 5000, bitrate: samples * 5000 },
        milliframes: samples * 125_000,
        bytes: samples * 1_250_000,
      },
      judged: {
        since: noon - 70_000,
        coveredTo: now - 70_000,
        missedTo: now - 70_000,
        publishers: [[pushSample().clientIp ?? '', now - 70_000]],
        followed: { clientIp: pushSample().clientIp ?? '', lastAt: now - 70_000 },
      },
    },
  };
}
