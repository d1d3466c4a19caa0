import { expect, test } from 'vitest';
import { createGapLog } from '../../src/log/gap-log.ts';
import { createLog } from '../../src/log.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { noon } from '../support/samples.ts';

function setUp() {
  const lines: string[] = [];
  const clock = createManualClock(noon);
  const write = (line: string) => lines.push(line.replace(/^.*no longer retains it" /, '').trimEnd());
  const log = createLog({ level: 'info', format: 'logfmt', write, now: () => noon });
  const gaps = createGapLog(log, { account: 'a' }, clock);
  return {
    lines,
    gaps,
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        await clock.advance(1_000);
        gaps.report();
      }
    },
  };
}

const minute = 60_000;

test('logs the gap of a single target with its name', async () => {
  const { lines, gaps, pass } = setUp();
  gaps.add('news', { from: noon - 2 * minute, to: noon - minute });
  await pass(60);

  expect(lines).toEqual(['account=a target=news from=2026-03-01T11:58:00.000Z to=2026-03-01T11:59:00.000Z']);
});

test('logs the gaps of 300 targets after a long outage as one line', async () => {
  const { lines, gaps, pass } = setUp();
  for (let i = 0; i < 300; i++) {
    gaps.add(`s${i}`, { from: noon - (i + 2) * minute, to: noon - minute - i });
    if (i % 60 === 0) await pass(1);
  }
  await pass(60);

  expect(lines).toEqual([
    'account=a gaps=300 some_targets="s0, s1, s2, s3, s4, s5, s6, s7, s8, s9" from=2026-03-01T06:59:00.000Z to=2026-03-01T11:59:00.000Z',
  ]);
});

test('logs gaps that follow each other after 30 s, and the rest at the end', async () => {
  const { lines, gaps, pass } = setUp();
  for (let i = 0; i < 40; i++) {
    gaps.add(`s${i}`, { from: noon - 2 * minute, to: noon - minute });
    await pass(1);
  }
  gaps.flush();
  gaps.flush();

  expect(lines.map((line) => /gaps=\d+/.exec(line)?.[0])).toEqual(['gaps=30', 'gaps=10']);
});
