import { expect, test } from 'vitest';
import { without } from '../../src/store/fold-all.ts';

test('omits the problems of the given records only', () => {
  const problems = [
    'push_stats ["a"]: a saved change is missing (state.journal-1)',
    'push_stats ["a"]b: a saved change is missing (state.journal-1)',
    'push_stats ["c: d"]: cannot be read: too short (state.journal-1)',
    'push_stats ["c: e"]: cannot be read: too short (state.journal-1)',
    'state.journal-1: the line at byte 7 is damaged',
  ];

  const targetKeys = new Set(['push_stats ["a"]', 'push_stats ["c: d"]', 'push_stats ["other"]']);

  expect(without(problems, targetKeys)).toEqual([problems[1], problems[3], problems[4]]);
});

test('looks each problem up instead of comparing it with each record', () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `push_stats ["s${i}"]`);
  const keys = new Set(names);
  let lookups = 0;
  const targetKeys = {
    has(key: string) {
      lookups++;
      return keys.has(key);
    },
  };

  const problems = [...names, 'other'].map((name) => `${name}: a saved change is missing`);

  expect(without(problems, targetKeys)).toEqual(['other: a saved change is missing']);
  expect(lookups).toBe(20_001);
});
