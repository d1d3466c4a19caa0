import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { capabilities, lookups } from '../src/model/capabilities.ts';
import { isOnlyForDoctor } from '../src/model/operations.ts';
import { toDurationText } from '../src/text/units.ts';

const operations = [...capabilities, ...lookups];
const pages = ['providers.md', join('zh-CN', 'providers.md')];
const read = (page: string) => readFileSync(join(import.meta.dirname, '..', 'docs', page), 'utf8');

test.each(pages)('the tables of %s have the values of the program', (page) => {
  const rows = read(page)
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const documented = rows
    .filter((cells) => cells.length === 9 && operations.some(({ operation }) => operation === cells[1]))
    .map(([, operation, , , budget, interval, span, history]) => ({
      operation,
      budget,
      interval,
      span,
      history,
    }));

  expect(documented.toSorted(byOperation)).toEqual(
    operations
      .map((each) => ({
        operation: each.operation,
        budget: String(each.requestsPerSecond),
        interval: 'intervalMs' in each ? toDurationText(each.intervalMs) : '',
        span: 'spanMs' in each ? toDurationText(each.spanMs) : '',
        history: 'retentionMs' in each ? toDurationText(each.retentionMs) : 'now',
      }))
      .toSorted(byOperation),
  );
});

test.each(pages)('the policies of %s allow exactly the operations that the daemon requests', (page) => {
  const allowed = read(page).match(/(?<=")live:\w+(?=")/g) ?? [];
  const called = operations
    .filter(({ api, operation }) => api !== 'statcgi' && !isOnlyForDoctor(operation))
    .map(({ operation }) => `live:${operation}`);

  expect(allowed.toSorted()).toEqual(called.toSorted());
});

function byOperation(a: { operation: string | undefined }, b: { operation: string | undefined }): number {
  return String(a.operation).localeCompare(String(b.operation));
}
