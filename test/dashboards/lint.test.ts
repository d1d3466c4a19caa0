import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboardFiles } from '../../dashboards/dashboards.ts';
import { type Finding, lint, rules } from './linter.ts';

interface Exclusions {
  readonly exclusions: Readonly<
    Record<
      string,
      { readonly reason: string; readonly entries: readonly { dashboard: string; panel?: string }[] }
    >
  >;
}

const path = join(import.meta.dirname, '..', '..', 'dashboards', '.lint');
// Shape: as the linter documents it; the tests below fail for anything else.
const { exclusions } = parse(readFileSync(path, 'utf8')) as Exclusions;
const findings = dashboardFiles().flatMap(({ dashboard }) => lint(dashboard));

function excludes(entry: { dashboard: string; panel?: string }, { dashboard, panel }: Finding): boolean {
  return entry.dashboard === dashboard && (entry.panel === undefined || entry.panel === panel);
}

test('the rules of the dashboard linter find nothing that .lint does not exclude', () => {
  const left = findings.filter(
    (finding) => !exclusions[finding.rule]?.entries.some((entry) => excludes(entry, finding)),
  );

  expect(left).toEqual([]);
});

test('every exclusion has a reason, names a rule and is needed', () => {
  for (const [rule, { reason, entries }] of Object.entries(exclusions)) {
    expect(Object.keys(rules)).toContain(rule);
    expect(reason).toMatch(/\.$/);
    for (const entry of entries) {
      const needed = findings.some((finding) => finding.rule === rule && excludes(entry, finding));
      expect([rule, entry, needed]).toEqual([rule, entry, true]);
    }
  }
});
