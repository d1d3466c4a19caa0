import type { Config } from '../config/config.ts';
import { readConfigFile } from '../config/load.ts';
import type { Question } from '../model/capabilities.ts';
import { secondMs } from '../model/time.ts';
import { toDiagnosticLines } from '../text/diagnostics.ts';
import { toTableLines } from '../text/table.ts';
import { toDurationText } from '../text/units.ts';
import { type PlannedOperation, planOf } from './plan-load.ts';
import type { Runtime } from './runtime.ts';

/** Numbers of discovered streams per account that `plan` assumes by default. */
const assumedStreams: readonly number[] = [200, 5_000];

/** Settings of `runPlan`. */
export interface PlanFlags {
  readonly configFile: string;
  /**
   * Number of discovered streams that each account with discovery is assumed to have; undefined for the
   * defaults.
   */
  readonly streams?: number | undefined;
}

/**
 * Prints the request load that a config causes. Also prints a warning for each operation whose load exceeds
 * its budget (the configured rate limit), or whose budget is so small that data is lost. The number of
 * discovered streams is unknown before the start, so a second table shows the load for assumed numbers.
 * Returns the exit code: 0, or 2 if the config is invalid.
 */
export async function runPlan(
  { configFile: file, streams }: PlanFlags,
  { out, err }: Pick<Runtime, 'out' | 'err'>,
): Promise<number> {
  const loaded = await readConfigFile(file);
  if ('problems' in loaded) {
    for (const line of toDiagnosticLines(file, loaded.problems)) err(`${line}\n`);
    return 2;
  }
  const { config } = loaded;
  const plan = planOf(config);
  out(toTable(columns, plan));
  for (const operation of plan) for (const line of warningsOf(operation)) out(`${line}\n`);
  if (config.discoveryTargets.length > 0) {
    printAssumptions(config, streams === undefined ? assumedStreams : [streams], out);
  }
  return 0;
}

/** Load of an operation with an assumed number of discovered streams. */
interface AssumedOperation extends PlannedOperation {
  readonly discovered: number;
}

/** Reports whether the load of a kind of data depends on the number of discovered streams. */
function dependsOnStreams(question: Question): boolean {
  return question === 'push_stats' || question === 'online_streams' || question === 'live_push_stats';
}

/** Prints the load of the accounts with discovery for each assumed number of discovered streams. */
function printAssumptions(config: Config, counts: readonly number[], out: Runtime['out']): void {
  const accounts = new Set(config.discoveryTargets.map(({ account }) => account));
  const free = config.limits.maxStreams - config.pushTargets.length;
  const assumed = [...new Set(counts.map((count) => Math.min(count, free)))].flatMap((discovered) =>
    planOf(config, discovered)
      .filter(({ account, question }) => accounts.has(account) && dependsOnStreams(question))
      .map((operation): AssumedOperation => ({ discovered, ...operation })),
  );
  out('\nThe number of discovered streams is unknown before the start. With an assumed number per account\n');
  out('(--streams=N, at most limits.max_streams without the streams of the config):\n\n');
  out(toTable(assumedColumns, assumed));
  for (const { discovered, ...operation } of assumed) {
    if (!operation.losesData && operation.catchUpMs !== Number.POSITIVE_INFINITY) continue;
    for (const line of warningsOf(operation)) out(`with ${discovered} discovered streams: ${line}\n`);
  }
}

/** Table columns: each title has a function that returns the text of the cell for one row. */
type Columns<Row> = Readonly<Record<string, (row: Row) => string>>;

const columns: Columns<PlannedOperation> = {
  account: ({ account }) => account,
  operation: ({ operation }) => operation,
  targets: ({ targets }) => String(targets),
  'configured interval': ({ intervalsMs }) => [...new Set(intervalsMs)].map(toDurationText).join('-') || '-',
  'required requests/s': ({ required }) => toShortNumber(required),
  'budget requests/s': ({ budget }) => toShortNumber(budget),
  'effective interval': ({ targets, effectiveIntervalMs }) =>
    targets === 0 ? '-' : toWholeSeconds(effectiveIntervalMs),
  'catch-up after 1h': ({ catchUpMs: ms }) => {
    if (ms === undefined) return '-';
    return Number.isFinite(ms) ? toWholeSeconds(ms) : 'never';
  },
  feeds: ({ question, targets }) => (targets > 0 ? feeds[question] : '-'),
};

