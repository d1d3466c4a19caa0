import { createBugLog } from '../log/bug-log.ts';
import { type ListPlan, planLists } from '../model/list-plan.ts';
import type { ListedApp } from '../model/questions.ts';
import { createSlices } from '../model/slices.ts';
import type { PollTarget } from '../polling/target-queue.ts';
import { createListWarnings } from './answer-warnings.ts';
import { type Collector, createCollector, presentSource } from './collector.ts';
import type { CollectorParts } from './collector-parts.ts';
import type { QuestionSpec } from './question-spec.ts';

/** Application that is listed, in the form that the poller polls. */
interface AppPollTarget extends PollTarget {
  readonly appKey: string;
  readonly app: ListedApp;
}

/** Maximum time in ms for which a change of the plan blocks the event loop before it yields. */
const sliceMs = 4;

/**
 * Creates the collector of live pushes for an account; undefined if the account has no source for them. It
 * counts nothing: its lists feed the gauges of push targets whose history is requested too rarely. Its
 * targets are the applications that the plan lists (`planLists`). The plan follows the number of push targets
 * and their rate limit.
 */
export function createLivePushStats(parts: CollectorParts): Collector | undefined {
  if (parts.sources().live_push_stats === undefined) return undefined;
  const { clock, signal, discovered, log, account } = parts;
  const planner = createPlanner(parts);
  const collector = createCollector(createLivePushStatsSpec(parts, planner), parts);
  const inSlices = createSlices({ ...clock, sliceMs });
  const bugs = createBugLog(log, clock, { account: account.account });
  let isChanging = false;

  /** Applies the plan if it differs from the last one. */
  async function followPlan(): Promise<void> {
    if (isChanging || planner.isFollowedBy(new Set(collector.keys()))) return;
    isChanging = true;
    try {
      await discovered.exclusively(async () => {
        if (signal.aborted) return;
        const planned = planner.keys();
        const removed = [...collector.keys()].filter((key) => !planned.has(key));
        await collector.change({ added: [], removed }, clock.now(), inSlices);
      });
    } finally {
      isChanging = false;
    }
  }

  return {
    ...collector,
    setState() {
      void bugs.guard('plan of the lists of live pushes', followPlan);
      collector.setState();
    },
  };
}

type Planner = ReturnType<typeof createPlanner>;

function createPlanner({ sources, limiterOf, pushViews, pushPolling }: CollectorParts) {
  const {
    operation,
    limits: { intervalMs, ageMs = 0 },
  } = presentSource(sources().live_push_stats);
  let plan: ListPlan | undefined;
  const next = (): ListPlan =>
    planLists(
      {
        apps: [...pushViews.apps()],
        historyIntervalMs: pushPolling.effectiveIntervalMs(),
        listIntervalMs: intervalMs,
        listAgeMs: ageMs,
        listsPerSecond: limiterOf(operation).configuredPerSecond(),
      },
      plan,
    );
  /** Returns the keys of the targets of a new plan. */
  const keys = (): ReadonlySet<string> => new Set([...next().listed].map(toTargetKey));
  return {
    operation,
    keys,
    /** Makes a new plan, and returns its targets. */
    targets(): readonly AppPollTarget[] {
      plan = next();
      const { listed } = plan;
      return [...pushViews.apps()].flatMap(({ key, app }) =>
        listed.has(key) ? [{ key: toTargetKey(key), appKey: key, app, intervalMs }] : [],
      );
    },
    /** Reports whether the targets with the keys `present` are those of a new plan. */
    isFollowedBy(present: ReadonlySet<string>): boolean {
      // The most frequent case, which must not cost a plan: nothing is listed, and history is frequent
      // enough.
      if (present.size === 0 && pushPolling.effectiveIntervalMs() <= intervalMs) return true;
      return keys().symmetricDifference(present).size === 0;
    },
  };
}

function toTargetKey(appKey: string): string {
  return `live_push_stats ${appKey}`;
}

function createLivePushStatsSpec(
  parts: CollectorParts,
  { operation, targets }: Planner,
): QuestionSpec<AppPollTarget, AppPollTarget, never> {
  const { pushViews } = parts;
  const source = () => presentSource(parts.sources().live_push_stats);
  const report = createListWarnings(parts, operation);
  const nameOf = ({ app }: AppPollTarget) => `${app.domain}/${app.appName}`;

  return {
    question: 'live_push_stats',
    operation,
    // The applications come from the push targets, which are applied before.
    targetsOf: targets,
    toPollTarget: (target) => target,
    nameOf,
    hasPriority: () => false,
    start: () => undefined,
    update: () => undefined,
    stop: () => undefined,
    async run(target, now, signal, context) {
      const answer = await source().listLivePushes(target.app, signal);
      report(nameOf(target), answer);
      await pushViews.listed(target.appKey, answer, now, {
        effectiveIntervalMs: context.effectiveIntervalMs(),
        configuredIntervalMs: context.configuredIntervalMs(),
      });
      return { isBehind: false };
    },
    listeners: [],
    toStatus: () => ({}),
  };
}
