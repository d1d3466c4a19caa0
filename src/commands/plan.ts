import type { Account, Config } from '../config/config.ts';
import { readConfigFile } from '../config/load.ts';
import { effectiveIntervalMs } from '../model/effective-interval.ts';
import { secondMs } from '../model/time.ts';
import { toDiagnosticLines } from '../text/diagnostics.ts';
import { toDurationText } from '../text/units.ts';
import type { Runtime } from './runtime.ts';

/** What one operation of one account will be asked, before anything is sent. */
export interface PlannedOperation {
  readonly account: string;
  readonly operation: string;
  readonly targets: number;
  /** The shortest and the longest that the config wants; undefined without a target. */
  readonly intervalsMs: readonly [shortest: number, longest: number] | undefined;
  /** Calls a second that the intervals ask for. */
  readonly needed: number;
  /** Calls a second at most. */
  readonly budget: number;
  /** How often each target will really be asked, at the least. */
  readonly effectiveIntervalMs: number;
}

/** Says what the config in `file` will cost, and where it asks for more than its budgets allow. Gives the exit code. */
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

/** One for each operation of each account, in the order of the config. */
export function planOf(config: Config): readonly PlannedOperation[] {
  return config.accounts.flatMap((account) =>
    Object.entries(account.requestsPerSecond).map(([operation, budget]) => {
      const intervalsMs = intervalsOf(config, account);
      const longestMs = intervalsMs.reduce((longest, ms) => Math.max(longest, ms), 0);
      const shortestMs = intervalsMs.reduce((shortest, ms) => Math.min(shortest, ms), longestMs);
      return {
        account: account.name,
        operation,
        targets: intervalsMs.length,
        intervalsMs: intervalsMs.length === 0 ? undefined : ([shortestMs, longestMs] as const),
        needed: intervalsMs.reduce((sum, ms) => sum + secondMs / ms, 0),
        budget,
        effectiveIntervalMs: effectiveIntervalMs(intervalsMs.length, longestMs, budget),
      };
    }),
  );
}

/** Each account is asked by one operation so far. */
function intervalsOf(
  { pushTargets, controlTargets }: Config,
  { name, provider }: Account,
): readonly number[] {
  return provider === 'tencent'
    ? pushTargets.filter(({ stream }) => stream.account === name).map(({ intervalMs }) => intervalMs)
    : controlTargets.filter(({ account }) => account === name).map(({ intervalMs }) => intervalMs);
}

const heads = ['account', 'operation', 'targets', 'wanted every', 'calls/s', 'budget/s', 'really every'];

function toTable(plan: readonly PlannedOperation[]): string {
  const rows = plan.map(
    ({ account, operation, targets, intervalsMs, needed, budget, effectiveIntervalMs: ms }) => [
      account,
      operation,
      String(targets),
      intervalsMs === undefined ? '-' : [...new Set(intervalsMs)].map(toDurationText).join('-'),
      shortNumber(needed),
      shortNumber(budget),
      targets === 0 ? '-' : toDurationText(Math.ceil(ms / secondMs) * secondMs),
    ],
  );
  const widths = heads.map((head, i) => Math.max(...[heads, ...rows].map((row) => (row[i] ?? head).length)));
  const isText = (i: number) => i < 2;
  const toLine = (row: readonly string[]) =>
    row
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return `${[heads, ...rows].map(toLine).join('\n')}\n`;
}

function warning({
  account,
  operation,
  needed,
  budget,
  effectiveIntervalMs: ms,
}: PlannedOperation): string[] {
  if (needed <= budget) return [];
  const every = toDurationText(Math.ceil(ms / secondMs) * secondMs);
  return [
    `warning: ${account}: the intervals ask for ${shortNumber(needed)} calls of ${operation} a second, and the budget ` +
      `is ${shortNumber(budget)}: each target is asked every ${every} instead. Nothing is lost, gauges are older; ` +
      `push_up is unknown after three such rounds without an answer.`,
  ];
}

function shortNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}
