import { describe, expect, test } from 'vitest';
import { proxiedKinds } from './faults.ts';
import { judge, type Outcome, toReport } from './report.ts';
import { compare } from './verdict.ts';

const values = (record: Readonly<Record<string, number>>) => new Map(Object.entries(record));

/** A counter of which `truth` is true, and `shown` and `increased` are there. */
function counter(metric: string, truth: number, shown = truth, increased = shown) {
  return compare(metric, values({ a: truth }), values({ a: shown }), values({ a: increased }));
}

/** A run of a minute that held. */
const held: Outcome = {
  minutes: 1,
  seed: 3,
  tookMs: 100_000,
  calmMs: 40_000,
  kills: 4,
  earlyKills: 1,
  calls: 2_000,
  inflicted: proxiedKinds.flatMap((kind) => [
    { provider: 'tencent' as const, kind, moment: 'before' as const },
    { provider: 'alibaba' as const, kind, moment: 'after' as const },
  ]),
  dnsFailures: 2,
  storageFaults: 1,
  storageKills: 1,
  clockJumps: 2,
  wrongStarts: 1,
  comparisons: [
    counter('livestream_push_samples_total', 1_200),
    counter('livestream_control_actions_total', 60),
  ],
  counters: [{ metric: 'livestream_push_samples_total', series: 1, fallen: [] }],
  gapSeconds: 0,
  stateResets: 0,
  scrapes: { well: 90, failed: 5, longestGapMs: 3_000 },
};

test('lost and counted twice do not make up for each other', () => {
  const truth = values({ a: 10, b: 10, c: 10 });
  const shown = values({ a: 8, b: 12, c: 10 });

  expect(compare('x_total', truth, shown, values({ a: 10, b: 10, c: 11 }))).toEqual({
    metric: 'x_total',
    truth: 30,
    shown: 30,
    increased: 31,
    lost: 2,
    twice: 2,
    mismatches: ['c: 11, truly 10'],
  });
});

test('a series that should not be there is counted twice, and one that is not there is lost', () => {
  const compared = compare('x_total', values({ a: 3 }), values({ b: 4 }), values({}));

  expect(compared).toMatchObject({ lost: 3, twice: 4, mismatches: ['a: 0, truly 3'] });
});

test('a run in which all was as it should be held', () => {
  expect(judge(held)).toEqual([]);
  expect(toReport(held)).toMatch(/\nchaos: held\n$/);
});

describe('a run is broken', () => {
  test.each<[what: string, change: Partial<Outcome>, finding: string]>([
    [
      'by a lost sample',
      { comparisons: [counter('livestream_push_samples_total', 1_200, 1_199, 1_200), ...held.comparisons] },
      'livestream_push_samples_total: lost 1',
    ],
    [
      'by an increase() that Prometheus sees and is not true',
      { comparisons: [counter('livestream_push_samples_total', 1_200, 1_200, 2_400), ...held.comparisons] },
      'livestream_push_samples_total: increase() is wrong in 1 series, such as a: 2400, truly 1200',
    ],
    [
      'by a counter that fell',
      { counters: [{ metric: 'x_total', series: 2, fallen: ['1 in d s'] }] },
      'x_total fell in 1 series, such as 1 in d s',
    ],
    [
      'by a counter that nobody saw',
      { counters: [{ metric: 'x_total', series: 0, fallen: [] }] },
      'x_total: Prometheus has no series of it',
    ],
    ['by a gap', { gapSeconds: 2.5 }, '2.5 s could no longer be asked about'],
    ['by a state begun anew', { stateResets: 1 }, 'the state was begun anew 1 times'],
    ['by too few kills', { kills: 2 }, 'too few kills: 2 of 3'],
    ['by a disk that took everything', { storageFaults: 0 }, 'too few times that the disk refused: 0 of 1'],
    ['by no kill while it took nothing', { storageKills: 0 }, 'too few kills while the disk refused: 0 of 1'],
    [
      'by a clock that was set wrong only once',
      { clockJumps: 1 },
      'too few times that the clock was set wrong: 1 of 2',
    ],
    [
      'by a clock that was right at each start',
      { wrongStarts: 0 },
      'too few starts by a wrong clock: 0 of 1',
    ],
    ['by too few names not found', { dnsFailures: 1 }, 'too few faults dns: 1 of 2'],
    [
      'by too few faults of a kind',
      {
        inflicted: held.inflicted.filter(({ kind, provider }) => kind !== 'stall' || provider === 'alibaba'),
      },
      'too few faults stall: 1 of 2',
    ],
    [
      'by too few samples',
      {
        comparisons: [
          counter('livestream_push_samples_total', 999),
          counter('livestream_control_actions_total', 60),
        ],
      },
      'too few samples: 999 of 1,000',
    ],
  ])('%s', (_, change, finding) => {
    const outcome = { ...held, ...change };

    expect(judge(outcome)).toEqual([finding]);
    expect(toReport(outcome)).toContain(`\nchaos: BROKEN: ${finding}\n`);
  });
});
