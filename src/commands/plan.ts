import type { Config } from '../config/config.ts';
import { readConfigFile } from '../config/load.ts';
import { type Question, questionOf } from '../model/capabilities.ts';
import { effectiveIntervalMs } from '../model/effective-interval.ts';
import { secondMs } from '../model/time.ts';
import { toDiagnosticLines } from '../text/diagnostics.ts';
import { toDurationText } from '../text/units.ts';
import type { Runtime } from './runtime.ts';

/** Expected load of one operation of one account. */
export interface PlannedOperation {
  readonly account: string;
  readonly operation: string;
  readonly targets: number;
  /** Shortest and longest configured interval; undefined without targets. */
  readonly intervalsMs: readonly [minMs: number, maxMs: number] | undefined;
  /** Requests per second that the configured intervals require. */
  readonly required: number;
  /** Configured budget, in requests per second. */
  readonly budget: number;
  /** Longest interval at which each target is polled within the budget. */
  readonly effectiveIntervalMs: number;
}

/** Prints the load that the config in `file` causes, with warnings where it exceeds a budget. Returns the exit code. */
export async function runPlan(file: string, { out, err }: Pick<Runtime, 'out' | 'err'>): Promise<number> {
  const loaded = await readConfigFile(file);
  if ('problems' in loaded) {
    for (const line of toDiagnosticLines(file, loaded.problems)) err(`${line}\n`);
    return 2;
  }
  const plan = planOf(loaded.config);
  out(toTable(plan));
  for (const line of plan.flatMap(warning)) out(`${line}\n`);
  return 0;
}

/** Returns the load of each operation of each account, in the order of the config. */
export function planOf(config: Config): readonly PlannedOperation[] {
  return config.accounts.flatMap(({ name, requestsPerSecond }) =>
    Object.entries(requestsPerSecond).map(([operation, budget]) => {
      const question = questionOf(operation);
      const intervalsMs = question === undefined ? [] : intervalsOf[question](config, name);
      const maxMs = intervalsMs.reduce((max, ms) => Math.max(max, ms), 0);
      const minMs = intervalsMs.reduce((min, ms) => Math.min(min, ms), maxMs);
      return {
        account: name,
        operation,
        targets: intervalsMs.length,
        intervalsMs: intervalsMs.length === 0 ? undefined : ([minMs, maxMs] as const),
        required: intervalsMs.reduce((sum, ms) => sum + secondMs / ms, 0),
        budget,
        effectiveIntervalMs: effectiveIntervalMs(intervalsMs.length, maxMs, budget),
      };
    }),
  );
}

/** Configured intervals of the targets of an account, by question. */
const intervalsOf: Readonly<Record<Question, (config: Config, account: string) => readonly number[]>> = {
  push_stats: ({ pushTargets }, account) =>
    pushTargets.filter(({ stream }) => stream.account === account).map(({ intervalMs }) => intervalMs),
  control_history: ({ controlTargets }, account) =>
    controlTargets.filter((target) => target.account === account).map(({ intervalMs }) => intervalMs),
};

const header = [
  'account',
  'operation',
  'targets',
  'requested interval',
  'requests/s',
  'budget/s',
  'effective interval',
];

function toTable(plan: readonly PlannedOperation[]): string {
  const rows = plan.map(
    ({ account, operation, targets, intervalsMs, required, budget, effectiveIntervalMs: ms }) => [
      account,
      operation,
      String(targets),
      intervalsMs === undefined ? '-' : [...new Set(intervalsMs)].map(toDurationText).join('-'),
      toShortNumber(required),
      toShortNumber(budget),
      targets === 0 ? '-' : toWholeSeconds(ms),
    ],
  );
  const widths = header.map((title, i) =>
    Math.max(...[header, ...rows].map((row) => (row[i] ?? title).length)),
  );
  // Account and operation are texts: align them left, and the numbers right.
  const pad = (cell: string, i: number) =>
    i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return `${[header, ...rows].map((row) => row.map(pad).join('  ').trimEnd()).join('\n')}\n`;
}

function warning({
  account,
  operation,
  required,
  budget,
  effectiveIntervalMs: ms,
}: PlannedOperation): string[] {
  if (required <= budget) return [];
  return [
    `warning: ${account}: the intervals require ${toShortNumber(required)} requests/s of ${operation}, but the budget ` +
      `is ${toShortNumber(budget)}/s: each target is polled every ${toWholeSeconds(ms)} instead. No data is lost, but ` +
      `gauges are older, and push_up becomes unknown after three such intervals without an answer.`,
  ];
}

function toWholeSeconds(ms: number): string {
  return toDurationText(Math.ceil(ms / secondMs) * secondMs);
}

/** Rounds to two decimals. */
export function toShortNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}
