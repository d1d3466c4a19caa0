import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern, patternProblem } from '../../src/model/name-pattern.ts';

test.each([
  ['.*', ['', 'news', '新闻'], ['a\nb']],
  ['', [''], ['a']],
  ['news', ['news'], ['news2', 'xnews']],
  ['^news$', ['news'], ['news2']],
  ['news-.+', ['news-1'], ['news-', 'xnews-1']],
  ['a|b|', ['a', 'b', ''], ['ab']],
  ['(news|sport)_\\d{2,3}', ['news_01', 'sport_123'], ['news_1', 'sport_1234']],
  ['[^a-c-]+', ['xyz', ']'], ['xay', 'x-y', '']],
  ['[]a]\\.x?', [']', 'a.', 'a.x'].slice(1), ['ax', ']']],
  ['(?:ab)*?c', ['c', 'ababc'], ['abab']],
  ['\\w+\\s\\S\\W\\D', ['ab x-y'], ['ab x1y']],
  ['(a*)*', ['', 'aaaa'], ['b']],
  ['a{2}', ['aa'], ['a', 'aaa']],
  ['a{0,1}b{1,}', ['b', 'abb'], ['aab']],
  ['😀.', ['😀😀', '😀x'], ['😀']],
])('the pattern %s matches whole names', (pattern, matching, others) => {
  const matches = compilePattern(pattern);

  expect(matching.filter((name) => !matches(name))).toEqual([]);
  expect(others.filter(matches)).toEqual([]);
});

test.each([
  ['(a', 'has a ( without )'],
  ['a)', 'has a ) without ('],
  ['[a', 'ends unexpectedly'],
  ['a\\', 'ends unexpectedly'],
  ['*a', 'has a * with nothing to repeat; write \\* for the character'],
  ['a**', 'repeats a repetition; use a group'],
  ['a{3,2}', 'has a repetition whose minimum is above its maximum'],
  ['a{1001}', 'is too complex; use smaller repetitions'],
  ['((a{100}){100}){100}', 'is too complex; use smaller repetitions'],
  ['(?=a)', 'has a group with (?, which is not supported except for (?:'],
  ['(a)\\1', 'has \\1, which is not supported'],
  ['\\bnews', 'has \\b, which is not supported'],
  ['[b-a]', 'has the range b-a, whose ends are in the wrong order'],
  ['[[:alpha:]]', 'has a class such as [:alpha:], which is not supported'],
  ['a$b', 'has a $ inside; it always matches the whole name'],
  [`${'('.repeat(60)}${')'.repeat(60)}`, 'has too many nested groups'],
])('explains the problem of the pattern %s', (pattern, problem) => {
  expect(patternProblem(pattern)).toBe(problem);
});

test('agrees with the regular expressions of JavaScript', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\d', '(a|b)', '(ab)', '()');
  const part = fc.tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{1,}', '*?'));
  const pattern = fc
    .array(fc.oneof(part, fc.constant(['|', ''])), { maxLength: 6 })
    .map((parts) => parts.flat().join(''));
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1'), maxLength: 6 }),
      (text, name) => {
        expect(compilePattern(text)(name)).toBe(new RegExp(`^(?:${text})$`).test(name));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('compiles any number of repetitions of nothing in few steps', () => {
  for (const pattern of ['(){1000000000}', '(a{0}){1000000000}', '((){100000}){100000}']) {
    expect(compilePattern(pattern)('')).toBe(true);
    expect(compilePattern(pattern)('a')).toBe(false);
  }
});

test('matches a long name in few steps, however the pattern repeats', () => {
  const matches = compilePattern('(.*.*.*.*a|(x+x+)+y)');
  let steps = 0;
  const name = {
    *[Symbol.iterator]() {
      for (let i = 0; i < 255; i++) {
        steps++;
        yield 'x';
      }
    },
  };

  // The matcher reads each character once.
  expect(matches(name as unknown as string)).toBe(false);
  expect(steps).toBe(255);
});
