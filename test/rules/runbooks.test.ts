import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { knownMetrics, metricsIn } from '../support/known-metrics.ts';
import { blocksIn } from '../support/markdown.ts';

const root = join(import.meta.dirname, '..', '..');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly severity: string };
}

// Cast: rules.test.ts and promtool check the shape of the rule file.
const ruleFile = parse(read('config/rules/livestream.rules.yml')) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = ruleFile.groups.flatMap((group) => group.rules);
const alerts = rules.flatMap(({ alert, expr, for: duration = '', labels }) =>
  alert === undefined ? [] : [{ alert, expr, duration, severity: labels?.severity ?? '' }],
);

const editions = [
  {
    language: 'English',
    directory: 'docs/runbooks',
    sections: ['## Meaning', '## Impact', '## Diagnosis', '## Mitigation'],
    link: (alert: string) => `[中文](zh-CN/${alert}.md)`,
  },
  {
    language: 'Chinese',
    directory: 'docs/runbooks/zh-CN',
    sections: ['## 含义', '## 影响', '## 诊断', '## 处理'],
    link: (alert: string) => `[English](../${alert}.md)`,
  },
];

describe.each(editions)('the runbooks in $language', ({ directory, sections, link }) => {
  test('are one page per alert', () => {
    const pages = readdirSync(join(root, directory)).filter((file) => file.endsWith('.md'));

    expect(alerts.length).toBeGreaterThan(20);
    expect(pages.sort()).toEqual(alerts.map(({ alert }) => `${alert}.md`).sort());
  });

  test.each(alerts)('$alert has the sections, and a link to the other language', ({ alert }) => {
    const lines = read(`${directory}/${alert}.md`).split('\n');

    expect(lines.filter((line) => line.startsWith('#'))).toEqual([`# ${alert}`, ...sections]);
    expect(lines).toContain(link(alert));
  });

  test.each(alerts)('$alert uses only metrics of the exporter', ({ alert }) => {
    const known = knownMetrics();
    const used = metricsIn(read(`${directory}/${alert}.md`));

    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  test.each(alerts)('$alert ends with a silence for the labels of the alert', ({ alert, expr }) => {
    const text = read(`${directory}/${alert}.md`);
    const last = blocksIn(text).at(-1)?.code ?? '';
    const [command = '', ...matchers] = last
      .replaceAll(/\\\n */g, '')
      .trim()
      .split(/ (?=\w+=)/);

    expect(text.endsWith('```\n')).toBe(true);
    expect(command).toMatch(/^amtool silence add --/);
    expect(matchers[0]).toBe(`alertname=${alert}`);
    expect(matchers.slice(1).map((matcher) => matcher.replace(/=.*/, ''))).toEqual(labelsOf(expr));
  });
});

test.each(alerts)('both runbooks of $alert show the same code, with at least one query', ({ alert }) => {
  const [english, chinese] = editions.map(({ directory }) => blocksIn(read(`${directory}/${alert}.md`)));

  expect(english?.some(({ language }) => language === 'promql')).toBe(true);
  expect(chinese).toEqual(english);
});

test('a runbook uses only recorded series that a rule records', () => {
  const recorded = new Set(rules.map(({ record }) => record));
  const used = alerts.flatMap(
    ({ alert }) => read(`docs/runbooks/${alert}.md`).match(/\w+:livestream_\w+:\w+/g) ?? [],
  );

  expect(used.length).toBeGreaterThan(3);
  expect(used.filter((name) => !recorded.has(name))).toEqual([]);
});

test('the table of alerts lists each alert with its runbook and severity, in the order of the rules', () => {
  expect(tableRows().map(({ condition, ...row }) => row)).toEqual(
    alerts.map(({ alert, severity }) => ({ alert, link: `runbooks/${alert}.md`, severity })),
  );
});

test('the table of alerts names how long each condition must last', () => {
  const wrong = tableRows().filter(({ condition }, i) => {
    const [, count, unit] = /^(\d+)([sm])$/.exec(alerts[i]?.duration ?? '') ?? [];
    return count !== undefined && !condition.includes(`for ${count} ${unit === 'm' ? 'min' : 's'}`);
  });

  expect(wrong).toEqual([]);
});

/** Returns the rows of the table of alerts. */
function tableRows() {
  const rows = read('docs/alerting.md').matchAll(/^\| \[(\w+)\]\((\S+)\) \| (.+) \| (\w+) \|$/gm);
  return [...rows].map(([, alert, link, condition = '', severity]) => ({ alert, link, condition, severity }));
}

/** Returns the labels of an alert: those of the first aggregation or match in its expression. */
function labelsOf(expr: string): readonly string[] {
  const found = /\b(?:by|on) \(([^)]*)\)|absent\(\w+\{(\w+)=/.exec(expr);
  return (found?.[1] ?? found?.[2])?.split(', ') ?? [];
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
