import { expect, test } from 'vitest';
import { lateCases, runCase } from './cases.ts';
import { parseFlags } from './flags.ts';
import { type Outcome, problemsOf, type StreamTotals, toReport } from './verdict.ts';

const totals = { samples: 100, milliframes: 12_500_000, missingMs: 0, sessions: 0 };

function outcome({ counted, ...part }: Partial<Outcome> & { counted?: Partial<StreamTotals> } = {}): Outcome {
  return {
    name: 'delay 5 s',
    streams: [
      { counted: totals, truth: totals },
      { counted: { ...totals, ...counted }, truth: totals },
    ],
    rightAfterMs: 10_000,
    falseDowns: 0,
    judgesDown: true,
    requests: 1000,
    rechecks: 49,
    ...part,
  };
}

test('passes if every total is true', () => {
  expect(problemsOf(outcome())).toEqual([]);
  expect(toReport([outcome()])).toMatch(/\n(late: PASS, 1 cases)\n$/);
});

test.each<[string, Parameters<typeof outcome>[0]]>([
  ['wrong samples of 1 streams, such as 99 instead of 100', { counted: { samples: 99 } }],
  [
    'wrong frames of 1 streams, such as 12495000 instead of 12500000',
    { counted: { milliframes: 12_495_000 } },
  ],
  ['wrong missing time of 1 streams, such as 5000 instead of 0', { counted: { missingMs: 5000 } }],
  ['wrong sessions of 1 streams, such as 1 instead of 0', { counted: { sessions: 1 } }],
  ['push_up was wrong for 121 s', { rightAfterMs: 121_000 }],
  ['push_up was wrong for Infinity s', { rightAfterMs: Number.POSITIVE_INFINITY }],
  ['2 times push_up 0 of a live stream', { falseDowns: 2 }],
  ['5.00 % of the requests are rechecks', { rechecks: 50 }],
  ['no streams', { streams: [] }],
])('fails with: %s', (problem, part) => {
  expect(problemsOf(outcome(part))).toEqual([problem]);
  expect(toReport([outcome(), outcome(part)])).toMatch(/\n(late: FAIL, 1 of 2 cases)\n$/);
});

test('fails without cases', () => {
  expect(toReport([])).toMatch(/\n(late: FAIL, 0 of 0 cases)\n$/);
});

test('does not fail if a single late stream is shown as down', () => {
  expect(problemsOf(outcome({ judgesDown: false, falseDowns: 2 }))).toEqual([]);
});

test('notices a stream that is shown as down although it is live', async () => {
  const [lateCase] = lateCases(6);
  const [stream] = lateCase?.streams ?? [];
  if (lateCase === undefined || stream === undefined) throw new Error('no case');
  const isSilent = (at: number) => at % 3_600_000 >= 1_800_000;
  // The provider skips samples without being late, so the truth of the case is wrong.
  const visibleAt = (at: number) => (isSilent(at) ? Number.POSITIVE_INFINITY : at);

  const result = await runCase({ ...lateCase, hours: 2, streams: [{ ...stream, visibleAt }] });

  expect(problemsOf(result)).toEqual([
    expect.stringContaining('wrong missing time'),
    expect.stringContaining('wrong sessions'),
    '2 times push_up 0 of a live stream',
  ]);
});

test('parses the flags', () => {
  expect(parseFlags([])).toEqual({ hours: 24 });
  expect(parseFlags(['--hours', '6'])).toEqual({ hours: 6 });
  expect(parseFlags(['--help'])).toBe('help');
  expect(parseFlags(['--hours', '5'])).toEqual({
    problem: '--hours: expected a whole number from 6 to 240, got "5"',
  });
  expect(parseFlags(['--hour=6'])).toHaveProperty('problem');
});
