import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { capabilities, lookups } from '../src/model/capabilities.ts';
import { isOnlyForDoctor } from '../src/model/operations.ts';
import { toDurationText } from '../src/text/units.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'providers.md'), 'utf8');
const operations = [...capabilities, ...lookups];
const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

test('the tables of the operations have the values of the program', () => {
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

test('the policies allow exactly the operations of each API that the daemon requests', () => {
  const allowed = page.match(/(?<=")live:\w+(?=")/g) ?? [];
  const called = operations
    .filter(({ api, operation }) => api !== 'statcgi' && !isOnlyForDoctor(operation))
    .map(({ operation }) => `live:${operation}`);

  expect(allowed.toSorted()).toEqual(called.toSorted());
});

function byOperation(a: { operation: string | undefined }, b: { operation: string | undefined }): number {
  return String(a.operation).localeCompare(String(b.operation));
}
