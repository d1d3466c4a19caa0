import { expect, test } from 'vitest';
import { createBugLog } from '../../src/log/bug-log.ts';
import { createLogLines } from '../support/log-lines.ts';
import { createManualClock } from '../support/manual-clock.ts';

function setUp() {
  const clock = createManualClock();
  const { log, lines } = createLogLines(clock.now);
  return { clock, log, lines, bugs: createBugLog(log, clock, { account: 't' }) };
}

test('logs an error with its stack', () => {
  const { bugs, lines } = setUp();

  bugs.report('save', new TypeError('x is not a function'));

  expect(lines).toEqual([
    expect.stringMatching(
      /level=error msg="bug: background work failed.*" account=t work=save error="x is not a function" error_stack="TypeError.*bug-log\.test\.ts/,
    ),
  ]);
});

test('logs an error with the same cause once an hour', async () => {
  const { bugs, lines, clock } = setUp();

  for (let i = 0; i < 10; i++) bugs.report('save', new Error(`no row ${i}`));
  expect(lines).toHaveLength(1);
  bugs.report('poll', new Error('no row 1'));
  bugs.report('save', new Error('no column'));
  bugs.report('save', 'no text');
  expect(lines).toHaveLength(4);
  await clock.advance(3_600_000);
  bugs.report('save', new Error('no row 1'));

  expect(lines).toHaveLength(5);
});

test('remembers at most a hundred causes', () => {
  const { bugs, lines } = setUp();
  const name = (i: number) => `error ${String.fromCharCode(103 + (i % 20), 103 + Math.floor(i / 20))}`;

  for (let i = 0; i <= 100; i++) bugs.report('save', new Error(name(i)));
  bugs.report('save', new Error(name(100)));
  expect(lines).toHaveLength(101);
  bugs.report('save', new Error(name(0)));

  expect(lines).toHaveLength(102);
});

test('guards work that throws or rejects, and a log that throws', async () => {
  const { bugs, lines, log, clock } = setUp();
  const done: string[] = [];

  await bugs.guard('first', () => {
    throw new Error('a bug');
  });
  await bugs.guard('second', () => Promise.reject(new Error('a bug')));
  await bugs.guard('third', () => void done.push('third'));
  const broken = createBugLog({ ...log, error: () => expect.unreachable() }, clock);
  await broken.guard('fourth', () => Promise.reject(new Error('a bug')));

  expect(lines).toHaveLength(2);
  expect(done).toEqual(['third']);
});
