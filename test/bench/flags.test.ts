import { expect, test } from 'vitest';
import { parseFlags, usage } from './flags.ts';

const known = ['one', 'two', 'three'];

test('without flags all cells run, nine rounds each', () => {
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

test('named cells run in the order of the list, each once', () => {
  const args = ['--cell', 'three', '--cell', 'one', '--cell', 'three'];

  expect(parseFlags(args, known)).toMatchObject({ what: 'run', cells: ['one', 'three'] });
});

test('a short run has one round, unless it is told otherwise', () => {
  expect(parseFlags(['--short'], known)).toMatchObject({ rounds: 1, isShort: true });
  expect(parseFlags(['--short', '--rounds', '3'], known)).toMatchObject({ rounds: 3 });
});

test.each([
  [['--cell', 'four'], 'there is no cell "four"'],
  [['--rounds', '0'], '--rounds takes a whole number from 1 to 99'],
  [['--rounds', '2.5'], '--rounds takes a whole number from 1 to 99'],
  [['--rounds', ''], '--rounds takes a whole number from 1 to 99'],
  [['--fast'], "Unknown option '--fast'"],
  [['scrape'], "Unexpected argument 'scrape'"],
])('%j is no command line', (args, problem) => {
  const asked = parseFlags(args, known);

  expect(asked).toMatchObject({ what: 'unusable', problem: expect.stringContaining(problem) });
});

test('help names every cell', () => {
  expect(parseFlags(['--help'], known)).toEqual({ what: 'help' });
  expect(usage([{ name: 'one', about: 'the first' }])).toMatch(/^ {2}one +the first$/m);
});
