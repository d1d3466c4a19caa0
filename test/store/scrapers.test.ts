import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadScrapers, saveScrapers } from '../../src/store/scrapers.ts';
import { noon } from '../support/samples.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'livestream-scrapers-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('who scraped is loaded again, and the newest save stands', () => {
  saveScrapers(folder, new Map([['["192.0.2.1","Prometheus/3"]', noon - 1000]]));
  const newest = new Map([
    ['["192.0.2.1","Prometheus/3"]', noon],
    ['["192.0.2.2","vmagent"]', noon + 1],
  ]);
  saveScrapers(folder, newest);

  expect(loadScrapers(folder)).toEqual(newest);
  expect(readdirSync(folder)).toEqual(['scrapers.json']);
});

test.each(['', '{"a": 1}', '[["a"', '[1, ["a"], ["b", "soon"], ["c", null]]'])(
  'a file that says %j names nobody',
  (text) => {
    writeFileSync(join(folder, 'scrapers.json'), text);

    expect(loadScrapers(folder)).toEqual(new Map());
  },
);

test('without a file there is nobody', () => {
  expect(loadScrapers(folder)).toEqual(new Map());
});
