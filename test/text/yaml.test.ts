import { expect, test } from 'vitest';
import { parseYaml } from '../../src/text/yaml.ts';

function problemsOf(text: string): readonly string[] {
  const yaml = parseYaml(text);
  return 'problems' in yaml ? yaml.problems.map((problem) => problem.text) : [];
}

test.each([
  ['flow lists', (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`],
  ['block lists', (depth: number) => `${'- '.repeat(depth)}a`],
  ['mappings', (depth: number) => Array.from({ length: depth }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
])('limits the nesting depth of %s', (_, nested) => {
  expect(problemsOf(nested(50))).toEqual([]);
  expect(problemsOf(nested(60))).toEqual(['nested too deeply']);
});

test('drops a diagnostic of the caller at a path with a diagnostic of its own', () => {
  const yaml = parseYaml('a: 1\na: *none\nb: 2', (value) => (value === 2 ? 'not two' : undefined));

  const found = [
    { path: ['a'], text: 'dropped' },
    { path: ['b'], atKey: true, text: 'kept' },
  ];
  expect(
    'locate' in yaml && yaml.locate(found).map(({ line, column, text }) => [line, column, text]),
  ).toEqual([
    [2, 1, 'duplicate key'],
    [2, 4, 'unknown alias; define its anchor before it'],
    [3, 1, 'kept'],
    [3, 4, 'not two'],
  ]);
});
