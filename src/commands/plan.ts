import type { Config } from '../config/config.ts';
import { readConfigFile } from '../config/load.ts';
import { capabilities, type Question, questionOf } from '../model/capabilities.ts';
import { catchUpMs, losesData, plannedOutageMs, type RequestLoad } from '../model/catch-up.ts';
import { effectiveIntervalMs, tokenSpacingMs } from '../model/effective-interval.ts';
import { type TargetTiming, totalLookbackMs } from '../model/target.ts';
import { secondMs } from '../model/time.ts';
import { toDiagnosticLines } from '../text/diagnostics.ts';
import { toDurationText } from '../text/units.ts';
import type { Runtime } from './runtime.ts';

/** Expected request load of one operation (API method) at one account. */
type PlannedOperation = ReturnType<typeof planOf>[number];

/**
 * Prints the request load that the config in `file` causes. Also prints a warning for each operation whose
 * load exceeds its budget (the configured rate limit), or whose budget is so small that data is lost. Returns the
 * exit code: 0, or 2 if the config is invalid.
 */
export async function runPlan(file: string, { out, err }: Pick<Runtime, 'out' | 'err'>): Promise<number> {
  const loaded = await readConfigFile(file);
  if ('problems' in loaded) {
    for (const line of toDiagnosticLines(file, loaded.problems)) err(`${line}\n`);
    return 2;
  }
  const plan = planOf(loaded.config);
  out(toTable(plan));
  for (const line of discoveryLines(loaded.config)) out(`${line}\n`);
  for (const operation of plan) {
    if (operation.losesData) out(`${lossWarning(operation)}\n`);
    else if (operation.catchUpMs === Number.POSITIVE_INFINITY) out(`${outageWarning(operation)}\n`);
    else if (operation.required > operation.budget) out(`${warning(operation)}\n`);
  }
  return 0;
}

/** Returns the expected request load of each operation at each account, in the order of the config. */
export function planOf(config: Config) {
  return config.accounts.flatMap(({ name, requestsPerSecond }) =>
    Object.entries(requestsPerSecond).flatMap(([operation, budget]) => {
      const question = questionOf(operation);
      // A lookup has no targets and is requested rarely.
      if (question === undefined) return [];
      const targets = targetsOf(config, name, question);
      const intervalsMs = targets.map(({ intervalMs }) => intervalMs);
      const maxMs = intervalsMs.reduce((max, ms) => Math.max(max, ms), 0);
      const minMs = intervalsMs.reduce((min, ms) => Math.min(min, ms), maxMs);
      const load = loadOf(targets, operation, maxMs, budget);
      return {
        account: name,
        operation,
        targets: targets.length,
        /**
         * Shortest and longest configured polling interval of the operation's targets (streams or domains) in
         * ms; undefined if the operation has no targets.
         */
        intervalsMs: targets.length === 0 ? undefined : ([minMs, maxMs] as const),
        /** Rate in requests per second that is required to poll all targets at their configured intervals. */
        required: intervalsMs.reduce((sum, ms) => sum + secondMs / ms, 0),
        /** Configured rate limit of the operation, in requests per second. */
        budget,
        /**
         * Actual polling interval in ms of a target with the longest configured interval. It is longer than
         * the configured interval if the budget is too small.
         */
        effectiveIntervalMs: effectiveIntervalMs(targets.length, maxMs, budget),
        /** Whether the budget is so small that data is lost in the long run. */
        losesData: load !== undefined && losesData(load),
        /**
         * Time in ms until all targets are up to date after an outage of an hour; undefined if the operation has
         * no targets.
         */
        catchUpMs: load && catchUpMs(load, plannedOutageMs),
      };
    }),
  );
}

interface PlannedTarget extends Partial<TargetTiming> {
  readonly intervalMs: number;
}

/**
 * Returns all targets (streams, domains or applications of domains) of `account` for which `question` (a kind of
 * data, such as push statistics) is requested.
 */
function targetsOf(
  { pushTargets, controlTargets, discoveryTargets }: Config,
  account: string,
  question: Question,
): readonly PlannedTarget[] {
  const targets = {
    push_stats: pushTargets.filter(({ stream }) => stream.account === account),
    control_history: controlTargets.filter((target) => target.account === account),
    online_streams: discoveryTargets.filter((target) => target.account === account),
  } satisfies Record<Question, unknown>;
  return targets[question];
}

