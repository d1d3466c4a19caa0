import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addSamples, newPushLedger } from '../../src/model/push-ledger.ts';
import { countAnswer, newPushRecord, type PushRecord } from '../../src/model/push-record.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushTotals } from '../../src/model/push-totals.ts';
import { nextStep } from '../../src/model/push-window.ts';
import { settle } from '../../src/model/settle.ts';
import { alwaysLive, noon, pushSample, pushTarget, samplesBetween } from '../support/samples.ts';
import { restarted, saved } from '../support/saved-push.ts';

const target = pushTarget();
const lookbackMs = target.expectedDelayMs + target.lookbackMs;
/** Age at which time without samples is settled: sixteen minutes and the expected delay. */
const confirmedAfterMs = 970_000;

/** Operation whose rows have whole times on a grid, and one whose rows have the times of the ingest node. */
type Operation = 'ByGrid' | 'ByNode';

/** What one publisher did in one period, and when each operation first returns it. */
interface Measured {
  readonly step: number;
  readonly clientIp: string;
  readonly session: string;
  readonly framesPerSecond: number | undefined;
  readonly bitsPerSecond: number | undefined;
  /**
   * Distance of the time of the second operation from the grid of the first one: less than a quarter of a
   * period.
   */
  readonly jitterMs: number;
  readonly delaysMs: readonly [number, number];
}

const part = fc.record({
  live: fc.integer({ min: 1, max: 60 }),
  // No hole is about as long as the silence that ends a push, because the times of the operations differ.
  hole: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 12, max: 60 })),
  values: fc.array(
    fc.record({
      framesPerSecond: fc.constantFrom(25, 25, 12, 0, 29.97, undefined),
      bitsPerSecond: fc.constantFrom(2_000_000, 999_999, 0, undefined),
      jitterMs: fc.integer({ min: -1200, max: 1200 }),
      delaysMs: fc.tuple(
        fc.integer({ min: 0, max: lookbackMs - 10_000 }),
        fc.integer({ min: 0, max: lookbackMs - 10_000 }),
      ),
    }),
    { minLength: 7, maxLength: 7 },
  ),
});

/** Half an hour of one publisher, with holes. */
function pushesOf(clientIp: string): fc.Arbitrary<readonly Measured[]> {
  return fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => {
    const all: Measured[] = [];
    // Not at the start, where the operations disagree which row is the first one.
    let step = 2;
    let push = 0;
    for (const { live, hole, values } of parts) {
      for (let n = 0; n < live && step < 360; n++, step++) {
        const value = values[n % values.length];
        if (value !== undefined) all.push({ step, clientIp, session: `${clientIp} ${push}`, ...value });
      }
      step += hole;
      if (hole > 10) push++;
    }
    return all;
  });
}

const onePoll = fc.record({
  waitMs: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1000, max: 12_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 120_000 }) },
  ),
  outcome: fc.constantFrom('answered', 'answered', 'answered', 'failed', 'restarted'),
  seed: fc.integer(),
});

/** Polls between two changes of the operation. */
const phases = fc.array(fc.array(onePoll, { minLength: 1, maxLength: 2 }), {
  minLength: 100,
  maxLength: 100,
});
type Phases = typeof phases extends fc.Arbitrary<infer T> ? T : never;

const spanMs = fc.constantFrom(120_000, 300_000, 7_200_000);

test('totals do not depend on 100 changes between two operations', { timeout: 60_000 }, () => {
  const history = fc.tuple(pushesOf('192.0.2.1'), pushesOf('192.0.2.2')).map((pushes) => pushes.flat());
  fc.assert(
    fc.property(history, phases, spanMs, (all, changes, span) => {
      const { target: ledger, push } = replay(all, changes, { span, rowOf });

      expect(comparable(push.totals)).toEqual(comparable(truth(all, ledger.floor)));
    }),
    { numRuns: 60 },
  );
});

test('all totals are equal if the operations report the same times', { timeout: 60_000 }, () => {
  const history = fc.tuple(pushesOf('192.0.2.1'), pushesOf('192.0.2.2')).map((pushes) => pushes.flat());
  fc.assert(
    fc.property(history, phases, spanMs, (all, changes, span) => {
      const onGrid = all.map((measured) => ({ ...measured, jitterMs: 0 }));
      const { target: ledger, push } = replay(onGrid, changes, { span, rowOf });

      const { backfilledMs: _, ...expected } = truth(onGrid, ledger.floor);
      expect(push.totals).toMatchObject(expected);
    }),
    { numRuns: 60 },
  );
});

test('each change adds or loses at most half a period if the operations divide the time differently', () => {
  const periods = fc.array(fc.constantFrom(5000, 5032, 5004, 4968), { minLength: 9, maxLength: 9 });
  fc.assert(
    fc.property(periods, fc.nat(4999), phases, spanMs, (all, phaseMs, changes, span) => {
      const byGrid = samplesBetween(noon + 60_000, noon + 1_800_000);
      const byNode: PushSample[] = [];
      for (let at = noon + 55_000 + phaseMs, n = 0; at < noon + 1_800_000 - 5000; n++) {
        const periodMs = all[n % all.length] ?? 5000;
        at += periodMs;
        byNode.push(pushSample({ measuredAt: at, periodMs, session: '7', serverIp: '203.0.113.9' }));
      }
      const rows = (operation: Operation) => (operation === 'ByGrid' ? byGrid : byNode);
      const { push } = poll(changes, span, (operation, now) =>
        rows(operation).filter(({ measuredAt }) => measuredAt + 3000 <= now),
      );

      // One more half period at the start and at the end.
      const toleranceMs = 2516 * (changes.length + 2);
      expect(Math.abs(push.totals.observedMs - byGrid.length * 5000)).toBeLessThanOrEqual(toleranceMs);
      expect(push.totals).toMatchObject({ sessions: 1, clientChanges: 0, gapMs: 0 });
    }),
    { numRuns: 60 },
  );
});