/** What the answers of an operation feed, by kind of data. */
const feeds: Readonly<Record<Question, string>> = {
  push_stats: 'counters and gauges',
  live_push_stats: 'gauges',
  online_streams: 'discovery',
  control_history: 'control actions',
  forbidden_streams: 'bans',
  stream_state: 'bans',
};

const assumedColumns: Columns<AssumedOperation> = {
  account: ({ account: name }) => name,
  operation: (row) => row.operation,
  'discovered streams': ({ discovered }) => String(discovered),
  ...columns,
};

const gaugesDelayed =
  'No data is lost, but gauges change later, and livestream_push_up becomes absent (unknown) after three such ' +
  'intervals without a response';

/** What comes later if polls come less often, by kind of data. */
const delayed: Readonly<Record<Question, string>> = {
  push_stats: gaugesDelayed,
  live_push_stats: gaugesDelayed,
  online_streams: 'New streams are found later, and a push that ends before that is not found',
  control_history: 'No data is lost, but control actions count later',
  forbidden_streams: 'The begin and the end of a ban appear later',
  stream_state: 'The begin and the end of a ban appear later',
};

/** Titles of the columns with texts. The others have numbers. */
const textColumns: ReadonlySet<string> = new Set(['account', 'operation', 'feeds']);

function toTable<Row>(columnsOf: Columns<Row>, rows: readonly Row[]): string {
  const cells = rows.map((row) => Object.values(columnsOf).map((cellOf) => cellOf(row)));
  const lines = toTableLines([Object.keys(columnsOf), ...cells], (title) => !textColumns.has(title));
  return lines.map((line) => `${line}\n`).join('');
}

/** Returns the warning of an operation whose budget is too small, if it is. */
function warningsOf(planned: PlannedOperation): readonly string[] {
  if (planned.losesData) return [lossWarning(planned)];
  if (planned.catchUpMs === Number.POSITIVE_INFINITY) return [outageWarning(planned)];
  return planned.isTooFast ? [warning(planned)] : [];
}

function warning({
  account: name,
  operation: method,
  question,
  intervalsMs: [, longestMs] = [0, 0],
  required,
  budget,
  allowed,
  effectiveIntervalMs,
  isListed,
}: PlannedOperation): string {
  const effective = toWholeSeconds(effectiveIntervalMs);
  // If the longest interval can be kept, only shorter ones become longer.
  const polls =
    effectiveIntervalMs > longestMs
      ? `each target is polled every ${effective}`
      : `targets with shorter intervals than ${effective} are polled less often than configured`;
  const effect = isListed
    ? 'No data is lost, but counters change later. The gauges come from a list of live pushes too (feeds: gauges)'
    : delayed[question];
  return (
    `warning: account ${name}: the configured intervals require ${toShortNumber(required)} requests/s of ${method}, ` +
    `but the budget of ${toShortNumber(budget)} requests/s allows only ${toShortNumber(allowed)} (requests are spaced 10 % wider), ` +
    `so ${polls}. ${effect}. To avoid this, raise requests_per_second or the intervals.`
  );
}

function lossWarning(planned: PlannedOperation): string {
  const { budget, targets, effectiveIntervalMs } = planned;
  return (
    `warning: account ${planned.account}: the budget of ${toShortNumber(budget)} requests/s of ${planned.operation} is too small for ` +
    `${targets} targets: each target is polled every ${toWholeSeconds(effectiveIntervalMs)}, but one request covers less ` +
    'time than that. The exporter falls behind until the provider no longer retains the data, which is then lost. ' +
    'Raise requests_per_second or remove targets.'
  );
}

function outageWarning(planned: PlannedOperation): string {
  const { budget, targets, effectiveIntervalMs } = planned;
  return (
    `warning: account ${planned.account}: the budget of ${toShortNumber(budget)} requests/s of ${planned.operation} suffices for ` +
    `${targets} targets only without an outage: each target is polled every ${toWholeSeconds(effectiveIntervalMs)}. ` +
    'After an outage of an hour, the targets never catch up and fall behind until the provider no longer retains the ' +
    'data, which is then lost. Raise requests_per_second or remove targets.'
  );
}

function toWholeSeconds(ms: number): string {
  return toDurationText(Math.ceil(ms / secondMs) * secondMs);
}

/** Formats a number with at most two decimals. */
export function toShortNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}