/** Returns the load of an operation for the prediction of a catch-up; undefined if there are no targets. */
function loadOf(
  targets: readonly PlannedTarget[],
  operation: string,
  intervalMs: number,
  budget: number,
): RequestLoad | undefined {
  const capability = capabilities.find((each) => each.operation === operation);
  if (capability === undefined || !('spanMs' in capability) || targets.length === 0) return undefined;
  const { spanMs } = capability;
  const lookbackMs = targets.reduce(
    (max, { expectedDelayMs = 0, lookbackMs: own = 0 }) =>
      Math.max(max, totalLookbackMs({ expectedDelayMs, lookbackMs: own })),
    0,
  );
  return { targets: targets.length, spacingMs: tokenSpacingMs(budget), intervalMs, spanMs, lookbackMs };
}

/**
 * Columns of the printed table. Each title has a function that returns the text of the cell for one
 * operation.
 */
const columns: Readonly<Record<string, (operation: PlannedOperation) => string>> = {
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
};

function toTable(plan: readonly PlannedOperation[]): string {
  const aligned = Object.entries(columns).map(([title, cellOf], i) => {
    const cells = [title, ...plan.map(cellOf)];
    const width = Math.max(...cells.map((cell) => cell.length));
    // Align the first two columns, which contain texts, to the left, and the other columns, which contain
    // numbers, to the right.
    return cells.map((cell) => (i < 2 ? cell.padEnd(width) : cell.padStart(width)));
  });
  const header = 1;
  const lines = Array.from({ length: header + plan.length }, (_, row) =>
    aligned.map((cells) => cells[row]).join('  '),
  );
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function warning({ account, operation, required, budget, effectiveIntervalMs }: PlannedOperation): string {
  return (
    `warning: account ${account}: the configured intervals require ${toShortNumber(required)} requests/s of ${operation}, ` +
    `but the budget is ${toShortNumber(budget)} requests/s, so each target is polled every ${toWholeSeconds(effectiveIntervalMs)}. ` +
    'No data is lost, but gauges change later, and livestream_push_up becomes absent (unknown) after three such ' +
    'intervals without a response. To avoid this, raise requests_per_second or the intervals.'
  );
}

function lossWarning({ account, operation, budget, targets, effectiveIntervalMs }: PlannedOperation): string {
  return (
    `warning: account ${account}: the budget of ${toShortNumber(budget)} requests/s of ${operation} is too small for ` +
    `${targets} targets: each target is polled every ${toWholeSeconds(effectiveIntervalMs)}, but one request covers less ` +
    'time than that. The exporter falls behind until the provider no longer retains the data, which is then lost. ' +
    'Raise requests_per_second or remove targets.'
  );
}

function outageWarning({
  account,
  operation,
  budget,
  targets,
  effectiveIntervalMs,
}: PlannedOperation): string {
  return (
    `warning: account ${account}: the budget of ${toShortNumber(budget)} requests/s of ${operation} suffices for ` +
    `${targets} targets only without an outage: each target is polled every ${toWholeSeconds(effectiveIntervalMs)}. ` +
    'After an outage of an hour, the targets never catch up and fall behind until the provider no longer retains the ' +
    'data, which is then lost. Raise requests_per_second or remove targets.'
  );
}

/**
 * Returns a line for each account with discovery: how often its streams are polled, by their number, which is unknown
 * before the start.
 */
function discoveryLines({ accounts, pushTargets, discoveryTargets, limits }: Config): readonly string[] {
  return accounts.flatMap(({ name, requestsPerSecond }) => {
    const discovery = discoveryTargets.filter(({ account }) => account === name);
    const [operation, budget] =
      Object.entries(requestsPerSecond).find(([each]) => questionOf(each) === 'push_stats') ?? [];
    if (discovery.length === 0 || operation === undefined || budget === undefined) return [];
    const configured = pushTargets.filter(({ stream }) => stream.account === name);
    const intervals = [...configured, ...discovery.map(({ push }) => push)].map(
      ({ intervalMs }) => intervalMs,
    );
    const maxMs = intervals.reduce((max, ms) => Math.max(max, ms), 0);
    const inTime = Math.max(1, Math.floor(maxMs / tokenSpacingMs(budget)));
    const counts = [inTime, 10 * inTime, limits.maxStreams].filter(
      (count, i, all) => count <= limits.maxStreams && all.indexOf(count) === i,
    );
    const texts = counts.map(
      (count) => `${count} streams every ${toWholeSeconds(effectiveIntervalMs(count, maxMs, budget))}`,
    );
    const own =
      configured.length > 0
        ? `, of which ${configured.length} ${configured.length === 1 ? 'is' : 'are'} in the config`
        : '';
    return [
      `account ${name}: the number of discovered streams is unknown before the start. With ` +
        `${toShortNumber(budget)} requests/s of ${operation}, it can poll ${texts.join(', ')}${own}.`,
    ];
  });
}

function toWholeSeconds(ms: number): string {
  return toDurationText(Math.ceil(ms / secondMs) * secondMs);
}

/** Formats a number with at most two decimals. */
export function toShortNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}
