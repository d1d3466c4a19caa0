import { expect, test } from 'vitest';
import { parseFlags, usage } from './flags.ts';

const known = ['one', 'two', 'three'];

test('runs all cells with nine rounds by default', () => {
  expect(parseFlags([], known)).toEqual({
    what: 'run',
    cells: known,
    rounds: 9,
    isShort: false,
    isStrict: false,
    json: undefined,
    page: undefined,
  });
});

test('runs named cells once, in the order of definition', () => {
  const args = ['--cell', 'three', '--cell', 'one', '--cell', 'three'];

  expect(parseFlags(args, known)).toMatchObject({ what: 'run', cells: ['one', 'three'] });
});

test('runs one round in a short run unless --rounds is set', () => {
  expect(parseFlags(['--short'], known)).toMatchObject({ rounds: 1, isShort: true });
  expect(parseFlags(['--short', '--rounds', '3'], known)).toMatchObject({ rounds: 3 });
});

test.each([
  [['--cell', 'four'], 'unknown cell "four"'],
  [['--rounds', '0'], '--rounds: expected a whole number from 1 to 99'],
  [['--rounds', '2.5'], '--rounds: expected a whole number from 1 to 99'],
  [['--rounds', ''], '--rounds: expected a whole number from 1 to 99'],
  [['--fast'], "Unknown option '--fast'"],
  [['scrape'], "Unexpected argument 'scrape'"],
])('rejects %j', (args, problem) => {
  const parsed = parseFlags(args, known);

  expect(parsed).toMatchObject({ what: 'unusable', problem: expect.stringContaining(problem) });
});

test('lists every cell in the help text', () => {
  expect(parseFlags(['--help'], known)).toEqual({ what: 'help' });
  expect(usage([{ name: 'one', about: 'the first' }])).toMatch(/^ {2}one +the first$/m);
});
