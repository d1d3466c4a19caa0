import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AlertLevels, judgeSamples } from '../../src/model/alert-levels.ts';
import { createJudgedPushRecords, levelsOf, withMissing } from '../../src/model/judged-push-records.ts';
import { newPushRecord, type PushRecord } from '../../src/model/push-record.ts';
import { type PushSample, pushSamples } from '../../src/model/push-sample.ts';
import { totalLookbackMs } from '../../src/model/target.ts';
import { packRecord, unpackRecord } from '../../src/polling/packed-records.ts';
import { diffRecord, patchRecord } from '../../src/store/record-change.ts';
import { noon, pushSample, pushTarget, samplesBetween } from '../support/samples.ts';

const target = pushTarget();
const lookbackMs = totalLookbackMs(target);
const startsAt = noon + lookbackMs;
const limits = { spanMs: 7_200_000, retentionMs: 3 * 86_400_000, periodMs: 5000 };

/** Creates the record of a new target, and the function that polls it. */
function createPolls({ isOn = true } = {}) {
  let levels: AlertLevels | undefined;
  const { records } = createJudgedPushRecords({
    isOn: () => isOn,
    onLevels(key, judged) {
      expect(key).toBe(record.targetKey);
      levels = judged;
    },
  });
  let record = newPushRecord(target, startsAt);
  return {
    poll(now: number, rows: readonly PushSample[]): void {
      const step = records.nextStep(record.target, () => record, target, limits, now);
      record = records.count(record, step, target, limits, now, rows).record;
    },
    /** Saves the record, and reads it again after a kill. */
    restart(): void {
      const saved = JSON.parse(JSON.stringify(diffRecord(undefined, record)));
      record = unpackRecord(packRecord(patchRecord(undefined, record.targetKey, saved))) as PushRecord;
      levels = levelsOf(record, target);
    },
    levels: () => levels,
    record: () => record,
    setRecord(changed: PushRecord): void {
      record = changed;
    },
  };
}

const timedSample = fc.record({
  step: fc.nat(240),
  framesPerSecond: fc.constantFrom(25, 25, 12, 12, 0, undefined),
  videoMs: fc.constantFrom(5000, 0, undefined),
  clientIp: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  delayMs: fc.nat(lookbackMs),
});

const poll = fc.record({
  waitMs: fc.oneof(fc.integer({ min: 1000, max: 20_000 }), fc.integer({ min: 60_000, max: 400_000 })),
  isRestart: fc.boolean(),
  isReversed: fc.boolean(),
  /** Whether the provider does not know the frame rates of the last half minute yet. */
  isVague: fc.boolean(),
});

test('alerts do not depend on how a history is split, reordered, repeated, delayed or interrupted', () => {
  fc.assert(
    fc.property(fc.array(timedSample, { maxLength: 200 }), fc.array(poll), (parts, polls) => {
      const bySample = new Map(
        parts.map(({ step, delayMs, ...values }) => {
          const sample = pushSample({ ...values, measuredAt: noon + step * 5000 });
          return [`${step} ${values.clientIp}`, { sample, visibleAt: sample.measuredAt + delayMs }];
        }),
      );
      const all = [...bySample.values()];
      const polled = createPolls();
      let now = startsAt;
      const last = { waitMs: 1_400_000, isRestart: false, isReversed: false, isVague: false };
      for (const { waitMs, isRestart, isReversed, isVague } of [...polls, last]) {
        now += waitMs;
        if (isRestart) polled.restart();
        const { watermark } = polled.record().target;
        const rows = all
          .filter(({ visibleAt }) => visibleAt <= now)
          .map(({ sample }) => sample)
          .filter(({ measuredAt }) => measuredAt >= watermark - lookbackMs && measuredAt <= now)
          .map((sample) =>
            isVague && sample.measuredAt > now - 30_000 ? { ...sample, framesPerSecond: undefined } : sample,
          );
        polled.poll(now, isReversed ? rows.toReversed() : rows);
      }

      const sorted = all.map(({ sample }) => sample).toSorted(pushSamples.compare);
      expect(polled.levels()).toEqual(judgeSamples(undefined, sorted, target));
      expect(levelsOf(polled.record(), target)).toEqual(polled.levels());
    }),
    { numRuns: 300 },
  );
});

test('keeps the start of an alert that is longer than the lookback, also after a kill', () => {
  const polls = createPolls();
  const low = { framesPerSecond: 10 };
  for (let now = startsAt; now <= startsAt + 600_000; now += 5000) {
    polls.poll(now, samplesBetween(now - lookbackMs, now, low));
  }

  polls.restart();

  expect(polls.levels()?.fpsLow).toMatchObject({ since: noon, isFiring: true });
  expect(polls.record().target.seen.length).toBeLessThan(20);
});

test('keeps the start of a missing stream until it is cleared', () => {
  const polls = createPolls();
  polls.poll(startsAt, []);
  polls.setRecord(withMissing(polls.record(), noon));

  polls.poll(startsAt + 5000, []);
  polls.restart();

  expect(polls.record().alerts).toEqual({ missingSince: noon });
  expect(withMissing(polls.record(), undefined).alerts).toBe(undefined);
});

test('judges nothing while it is off, and forgets the alerts of a record', () => {
  const polls = createPolls({ isOn: false });
  polls.setRecord(withMissing(polls.record(), noon));

  polls.poll(startsAt, samplesBetween(noon, startsAt, { framesPerSecond: 10 }));

  expect(polls.levels()).toBe(undefined);
  expect('alerts' in polls.record()).toBe(false);
});
