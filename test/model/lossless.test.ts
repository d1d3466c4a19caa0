import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packPush, unpackPush } from '../../src/model/packed-push.ts';
import { addSamples, newPushLedger, type PushTotals, settle } from '../../src/model/push-ledger.ts';
import { countAnswer, newPushRecord, nextStep, type PushRecord } from '../../src/model/push-record.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { SavedRecord } from '../../src/model/saved-record.ts';
import { fromRows, toRowChanges } from '../../src/store/rows.ts';
import { alwaysLive, noon, pushSample, pushTarget } from '../support/samples.ts';

const target = pushTarget();
const lookbackMs = target.expectedDelayMs + target.lookbackMs;

/** Sample of the true history, and when the provider first returns it. */
interface TimedSample {
  readonly sample: PushSample;
  readonly visibleAt: number;
}

/** Twenty minutes of up to three publishers, with holes, bad samples and delays of up to the lookback. */
const history: fc.Arbitrary<readonly TimedSample[]> = fc
  .array(
    fc.record({
      step: fc.integer({ min: 0, max: 240 }),
      jitterMs: fc.constantFrom(0, 0, 0, 1000),
      clientIp: fc.constantFrom('192.0.2.1', '192.0.2.2', undefined),
      framesPerSecond: fc.constantFrom(25, 25, 12, 0, 29.97, undefined),
      bitsPerSecond: fc.constantFrom(2_000_000, 999_999, 0, undefined),
      delayMs: fc.integer({ min: 0, max: lookbackMs }),
    }),
    { maxLength: 200 },
  )
  .map((parts) => {
    const bySample = new Map<string, TimedSample>();
    for (const { step, jitterMs, delayMs, ...values } of parts) {
      const measuredAt = noon + step * 5000 + jitterMs;
      const key = `${measuredAt} ${values.clientIp}`;
      bySample.set(key, { sample: pushSample({ measuredAt, ...values }), visibleAt: measuredAt + delayMs });
    }
    return [...bySample.values()];
  });

/** A poll of the target: the time since the last one, and its outcome. */
const poll = fc.record({
  waitMs: fc.oneof(fc.integer({ min: 1000, max: 20_000 }), fc.integer({ min: 60_000, max: 400_000 })),
  outcome: fc.constantFrom('answered', 'answered', 'answered', 'failed', 'restarted'),
  isDuplicated: fc.boolean(),
  seed: fc.integer(),
});

test('totals do not depend on how a history is split, overlapped, reordered, duplicated, delayed or interrupted', () => {
  fc.assert(
    fc.property(
      history,
      fc.array(poll, { maxLength: 60 }),
      fc.constantFrom(120_000, 300_000, 7_200_000),
      (all, polls, spanMs) => {
        const limits = { spanMs, retentionMs: 3 * 86_400_000, periodMs: 5000 };
        let record = newPushRecord(target, noon + lookbackMs);
        let now = noon + lookbackMs;
        const request = (isDuplicated: boolean, seed: number) => {
          const step = nextStep(record.target, target, limits, now);
          const { from, to } = step.window;
          const rows = all.filter(
            ({ sample: { measuredAt }, visibleAt }) =>
              measuredAt >= from && measuredAt <= to && visibleAt <= now,
          );
          const samples = shuffled(
            rows.map(({ sample }) => sample),
            seed,
          );
          record = countAnswer(
            record,
            step,
            target,
            limits,
            now,
            isDuplicated ? [...samples, ...samples] : samples,
          ).record;
        };

        for (const { waitMs, outcome, isDuplicated, seed } of polls) {
          now += waitMs;
          if (outcome === 'answered') request(isDuplicated, seed);
          if (outcome === 'restarted') record = restarted(record);
        }
        // Until the provider has returned every sample, and all of them are settled.
        const end = noon + 1_300_000 + 3 * lookbackMs;
        now = Math.max(now, end);
        while (record.target.watermark < end) request(false, 0);

        expect(comparable(record.push.totals)).toEqual(comparable(truth(all, record.target.floor)));
      },
    ),
    { numRuns: 300 },
  );
});

/** Totals of the complete history, counted in one step. */
function truth(all: readonly TimedSample[], to: number): PushTotals {
  const samples = all
    .map(({ sample }) => sample)
    .filter(({ measuredAt }) => measuredAt >= noon)
    .sort((a, b) => a.measuredAt - b.measuredAt || ((a.clientIp ?? '') < (b.clientIp ?? '') ? -1 : 1));
  const added = addSamples(newPushLedger(noon), samples, { expectation: alwaysLive, freshFrom: 0 });
  return settle(added, samples, { to, expectation: alwaysLive, periodMs: 5000, silentAfterMs: 30_000 })
    .totals;
}

/** Drops the backfilled time: it depends on the time of counting, so it is no part of the law. */
function comparable({ backfilledMs: _, ...totals }: PushTotals) {
  return totals;
}

/** Returns the record after a round trip through the rows of the state file and the packed form. */
function restarted(record: PushRecord): PushRecord {
  const saved: SavedRecord = {
    question: 'push_stats',
    targetKey: 't',
    streamKey: 's',
    frozenAt: undefined,
    ...record,
  };
  const { records, problems } = fromRows([...toRowChanges(saved, undefined)].flatMap(({ row }) => row ?? []));
  expect(problems).toEqual([]);
  const [read] = records;
  if (read?.question !== 'push_stats') throw new Error('no push record');
  return unpackPush(packPush(read));
}

/** Shuffles deterministically by the seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, i) => ({ item, rank: Math.sin(seed + i * 7919) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
