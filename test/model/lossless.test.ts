import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSamples, newPushLedger } from '../../src/model/push-ledger.ts';
import { countAnswer, newPushRecord, type PushRecord } from '../../src/model/push-record.ts';
import { maxPublishers, type PushSample } from '../../src/model/push-sample.ts';
import type { PushTotals } from '../../src/model/push-totals.ts';
import { nextStep } from '../../src/model/push-window.ts';
import { settle } from '../../src/model/settle.ts';
import { streamKey } from '../../src/model/stream.ts';
import { alwaysLive, noon, publishersAt, pushSample, pushTarget, streamId } from '../support/samples.ts';
import { restarted, saved } from '../support/saved-push.ts';

const target = pushTarget();
const lookbackMs = target.expectedDelayMs + target.lookbackMs;
/** Age at which time without samples is settled: sixteen minutes and the expected delay. */
const confirmedAfterMs = 970_000;
const sport = streamKey(streamId({ stream: 'sport' }));
const music = streamKey(streamId({ stream: 'music' }));

const manyPublishers = publishersAt(noon, 0, 2 * maxPublishers).map(({ clientIp }) => clientIp);

/** Sample of the true history, and when the provider first returns it. */
interface TimedSample {
  readonly sample: PushSample;
  readonly visibleAt: number;
}

/**
 * Twenty minutes of up to three publishers per stream, with holes, bad samples and delays of up to the
 * lookback.
 */
function historyOf(
  streams: readonly (string | undefined)[],
  publishers: readonly (string | undefined)[] = ['192.0.2.1', '192.0.2.2', undefined],
): fc.Arbitrary<readonly TimedSample[]> {
  // With many publishers, the history is short and dense, so that most of them push at the same time.
  const areMany = publishers.length > maxPublishers;
  const part = fc.record({
    step: fc.integer({ min: 0, max: areMany ? 30 : 240 }),
    jitterMs: fc.constantFrom(0, 0, 0, 1000),
    clientIp: fc.constantFrom(...publishers),
    framesPerSecond: fc.constantFrom(25, 25, 12, 0, 29.97, undefined),
    bitsPerSecond: fc.constantFrom(2_000_000, 999_999, 0, undefined),
    videoMs: fc.constantFrom(5000, 5032, 2499, 0, undefined),
    audioMs: fc.constantFrom(5004, 4980, 0, undefined),
    stream: fc.constantFrom(...streams),
    delayMs: fc.integer({ min: 0, max: lookbackMs }),
  });
  return fc.array(part, { minLength: areMany ? 150 : 0, maxLength: 200 }).map((parts) => {
    const bySample = new Map<string, TimedSample>();
    for (const { step, jitterMs, delayMs, stream, ...values } of parts) {
      const measuredAt = noon + step * 5000 + jitterMs;
      const key = `${measuredAt} ${values.clientIp} ${stream}`;
      const sample = pushSample({ measuredAt, ...values, ...(stream !== undefined && { stream }) });
      bySample.set(key, { sample, visibleAt: measuredAt + delayMs });
    }
    return [...bySample.values()];
  });
}

/** A poll of the target: the time since the last one, and its outcome. */
const poll = fc.record({
  waitMs: fc.oneof(fc.integer({ min: 1000, max: 20_000 }), fc.integer({ min: 60_000, max: 400_000 })),
  outcome: fc.constantFrom('answered', 'answered', 'answered', 'failed', 'restarted'),
  isDuplicated: fc.boolean(),
  seed: fc.integer(),
});
type Poll = typeof poll extends fc.Arbitrary<infer T> ? T : never;

const polls = fc.array(poll, { maxLength: 60 });
const spanMs = fc.constantFrom(120_000, 300_000, 7_200_000);

