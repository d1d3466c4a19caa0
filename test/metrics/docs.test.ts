import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlFamilies, controlTexts } from '../../src/metrics/control/control-families.ts';
import { createExporterMetrics } from '../../src/metrics/exporter/exporter-metrics.ts';
import { pushFamilies, streamTexts } from '../../src/metrics/push/push-families.ts';
import type { Family } from '../../src/metrics/table/family.ts';
import { lineName } from '../../src/metrics/table/text-format.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'metrics.md'), 'utf8');

/** The page lists the identity labels of streams once, above the tables. */
const identity: readonly string[] = streamTexts.stream;

function row(name: string, type: string, labels: readonly string[], help: string): string {
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
}

function familyRow(family: Family<never, string>, carried: readonly string[]): string {
  const own = Object.keys(family.points[0]?.labels ?? {});
  const named = carried.includes('stream') ? carried.filter((label) => !identity.includes(label)) : carried;
  return row(lineName(family), family.type, [...named, ...own], family.help);
}

const pushRows = pushFamilies.map((family) => familyRow(family, streamTexts[family.text]));
const controlRows = controlFamilies.map((family) => familyRow(family, controlTexts[family.text]));
const exporterRows = createExporterMetrics({ version: '', nodeVersion: '' }).list.map(
  ({ name, type, labelNames, help }) => row(name, type, labelNames, help),
);

test('lists each metric with its type, labels and help on the page, and no other', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `livestream_'));

  expect(rows.sort()).toEqual([...pushRows, ...controlRows, ...exporterRows].sort());
});
