import { expect, test } from 'vitest';
import { startOrResumeDiscovered } from '../../src/model/discovery.ts';
import { countAnswer, countRecheck, newPushRecord, type PushRecord } from '../../src/model/push-record.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import { nextStep } from '../../src/model/push-window.ts';
import { startOrResumePush } from '../../src/model/saved-record.ts';
import { noon, pushSample, pushTarget, samplesBetween } from '../support/samples.ts';

const target = pushTarget();
const grid = limitsOf('ByGrid');
const node = limitsOf('ByNode');

/** Rows of the second operation, whose times are `lateMs` later than the grid. */
function nodeRows(from: number, to: number, lateMs: number, part: Partial<PushSample> = {}): PushSample[] {
  return samplesBetween(from, to, { serverIp: '203.0.113.9', session: '7', ...part }).map((sample) => {
    return { ...sample, measuredAt: sample.measuredAt + lateMs };
  });
}

test.each([-2400, -1, 0, 1, 2400])('counts nothing twice if the times differ by %i ms', (lateMs) => {
  const before = count(newPushRecord(target, noon), grid, noon, samplesBetween(noon - 70_000, noon));
  const after = count(before, node, noon + 10_000, nodeRows(noon - 70_000, noon + 10_000, lateMs));
  const back = count(after, grid, noon + 20_000, samplesBetween(noon - 70_000, noon + 20_000));

  expect(before.push.totals.samples).toBe(14);
  expect(after.push.totals.samples).toBe(16);
  expect(back.push.totals.samples).toBe(18);
  expect(back.push.totals.observedMs).toBe(90_000);
});

test('counts nothing twice at the floor, where the row of the first operation is settled', () => {
  const now = noon + 131_000;
  const before = count(newPushRecord(target, noon), grid, now, samplesBetween(noon - 70_000, now));
  expect(before.target.floor).toBe(noon + 61_000);
  const after = count(before, node, now, nodeRows(noon, now, 2000));

  expect(after.push.totals.samples).toBe(before.push.totals.samples);
});

test('counts late rows and rows of another publisher through the new operation', () => {
  const other = { clientIp: '192.0.2.99' };
  const early = samplesBetween(noon - 70_000, noon).filter((_, i) => i < 5 || i > 7);
  const before = count(newPushRecord(target, noon), grid, noon, [
    ...early,
    ...samplesBetween(noon - 30_000, noon - 15_000, other),
  ]);
  const after = count(before, node, noon, [
    ...nodeRows(noon - 70_000, noon, 1500),
    ...nodeRows(noon - 30_000, noon, 1500, { ...other, session: '8' }),
  ]);

  expect(before.push.totals.samples).toBe(11 + 3);
  expect(after.push.totals.samples).toBe(14 + 6);
});

test('counts nothing twice if the record does not say which operation its rows come from', () => {
  const { route: _, ...saved } = count(
    newPushRecord(target, noon),
    grid,
    noon,
    samplesBetween(noon - 70_000, noon),
  );

  for (const limits of [grid, node]) {
    const rows = limits === grid ? samplesBetween(noon - 70_000, noon) : nodeRows(noon - 70_000, noon, 2000);
    expect(count(saved, limits, noon + 5000, rows).push.totals.samples).toBe(14);
  }
});

test('counts at most half a period too much or too little if the periods differ', () => {
  const minutes = [noon - 60_000, noon].map((measuredAt) => pushSample({ measuredAt, periodMs: 60_000 }));
  const before = count(newPushRecord(target, noon - 60_000), node, noon, minutes);
  const after = count(before, grid, noon + 60_000, samplesBetween(noon - 65_000, noon + 60_000));
  const back = count(after, node, noon + 120_000, [
    ...minutes,
    pushSample({ measuredAt: noon + 80_000, periodMs: 60_000 }),
  ]);

  expect(before.push.totals.observedMs).toBe(120_000);
  expect(after.push.totals).toMatchObject({ observedMs: 120_000 + 55_000, samples: 2 + 11 });
  // The row covers five seconds of counted time.
  expect(back.push.totals.observedMs - after.push.totals.observedMs - 25_000).toBeLessThanOrEqual(60_000);
});

test('takes a value that was unknown from the other operation, once', () => {
  const rows = samplesBetween(noon - 70_000, noon);
  const unknown = rows.map((row, i) => (i === 12 ? { ...row, framesPerSecond: undefined } : row));
  const before = count(newPushRecord(target, noon), grid, noon, unknown);
  let after = before;
  for (let n = 1; n < 4; n++) after = count(after, node, noon + n * 1000, nodeRows(noon - 70_000, noon, 700));
  after = count(after, grid, noon + 5000, rows);

  expect(before.push.totals).toMatchObject({ samples: 14, measuredMs: { fps: 65_000, bitrate: 70_000 } });
  expect(after.push.totals).toMatchObject({
    samples: 14,
    measuredMs: { fps: 70_000, bitrate: 70_000 },
    milliframes: 25 * 70_000,
  });
});