test('totals do not depend on how a history is split, overlapped, reordered, duplicated, delayed or interrupted', () => {
  fc.assert(
    fc.property(historyOf([undefined]), polls, spanMs, (all, history, span) => {
      const { target: ledger, push, streams } = replay(all, history, span);

      expect(comparable(push.totals)).toEqual(comparable(truth(all, ledger.floor)));
      expect(streams).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test('totals of each stream follow the same law if a target reports several streams', () => {
  fc.assert(
    fc.property(historyOf([undefined, sport, music]), polls, spanMs, (all, history, span) => {
      const { target: ledger, push, streams } = replay(all, history, span);

      const truthOf = (stream: string | undefined) =>
        comparable(
          truth(
            all.filter(({ sample }) => sample.stream === stream),
            ledger.floor,
          ),
        );
      const seen = new Set(all.flatMap(({ sample }) => sample.stream ?? []));
      expect(new Set(streams?.keys())).toEqual(seen);
      expect(comparable(push.totals)).toEqual(truthOf(undefined));
      for (const [key, { totals }] of streams ?? []) expect(comparable(totals)).toEqual(truthOf(key));
    }),
    { numRuns: 300 },
  );
});

test('totals follow the same law if more publishers push than the ledger keeps', () => {
  fc.assert(
    fc.property(historyOf([undefined], manyPublishers), polls, spanMs, (all, history, span) => {
      const { target: ledger, push } = replay(all, history, span);

      expect(comparable(push.totals)).toEqual(comparable(truth(all, ledger.floor)));
      expect(push.judged.publishers.length).toBeLessThanOrEqual(maxPublishers);
    }),
    { numRuns: 300 },
  );
});

/** Polls the history as described and then until all samples are settled. */
function replay(all: readonly TimedSample[], history: readonly Poll[], maxSpanMs: number): PushRecord {
  const limits = { spanMs: maxSpanMs, retentionMs: 3 * 86_400_000, periodMs: 5000 };
  let record = newPushRecord(target, noon + lookbackMs);
  let now = noon + lookbackMs;
  const request = (isDuplicated: boolean, seed: number) => {
    const step = nextStep(record.target, target, limits, now);
    const { from, to } = step.window;
    // Only these samples are certainly requested again.
    const isYoung = ({ measuredAt }: PushSample) => to > now - 1000 && measuredAt > now - 30_000;
    const rows = all.filter(
      ({ sample: { measuredAt }, visibleAt }) => measuredAt >= from && measuredAt <= to && visibleAt <= now,
    );
    const samples = shuffled(
      rows.map(({ sample }) => sample),
      seed,
    );
    // The provider reports some ingest nodes and values in some answers only, at the latest after half a minute.
    const isHidden = (i: number, part: number) => Math.cos(seed + i * 7919 + part) > 0.5;
    const told = samples.map((sample, i) => ({
      ...sample,
      ...(isHidden(i, 0) && { serverIp: undefined }),
      ...(isHidden(i, 1) && isYoung(sample) && { framesPerSecond: undefined }),
      ...(isHidden(i, 2) && isYoung(sample) && { bitsPerSecond: undefined }),
      ...(isHidden(i, 3) && isYoung(sample) && { videoMs: undefined }),
      ...(isHidden(i, 4) && isYoung(sample) && { audioMs: undefined }),
    }));
    const received = isDuplicated ? [...told, ...told] : told;
    record = countAnswer(record, step, target, limits, now, received).record;
  };

  for (const { waitMs, outcome, isDuplicated, seed } of history) {
    now += waitMs;
    if (outcome === 'answered') {
      const before = record;
      request(isDuplicated, seed);
      expect(saved(before, record)).toEqual(record);
    }
    if (outcome === 'restarted') record = restarted(record);
  }
  // Until the provider has returned every sample, and all of them are settled.
  const end = noon + 1_300_000 + confirmedAfterMs + 3 * lookbackMs;
  now = Math.max(now, end);
  while (record.target.watermark < end) request(false, 0);
  return record;
}

/** Totals of the complete history, counted in one step. */
function truth(all: readonly TimedSample[], to: number): PushTotals {
  const samples = all
    .map(({ sample }) => sample)
    .filter(({ measuredAt }) => measuredAt >= noon)
    .sort((a, b) => a.measuredAt - b.measuredAt || ((a.clientIp ?? '') < (b.clientIp ?? '') ? -1 : 1));
  const added = addSamples(newPushLedger(noon), samples, {
    expectation: alwaysLive,
    freshness: target,
    now: 0,
  });
  return settle(added, samples, { to, expectation: alwaysLive, periodMs: 5000, staleAfterMs: 30_000 }).totals;
}

/** Drops the backfilled time: it depends on the time of counting, so it is no part of the law. */
function comparable({ backfilledMs: _, ...totals }: PushTotals) {
  return totals;
}

/** Shuffles deterministically by the seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, i) => ({ item, rank: Math.sin(seed + i * 7919) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
