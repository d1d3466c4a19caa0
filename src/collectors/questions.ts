import type { RateLimiter } from '../calls/rate-limit.ts';
import type { Account } from '../config/config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { InSlices } from '../model/slices.ts';
import type { ControlTarget, PushTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import { toControlPollTarget } from '../polling/control-history.ts';
import type { PollTarget } from '../polling/poll-target.ts';
import { toPushPollTarget } from '../polling/push-history.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { Recent } from '../status/recent.ts';
import { type Collector, createCollector, type QuestionSpec } from './collector.ts';
import type { CollectorParts } from './collector-parts.ts';
import { createControlHistorySpec } from './control-history.ts';
import { createPushHistorySpec } from './push-history.ts';
import type { Sources } from './sources.ts';

/** Targets of one account. */
export interface AccountTargets {
  readonly push: readonly PushTarget[];
  readonly control: readonly ControlTarget[];
}

/** What the collectors of one account are made of. */
export interface QuestionParts extends Omit<CollectorParts, 'limiter' | 'metrics'> {
  readonly limiterOf: (operation: string) => RateLimiter;
  readonly metrics: Metrics;
  readonly cache: RecordCache;
  readonly recent: Recent;
  /** The current sources; a reload can replace them. */
  readonly sources: () => Sources;
  /** How many more streams `limits.max_streams` allows. */
  readonly freeStreams: () => number;
  readonly onDropped: (streamKeys: readonly string[]) => void;
}

/** The collector of one question at one account, with the targets that it takes from a config. */
export interface AccountCollector extends Collector {
  applyTargets(targets: AccountTargets, account: Account, now: EpochMs, inSlices: InSlices): Promise<void>;
}

/** Creates the collector of one question; undefined if the account has no source for it. */
export type QuestionFactory = (parts: QuestionParts) => AccountCollector | undefined;

/** Every question that the exporter collects. */
export const questionFactories: readonly QuestionFactory[] = [createPushHistory, createControlHistory];

function createPushHistory(parts: QuestionParts): AccountCollector | undefined {
  const { sources, metrics } = parts;
  if (sources().push === undefined) return undefined;
  const spec = createPushHistorySpec({
    ...parts,
    metrics: metrics.exporter,
    series: metrics.series,
    source: () => present(sources().push),
    effectiveIntervalMs: () => collector.poller.effectiveIntervalMs(),
    configuredIntervalMs: () => collector.poller.configuredIntervalMs(),
  });
  const collector = createAccountCollector(parts, spec, ({ push }) => push, toPushPollTarget);
  return collector;
}

function createControlHistory(parts: QuestionParts): AccountCollector | undefined {
  const { sources, metrics } = parts;
  if (sources().control === undefined) return undefined;
  const spec = createControlHistorySpec({
    ...parts,
    series: metrics.control,
    source: () => present(sources().control),
  });
  return createAccountCollector(parts, spec, ({ control }) => control, toControlPollTarget);
}

/** Adds the choice of targets to the generic collector of `spec`. */
export function createAccountCollector<Target, T extends PollTarget, Row>(
  parts: QuestionParts,
  spec: QuestionSpec<T, Row>,
  targetsOf: (targets: AccountTargets, account: Account) => readonly Target[],
  toPollTarget: (target: Target) => T,
): Collector<T> & AccountCollector {
  const collector = createCollector(spec, {
    ...parts,
    metrics: parts.metrics.exporter,
    limiter: parts.limiterOf(spec.operation),
  });
  return {
    ...collector,
    applyTargets: (targets, account, now, inSlices) =>
      collector.apply(targetsOf(targets, account), toPollTarget, now, inSlices),
  };
}

/** A reload never removes the source of a question that the account answered before. */
function present<T>(source: T | undefined): T {
  if (source === undefined) throw new Error('the account no longer has a source for this question');
  return source;
}
