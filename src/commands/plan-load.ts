import type { Account, Config } from '../config/config.ts';
import { capabilities, type Question } from '../model/capabilities.ts';
import { catchUpMs, losesData, plannedOutageMs, type RequestLoad } from '../model/catch-up.ts';
import { effectiveIntervalMs, tokenSpacingMs } from '../model/effective-interval.ts';
import { type ListPlan, type PlannedApp, planLists } from '../model/list-plan.ts';
import { questionOf } from '../model/operations.ts';
import { type TargetTiming, totalLookbackMs } from '../model/target.ts';
import { secondMs } from '../model/time.ts';

/** Expected request load of one operation (API method) at one account. */
export type PlannedOperation = ReturnType<typeof planOf>[number];

/** Target, as far as its requests depend on it. */
interface PlannedTarget extends Partial<TargetTiming> {
  readonly intervalMs: number;
  /** Number of requests per poll. By default, one. */
  readonly requests?: number;
}

/** Push target, as far as its requests and the lists of its application depend on it. */
interface PlannedStream extends TargetTiming {
  readonly domain: string;
  readonly appName: string;
  readonly intervalMs: number;
  readonly staleAfterMs: number;
  readonly requests: number;
}

/**
 * Returns the expected request load of each operation at each account, in the order of the config. Lookups
 * are left out. `discovered` is the number of discovered streams that each account with discovery is assumed
 * to have; by default, there are none.
 */
export function planOf(config: Config, discovered = 0) {
  return config.accounts.flatMap((account) => {
    const streams = streamsOf(config, account, discovered);
    const lists = listPlanOf(account, streams);
    const targets = targetsOf(config, account, streams, lists);
    return Object.entries(account.requestsPerSecond).flatMap(([operation, budget]) => {
      const question = questionOf(operation);
      // A lookup has no targets and is requested rarely.
      if (question === undefined) return [];
      const planned = loadOf(targets[question], operation, budget);
      const isListed = question === 'push_stats' && targets.live_push_stats.length > 0;
      return { account: account.name, operation, question, budget, isListed, ...planned };
    });
  });
}

/** Returns the load of one operation with these targets. */
function loadOf(targets: readonly PlannedTarget[], operation: string, budget: number) {
  const intervalsMs = targets.map(({ intervalMs }) => intervalMs);
  const maxMs = intervalsMs.reduce((max, ms) => Math.max(max, ms), 0);
  const minMs = intervalsMs.reduce((min, ms) => Math.min(min, ms), maxMs);
  const load = requestLoadOf(targets, operation, maxMs, budget);
  const requests = requestsOf(targets);
  const required = targets.reduce(
    (sum, { intervalMs, requests = 1 }) => sum + (requests * secondMs) / intervalMs,
    0,
  );
  const allowed = secondMs / tokenSpacingMs(budget);
  return {
    targets: targets.length,
    /**
     * Shortest and longest configured polling interval of the operation's targets (streams, domains or
     * applications) in ms; undefined if the operation has no targets.
     */
    intervalsMs: targets.length === 0 ? undefined : ([minMs, maxMs] as const),
    /** Rate in requests per second that is required to poll all targets at their configured intervals. */
    required,
    /** Rate in requests per second that the budget allows: requests are spaced wider than it. */
    allowed,
    /** Whether the required rate is higher than the allowed one, apart from the rounding of sums. */
    isTooFast: required > allowed * (1 + 1e-9),
    /**
     * Actual polling interval in ms of a target with the longest configured interval. It is longer than the
     * configured interval if the budget is too small.
     */
    effectiveIntervalMs: effectiveIntervalMs(requests, maxMs, budget),
    /** Whether the budget is so small that data is lost in the long run. */
    losesData: load !== undefined && losesData(load),
    /** Time in ms until all targets are up to date after an outage of an hour; undefined without targets. */
    catchUpMs: load && catchUpMs(load, plannedOutageMs),
  };
}

/** Returns the number of requests of a round (one poll of each target). */
function requestsOf(targets: readonly PlannedTarget[]): number {
  return targets.reduce((sum, { requests = 1 }) => sum + requests, 0);
}