test('the same holds if the second operation does not report the address of the publisher', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(pushesOf('192.0.2.1'), phases, spanMs, (all, changes, span) => {
      const { push } = replay(all, changes, {
        span,
        rowOf: (operation, measured) => {
          const row = rowOf(operation, measured);
          return operation === 'ByGrid' ? row : { ...row, clientIp: undefined };
        },
      });

      const { sessions: _, ...expected } = comparable(truth(all, 0));
      expect(push.totals).toMatchObject(expected);
    }),
    { numRuns: 60 },
  );
});

/**
 * Row of an operation. The first one has a grid of times, the second one has times, sessions and nodes of its
 * own.
 */
function rowOf(operation: Operation, { step, jitterMs, clientIp, session, ...values }: Measured): PushSample {
  const { framesPerSecond, bitsPerSecond } = values;
  const row = pushSample({ measuredAt: noon + step * 5000, clientIp, framesPerSecond, bitsPerSecond });
  if (operation === 'ByGrid') return row;
  return { ...row, measuredAt: row.measuredAt + jitterMs, session, serverIp: '203.0.113.9' };
}

interface Replay {
  readonly span: number;
  readonly rowOf: typeof rowOf;
}

/**
 * Polls the history with a change of the operation after each phase, and then until all samples are settled.
 */
function replay(all: readonly Measured[], changes: Phases, options: Replay): PushRecord {
  return poll(changes, options.span, (operation, now, seed) => {
    const visible = all.flatMap((measured) => {
      const row = options.rowOf(operation, measured);
      const [byGrid, byNode] = measured.delaysMs;
      const visibleAt = row.measuredAt + (operation === 'ByGrid' ? byGrid : byNode);
      return visibleAt <= now ? row : [];
    });
    // Each operation reports some values of young rows only later.
    const isHidden = (i: number, part: number) => Math.cos(seed + i * 7919 + part) > 0.5;
    const isYoung = ({ measuredAt }: PushSample) => measuredAt > now - 30_000;
    return visible.map((row, i) => ({
      ...row,
      ...(isHidden(i, 1) && isYoung(row) && { framesPerSecond: undefined }),
      ...(isHidden(i, 2) && isYoung(row) && { bitsPerSecond: undefined }),
    }));
  });
}

/**
 * Polls with a change of the operation after each phase. `rowsOf` returns the rows that an operation knows.
 */
function poll(
  changes: Phases,
  span: number,
  rowsOf: (operation: Operation, now: number, seed: number) => readonly PushSample[],
): PushRecord {
  let record = newPushRecord(target, noon + lookbackMs);
  let now = noon + lookbackMs;
  const request = (operation: Operation, seed: number) => {
    const limits = { spanMs: span, retentionMs: 3 * 86_400_000, periodMs: 5000, operation };
    const step = nextStep(record.target, target, limits, now);
    const { from, to } = step.window;
    const rows = rowsOf(operation, to > now - 1000 ? now : Infinity, seed).filter(
      ({ measuredAt }) => measuredAt >= from && measuredAt <= to,
    );
    const before = record;
    record = countAnswer(record, step, target, limits, now, rows).record;
    expect(saved(before, record)).toEqual(record);
  };

  for (const [n, polls] of changes.entries()) {
    for (const { waitMs, outcome, seed } of polls) {
      now += waitMs;
      if (outcome === 'answered') request(n % 2 === 0 ? 'ByGrid' : 'ByNode', seed);
      if (outcome === 'restarted') record = restarted(record);
    }
  }
  const end = noon + 1_800_000 + confirmedAfterMs + 3 * lookbackMs;
  now = Math.max(now, end);
  while (record.target.watermark < end) request('ByNode', 0);
  return record;
}

/** Totals of the complete history, counted in one step. */
function truth(all: readonly Measured[], to: number): PushTotals {
  const samples = all.map((measured) => rowOf('ByGrid', measured));
  samples.sort((a, b) => a.measuredAt - b.measuredAt || ((a.clientIp ?? '') < (b.clientIp ?? '') ? -1 : 1));
  const counting = { expectation: alwaysLive, freshness: target, now: 0 };
  const added = addSamples(newPushLedger(noon), samples, counting);
  return settle(added, samples, { to, expectation: alwaysLive, periodMs: 5000, staleAfterMs: 30_000 }).totals;
}

/**
 * Drops what depends on the time of counting, and what depends on the exact times of the rows: the length of
 * holes, and which of two publishers fell silent first.
 */
function comparable({ backfilledMs: _b, missingMs: _m, clientChanges: _c, ...totals }: PushTotals) {
  return totals;
}
