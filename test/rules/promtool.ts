import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

/**
 * Test of rules: series in the notation of promtool, by series, and the alerts that fire at some times. A time is checked
 * for all alerts: one that is not listed must not fire.
 */
export interface RuleCase {
  readonly name: string;
  /** Interval between two values of a series, which is also the evaluation interval. */
  readonly interval: string;
  readonly series: Readonly<Record<string, string>>;
  /** Alerts that fire, by time: name, or name and labels that tell it apart such as `LivestreamForbidden news`. */
  readonly firing: Readonly<Record<string, readonly string[]>>;
  /** Range before each time in which an alert counts, such as `2h`; absent: only the time itself counts. */
  readonly within?: string;
}

/** Labels that tell alerts of one name apart in `RuleCase.firing`, in this order. */
const shown = ['account', 'collector', 'operation', 'stream', 'instance', 'team'] as const;

const firingAlerts = 'ALERTS{alertstate="firing", alertname!="LivestreamWatchdog"}';

/** Runs test cases with promtool. Throws with its output if a case fails. */
export function runCases(rules: string, cases: readonly RuleCase[]): void {
  // promtool evaluates all tests of a file at one interval.
  const byInterval = Map.groupBy(cases, ({ interval }) => interval);
  runTestFiles(
    rules,
    [...byInterval].map(([interval, own]) => toFile(interval, own)),
  );
}

/**
 * Runs test files of promtool about a rule file. Throws an error that contains the command and what promtool writes to
 * its standard error, also if promtool does not end by itself.
 */
export function runTestFiles(rules: string, tests: readonly object[]): void {
  const directory = mkdtempSync(join(tmpdir(), 'livestream-rules-'));
  try {
    writeFileSync(join(directory, 'rules.yml'), rules);
    const files = tests.map((test, i) => {
      const file = join(directory, `${i}.test.yml`);
      writeFileSync(file, stringify({ rule_files: ['rules.yml'], ...test }));
      return file;
    });
    execFileSync('promtool', ['test', 'rules', ...files], { stdio: 'pipe', encoding: 'utf8' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function toFile(interval: string, cases: readonly RuleCase[]): object {
  return {
    evaluation_interval: interval,
    tests: cases.map(({ name, series, firing, within }) => ({
      name,
      interval,
      input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
      promql_expr_test: Object.entries(firing).map(([time, alerts]) => ({
        // Each alert is one series without the labels that do not matter.
        expr: `count by (alertname, ${shown.join(', ')}) (${within === undefined ? firingAlerts : `max_over_time(${firingAlerts}[${within}])`})`,
        eval_time: time,
        exp_samples: alerts.map((alert) => ({ labels: toLabels(alert), value: 1 })),
      })),
    })),
  };
}

/** Converts `Name label=value` to labels. */
function toLabels(alert: string): string {
  const [name = '', ...labels] = alert.split(' ');
  const pairs = labels.map((label) => label.split('='));
  for (const [label] of pairs) {
    if (!shown.some((each) => each === label)) throw new Error(`unknown label in ${alert}`);
  }
  return `{${[['alertname', name], ...pairs].map(([label, value]) => `${label}="${value}"`).join(', ')}}`;
}