/** Returns the load of an operation for the prediction of a catch-up; undefined if there are no targets. */
function requestLoadOf(
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
  const requests = requestsOf(targets);
  return { requests, spacingMs: tokenSpacingMs(budget), intervalMs, spanMs, lookbackMs };
}

/**
 * Returns the streams of an account: those of the config, and `discovered` others, spread over its
 * applications. The limit on the number of streams applies.
 */
function streamsOf(
  config: Config,
  { name: account, requestsPerPoll = {} }: Account,
  discovered: number,
): readonly PlannedStream[] {
  const requestsFor = (domain: string) => requestsPerPoll[domain] ?? 1;
  const own = config.pushTargets
    .filter(({ stream }) => stream.account === account)
    .map(({ stream: { domain, appName }, ...target }) => {
      return { ...target, domain, appName, requests: requestsFor(domain) };
    });
  const apps = config.discoveryTargets.filter((target) => target.account === account);
  const free = config.limits.maxStreams - config.pushTargets.length;
  const others = Array.from({ length: apps.length === 0 ? 0 : Math.min(discovered, free) }, (_, i) => {
    const app = apps[i % apps.length];
    if (app === undefined) return [];
    const { domain, appName } = app;
    return [{ ...app.push, domain, appName, requests: requestsFor(domain) }];
  });
  return [...own, ...others.flat()];
}

/** Returns which applications of an account are listed; undefined if it has no list of live pushes. */
function listPlanOf(
  { requestsPerSecond }: Account,
  streams: readonly PlannedStream[],
): { readonly plan: ListPlan; readonly intervalMs: number } | undefined {
  const rates = Object.entries(requestsPerSecond);
  const [, historyRate] = rates.find(([operation]) => questionOf(operation) === 'push_stats') ?? [];
  const list = capabilities.find(
    ({ question, operation }) => question === 'live_push_stats' && operation in requestsPerSecond,
  );
  if (historyRate === undefined || list === undefined) return undefined;
  const { intervalMs } = list;
  const longestMs = streams.reduce((max, stream) => Math.max(max, stream.intervalMs), 0);
  const plan = planLists({
    apps: appsOf(streams),
    historyIntervalMs: effectiveIntervalMs(requestsOf(streams), longestMs, historyRate),
    listIntervalMs: intervalMs,
    listAgeMs: 'ageMs' in list ? list.ageMs : 0,
    listsPerSecond: requestsPerSecond[list.operation] ?? list.requestsPerSecond,
  });
  return { plan, intervalMs };
}

function appsOf(streams: readonly PlannedStream[]): readonly PlannedApp[] {
  const apps = new Map<string, PlannedApp>();
  for (const { domain, appName, staleAfterMs } of streams) {
    const key = JSON.stringify([domain, appName]);
    apps.set(key, { key, staleAfterMs: Math.max(staleAfterMs, apps.get(key)?.staleAfterMs ?? 0) });
  }
  return [...apps.values()];
}

/**
 * Maximum number of lists of forbidden streams that an account requests in the default interval, if its
 * domains share a list.
 */
const maxSharedLists = 3;

/** Returns the targets (streams, domains or applications of domains) of an account, by kind of data. */
function targetsOf(
  { controlTargets, discoveryTargets }: Config,
  { name: account, requestsPerSecond }: Account,
  streams: readonly PlannedStream[],
  lists: ReturnType<typeof listPlanOf>,
): Readonly<Record<Question, readonly PlannedTarget[]>> {
  const listed = [...(lists?.plan.listed ?? [])];
  const own = controlTargets.filter((target) => target.account === account);
  const sharesBans = capabilities.some(
    (each) => 'isAccountWide' in each && each.operation in requestsPerSecond,
  );
  return {
    push_stats: streams,
    // One request per application, at providers that answer for one at a time.
    control_history: own.map((target) => ({ ...target, requests: target.appNames?.length ?? 1 })),
    online_streams: discoveryTargets.filter((target) => target.account === account),
    live_push_stats: listed.map(() => ({ intervalMs: lists?.intervalMs ?? 0 })),
    forbidden_streams: sharesBans
      ? own.toSorted((a, b) => a.intervalMs - b.intervalMs).slice(0, maxSharedLists)
      : own,
    // Which streams are requested depends on the bans.
    stream_state: [],
  };
}
