import { describe, expect, test } from 'vitest';
import { proxiedKinds, windowKinds } from './faults.ts';
import { judge, type Outcome, toReport } from './report.ts';
import { compare } from './verdict.ts';

const values = (record: Readonly<Record<string, number>>) => new Map(Object.entries(record));

/** Compares one series: ground truth, exposed value and increase(). */
function counter(metric: string, truth: number, exposed = truth, increased = exposed) {
  return compare(metric, values({ a: truth }), values({ a: exposed }), values({ a: increased }));
}

/** Run of one minute that passes. */
const passed: Outcome = {
  minutes: 1,
  seed: 3,
  tookMs: 100_000,
  calmMs: 40_000,
  kills: 4,
  earlyKills: 1,
  calls: 2_000,
  inflicted: [
    ...proxiedKinds.flatMap((kind) => [
      { provider: 'tencent' as const, kind, moment: 'before' as const },
      { provider: 'alibaba' as const, kind, moment: 'after' as const },
    ]),
    ...windowKinds.flatMap((kind) =>
      Array.from({ length: 20 }, () => ({ provider: 'tencent' as const, kind, moment: 'after' as const })),
    ),
  ],
  dnsFailures: 2,
  storageFaults: 1,
  storageKills: 1,
  stateDeletions: 1,
  foreignWriters: 1,
  hungDisks: 1,
  clockSteps: 2,
  wrongStarts: 1,
  latePhases: 1,
  partialSamples: 100,
  unreadableRows: 3,
  comparisons: [
    counter('livestream_push_samples_total', 1_200),
    counter('livestream_control_actions_total', 60),
  ],
  counters: [{ metric: 'livestream_push_samples_total', series: 1, resets: [] }],
  gapSeconds: 0,
  stateResets: 0,
  scrapes: { successful: 90, failed: 5, maxGapMs: 3_000 },
};

test('does not offset lost against duplicated values', () => {
  const truth = values({ a: 10, b: 10, c: 10 });
  const exposed = values({ a: 8, b: 12, c: 10 });

  expect(compare('x_total', truth, exposed, values({ a: 10, b: 10, c: 11 }))).toEqual({
    metric: 'x_total',
    truth: 30,
    exposed: 30,
    increased: 31,
    lost: 2,
    duplicated: 2,
    mismatches: ['c: 11, expected 10'],
  });
});

test('counts an unexpected series as duplicated and a missing series as lost', () => {
  const compared = compare('x_total', values({ a: 3 }), values({ b: 4 }), values({}));

  expect(compared).toMatchObject({ lost: 3, duplicated: 4, mismatches: ['a: 0, expected 3'] });
});

test('passes a run without failed checks', () => {
  expect(judge(passed)).toEqual([]);
  expect(toReport(passed)).toMatch(/\nchaos: PASS\n$/);
});

test('fails a run of four minutes without accidents of the state', () => {
  const findings = judge({ ...passed, minutes: 4, stateDeletions: 0, foreignWriters: 0 });

  expect(findings).toContain('too few deletions of the state: 0 of 1');
  expect(findings).toContain('too few periods with a foreign writer: 0 of 1');
  expect(judge({ ...passed, minutes: 8, hungDisks: 0 })).toContain(
    'too few periods with a hung disk: 0 of 1',
  );
});

describe('a run fails', () => {
  test.each<[what: string, change: Partial<Outcome>, finding: string]>([
    [
      'by a lost sample',
      { comparisons: [counter('livestream_push_samples_total', 1_200, 1_199, 1_200), ...passed.comparisons] },
      'livestream_push_samples_total: lost 1',
    ],
    [
      'because of a wrong increase()',
      { comparisons: [counter('livestream_push_samples_total', 1_200, 1_200, 2_400), ...passed.comparisons] },
      'livestream_push_samples_total: increase() is wrong in 1 series, such as a: 2400, expected 1200',
    ],
    [
      'because a counter decreased',
      { counters: [{ metric: 'x_total', series: 2, resets: ['1 in d s'] }] },
      'x_total decreased in 1 series, such as 1 in d s',
    ],
    [
      'because Prometheus has no series of a counter',
      { counters: [{ metric: 'x_total', series: 0, resets: [] }] },
      'x_total: no series in Prometheus',
    ],
    ['because of a history gap', { gapSeconds: 2.5 }, 'history gap of 2.5 s'],
    ['because of a state reset', { stateResets: 1 }, 'the state was reset 1 times'],
    ['because of too few kills', { kills: 2 }, 'too few kills: 2 of 3'],
    ['because no writes failed', { storageFaults: 0 }, 'too few periods with failing writes: 0 of 1'],
    [
      'because there was no kill while writes fail',
      { storageKills: 0 },
      'too few kills while writes fail: 0 of 1',
    ],
    ['because of too few clock steps', { clockSteps: 1 }, 'too few clock steps: 1 of 2'],
    [
      'because there was no start with a wrong clock',
      { wrongStarts: 0 },
      'too few starts with a wrong clock: 0 of 1',
    ],
    ['because of too few failed name lookups', { dnsFailures: 1 }, 'too few faults dns: 1 of 2'],
    [
      'because of too few faults of a kind',
      {
        inflicted: passed.inflicted.filter(
          ({ kind, provider }) => kind !== 'stall' || provider === 'alibaba',
        ),
      },
      'too few faults stall: 1 of 2',
    ],
    [
      'because of too few window faults of a kind',
      { inflicted: passed.inflicted.filter(({ kind }) => kind !== 'newest_cut') },
      'too few faults newest_cut: 0 of 20',
    ],
    ['because no samples were late', { latePhases: 0 }, 'too few phases of late samples: 0 of 1'],
    [
      'because no values were missing',
      { partialSamples: 99 },
      'too few samples that lack a value: 99 of 100',
    ],
    ['because all rows were readable', { unreadableRows: 0 }, 'too few unreadable rows: 0 of 1'],
    [
      'because of too few samples',
      {
        comparisons: [
          counter('livestream_push_samples_total', 999),
          counter('livestream_control_actions_total', 60),
        ],
      },
      'too few samples: 999 of 1,000',
    ],
  ])('%s', (_, change, finding) => {
    const outcome = { ...passed, ...change };

    expect(judge(outcome)).toEqual([finding]);
    expect(toReport(outcome)).toContain(`\nchaos: FAIL: ${finding}\n`);
  });
});