test('fills empty time through the new operation, and counts nothing at its edges twice', () => {
  const live = [...samplesBetween(noon - 70_000, noon), ...samplesBetween(noon + 100_000, noon + 200_000)];
  let record = count(newPushRecord(target, noon), grid, noon + 200_000, live);
  const now = noon + 3_000_000;
  record = count(record, grid, now, live);
  const [, empty] = record.empty?.ranges ?? [];
  record = count(record, node, now + 10_000, []);
  const recheck = { window: { from: noon - 5000, to: noon + 100_000 }, index: 0 };
  const rows = nodeRows(noon - 70_000, noon + 200_000, 2300);

  const once = countRecheck(record, recheck, target, node, now, rows);
  const twice = countRecheck(once, recheck, target, node, now, rows);
  const back = countRecheck(twice, recheck, target, grid, now, samplesBetween(noon - 70_000, noon + 200_000));

  expect(record.push.totals.samples).toBe(34);
  expect(empty).toBeDefined();
  expect(once.push.totals.samples).toBe(14 + 20 + 20);
  expect(twice.push.totals).toEqual(once.push.totals);
  expect(back.push.totals).toEqual(once.push.totals);
});

test('counts nothing twice if the stream is silent while the operation changes', () => {
  const rows = samplesBetween(noon - 70_000, noon);
  let record = count(newPushRecord(target, noon), grid, noon, rows);
  // Empty time holds the floor back.
  for (const [n, limits] of [grid, node, grid, node, node, grid, node].entries()) {
    const shown = limits === grid ? rows : nodeRows(noon - 70_000, noon, 1900);
    record = count(record, limits, noon + (n + 1) * 100_000, shown);
  }
  const again = nodeRows(noon + 650_000, noon + 700_000, 1900);
  record = count(record, node, noon + 710_000, [...nodeRows(noon - 70_000, noon, 1900), ...again]);

  expect(record.push.totals.samples).toBe(24);
  record = count(record, grid, noon + 1_800_000, samplesBetween(noon + 650_000, noon + 700_000));
  expect(record.push.totals).toMatchObject({ samples: 24, sessions: 1, gapMs: 0 });
  expect(record.push.totals.missingMs).toBeGreaterThan(640_000);
});

test('resumes a frozen record through another operation, with the gap and nothing twice', () => {
  const before = count(newPushRecord(target, noon), grid, noon, samplesBetween(noon - 70_000, noon));
  for (const [awayMs, gapMs, samples] of [
    [30_000, 0, 6],
    [72_000, 2000, 15],
    [600_000, 530_000, 14],
  ] as const) {
    const back = noon + awayMs;
    const resumed = startOrResumePush({ ...before, frozenAt: noon }, target, back);
    const after = count(resumed, node, back, nodeRows(noon - 70_000, back, 2000));

    expect(after.push.totals).toMatchObject({ gapMs, samples: 14 + samples });
  }
});

test('continues a stream that was discovered through another operation', () => {
  const discovered = pushTarget({ isDiscovered: true });
  const before = count(newPushRecord(discovered, noon), node, noon, nodeRows(noon - 70_000, noon, 1000));
  // The stream of the config has the same record.
  const configured = startOrResumePush(before, target, noon);
  const after = count(configured, grid, noon + 5000, samplesBetween(noon - 70_000, noon + 5000));
  expect(after.push.totals).toMatchObject({ samples: 15, gapMs: 0 });

  const frozen = { ...after, frozenAt: noon + 5000 };
  const online = { stream: 'news', firstStartedAt: noon + 20_000 };
  const again = startOrResumeDiscovered(
    frozen,
    { target: discovered, online, since: 0, listedAt: undefined },
    node,
    noon + 30_000,
  );
  const resumed = count(again, node, noon + 30_000, nodeRows(noon - 70_000, noon + 30_000, 1000));
  expect(resumed.push.totals).toMatchObject({ samples: 20, gapMs: 0 });
});

test('forgets the covered time when all rows of the other operation are settled', () => {
  let record = count(newPushRecord(target, noon), grid, noon, samplesBetween(noon - 70_000, noon));
  record = count(record, node, noon + 5000, nodeRows(noon - 70_000, noon + 5000, 1000));
  expect(record.route).toEqual({
    operation: 'ByNode',
    since: noon,
    covered: [{ from: noon - 75_000, to: noon - 5000, clientIp: '192.0.2.10', stream: undefined }],
  });

  record = count(record, node, noon + 200_000, nodeRows(noon - 70_000, noon + 200_000, 1000));
  expect(record.route).toEqual({ operation: 'ByNode', since: undefined, covered: [] });
});

function limitsOf(operation: string) {
  return { operation, spanMs: 7_200_000, retentionMs: 3 * 86_400_000, periodMs: 5000 };
}

/** Counts the rows of the window that is requested at `now`. */
function count(
  record: PushRecord,
  limits: typeof grid,
  now: number,
  rows: readonly PushSample[],
): PushRecord {
  const step = nextStep(record.target, target, limits, now);
  const { from, to } = step.window;
  const inWindow = rows.filter(({ measuredAt }) => measuredAt >= from && measuredAt <= to);
  return countAnswer(record, step, target, limits, now, inWindow).record;
}
