import { createLargeBodies } from '../calls/large-bodies.ts';
import type { Account } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Sources } from '../model/questions.ts';
import { createSlices, type InSlices } from '../model/slices.ts';
import { type AlertSink, noAlerts } from '../model/stream-alert.ts';
import type { EpochMs } from '../model/time.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import { createRunSlots, maxRunsOf } from '../polling/run-slots.ts';
import type { ProviderModule } from '../providers/provider.ts';
import { providerOf as registeredProvider } from '../providers/registry.ts';
import type { Recent } from '../status/recent.ts';
import type { RequestLog } from '../status/request-log.ts';
import type { Troubles } from '../status/troubles.ts';
import { fingerprintOf } from './account-fingerprint.ts';
import { defaultToleranceMs, toleranceOf } from './clock-skew-tolerance.ts';
import { type Collector, presentSource } from './collector.ts';
import type { AccountTargets, CollectorParts } from './collector-parts.ts';
import { createConnectionRetirement } from './connection-retirement.ts';
import { createControlHistory } from './control-history.ts';
import { createDiscoveredStreams, type DiscoveredStreams } from './discovered-streams.ts';
import type { DiscoveryQuota } from './discovery-quota.ts';
import { createForbiddenAlerts } from './forbidden-alerts.ts';
import { createForbiddenStreams } from './forbidden-streams.ts';
import { createLivePushStats } from './live-push-stats.ts';
import { createOnlineStreams } from './online-streams.ts';
import { createPushAlerts } from './push-alerts.ts';
import { createPushHistory } from './push-history.ts';
import { createPushViews } from './push-views.ts';
import { observeAccount } from './source-observers.ts';
import { type AccountSources, createSources, type RateLimiters, type SourceParts } from './sources.ts';
import type { StreamLimit } from './stream-limit.ts';

/** Account of the active config, with its collectors. */
export interface WatchedAccount {
  readonly account: Account;
  readonly limiters: RateLimiters;
  readonly collectors: readonly Collector[];
}

export interface AccountsParts extends Omit<SourceParts, 'observers' | 'toleranceMs' | 'largeBodies'> {
  readonly metrics: Metrics;
  readonly cache: RecordCache;
  readonly recent: Recent;
  readonly troubles: Troubles;
  readonly requests: RequestLog;
  readonly log: Log;
  /** Receives the alerts that the exporter posts. By default, it posts none. */
  readonly alerts?: AlertSink;
  /** Receives the number of discovered streams of all accounts after each list. */
  readonly onDiscovered?: ((streams: number) => void) | undefined;
  /** Limit of open files of the process; undefined if unknown. */
  readonly maxOpenFiles?: number | undefined;
  /** Returns the provider with the given name. By default, it is looked up in the registry. */
  readonly providerOf?: (name: string) => ProviderModule;
  /**
   * Functions that create the collectors, one per kind of data. By default, there is one for each kind of
   * data that the exporter knows.
   */
  readonly questions?: readonly QuestionFactory[];
}

/**
 * Function that creates the collector of one kind of data for an account; undefined if the account has no
 * source for this kind of data.
 */
export type QuestionFactory = (parts: CollectorParts) => Collector | undefined;

const questionFactories: readonly QuestionFactory[] = [
  createPushHistory,
  createControlHistory,
  createOnlineStreams,
  // After push history, on whose targets its own depend.
  createLivePushStats,
  createForbiddenStreams,
];

/** Maximum time in ms for which applying a list of live streams blocks the event loop before it yields. */
const sliceMs = 4;

interface RunningAccount extends WatchedAccount {
  readonly sources: AccountSources<Sources>;
  /** Hash of all settings and secrets from which the sources were created. */
  readonly fingerprint: string;
  readonly discovered: DiscoveredStreams;
  readonly stop: AbortController;
}

/** Creates the set of running accounts. `onStart` receives each new collector. */
export function createAccounts(
  parts: AccountsParts,
  streamLimit: StreamLimit,
  discoveryQuota: DiscoveryQuota,
  onStart: (collector: Collector) => void,
) {
  const { cache, metrics, recent, troubles, requests, log, clock, questions = questionFactories } = parts;
  const { providerOf = registeredProvider } = parts;
  const { exporter } = metrics;
  const { alerts = noAlerts } = parts;
  const running = new Map<string, RunningAccount>();
  const watched: ReadonlyMap<string, WatchedAccount> = running;
  /**
   * Tolerated clock skew in ms, by account. It is not part of the sources, because a reload can change the
   * tolerance of an account while its sources stay.
   */
  const tolerances = new Map<string, number>();
  /** Names of accounts to which a config was applied only in part, because a step failed. */
  const incomplete = new Set<string>();
  const connections = createConnectionRetirement(parts);
  const largeBodies = createLargeBodies();
  const runSlots = createRunSlots(maxRunsOf(parts.maxOpenFiles));

  function sourcesOf(account: Account, secrets: Secrets, limiters: RateLimiters) {
    const toleranceMs = () => tolerances.get(account.name) ?? defaultToleranceMs;
    const observers = observeAccount(account, exporter, log);
    const provider = providerOf(account.provider);
    return createSources(provider, account, secrets, limiters, {
      ...parts,
      observers,
      largeBodies,
      toleranceMs,
    });
  }

  function start(account: Account, secrets: Secrets): RunningAccount {
    const limiters: RateLimiters = new Map();
    const sources = sourcesOf(account, secrets, limiters);
    const stop = new AbortController();
    const labels = { account: account.name, provider: account.provider };
    const currentSources = () => (running.get(account.name)?.sources ?? sources).byQuestion;
    const inAccountSlices = createSlices({ ...clock, sliceMs });
    const pushCollector = () => collectors.find(({ question }) => question === 'push_stats');
    const pushViews = createPushViews({
      account: labels,
      log,
      series: metrics.series,
      expedite: (key) => pushCollector()?.poller.expedite(key),
      inSlices: inAccountSlices,
      onMissing: troubles.addMissing,
    });
    const pushAlerts = createPushAlerts({ sink: alerts, cache });
    const forbiddenAlerts = createForbiddenAlerts(alerts, pushViews.labelsOf);
    const discovered = createDiscoveredStreams({
      cache,
      quota: discoveryQuota,
      clock,
      limits: () => presentSource(currentSources().push_stats).limits,
      collector: pushCollector,
      inSlices: inAccountSlices,
    });
    const collectors: readonly Collector[] = questions.flatMap(
      (create) =>
        create({
          account: labels,
          limiterOf: (operation) => limiterOf(limiters, operation),
          metrics,
          cache,
          recent,
          troubles,
          requests,
          sources: currentSources,
          discovered,
          pushViews,
          pushAlerts,
          forbiddenAlerts,
          pushPolling: {
            effectiveIntervalMs: () => pushCollector()?.poller.state().effectiveIntervalMs ?? 0,
          },
          runSlots,
          streamLimit,
          log,
          clock,
          signal: stop.signal,
        }) ?? [],
    );
    for (const collector of collectors) onStart(collector);
    const fingerprint = fingerprintOf(account, secrets);
    return { account, fingerprint, limiters, sources, collectors, discovered, stop };
  }

  /**
   * Replaces the sources of an account if its settings or secrets have changed. Its collectors and rate
   * limiters stay.
   */
  function renew(known: RunningAccount, account: Account, secrets: Secrets): RunningAccount {
    const fingerprint = fingerprintOf(account, secrets);
    if (fingerprint === known.fingerprint) return known;
    // Create the new sources first, so that the account keeps its old sources if this throws.
    const sources = sourcesOf(account, secrets, known.limiters);
    connections.retire(known.sources);
    return { ...known, account, fingerprint, sources };
  }

  return {
    running: watched,
    /** Reports whether a config was applied to the account only in part, because a step failed. */
    isIncomplete: (name: string) => incomplete.has(name),
    /** Starts an account or updates its settings, then applies its targets. Rejects with the first error. */
    async apply(
      account: Account,
      secrets: Secrets,
      targets: AccountTargets,
      now: EpochMs,
      inSlices: InSlices,
    ): Promise<void> {
      const known = running.get(account.name);
      const current = known === undefined ? start(account, secrets) : renew(known, account, secrets);
      running.set(account.name, current);
      incomplete.add(account.name);
      // An account that has no push statistics has no push targets, so the value is not used.
      const periodMs = current.sources.byQuestion.push_stats?.limits.periodMs ?? 0;
      tolerances.set(account.name, toleranceOf(targets, periodMs));
      // Poll failing targets now, because the new settings may have fixed the cause of their failures.
      const isRenewed = known !== undefined && known.sources !== current.sources;
      if (isRenewed) for (const { poller } of current.collectors) await poller.resetBackoff(inSlices);
      await applyTargets(current, targets, now, inSlices);
      incomplete.delete(account.name);
    },
    /**
     * Removes all targets of an account, then the account itself. Rejects with the first error. The account
     * then stays incomplete, and the next call repeats all steps.
     */
    async stop(name: string, now: EpochMs, inSlices: InSlices): Promise<void> {
      const known = running.get(name);
      if (known === undefined) return;
      const { account, collectors, sources, stop } = known;
      incomplete.add(name);
      for (const collector of collectors) collector.flushLog();
      await applyTargets(known, noTargets, now, inSlices);
      stop.abort(new Error('the account is no longer in the config'));
      connections.retire(sources);
      exporter.removeAccount({ account: name, provider: account.provider });
      running.delete(name);
      tolerances.delete(name);
      incomplete.delete(name);
    },
    /** Runs `task` while no discovered stream becomes a target or is removed. */
    exclusively(task: () => Promise<void>): Promise<void> {
      const alone = [...running.values()].reduce(
        (inner, { discovered }) =>
          () =>
            discovered.exclusively(inner),
        task,
      );
      return alone();
    },
    /** Aborts all runs. Their connections are closed later, by `close`. */
    abort(): void {
      for (const { stop, sources } of running.values()) {
        stop.abort(new Error('the exporter is stopping'));
        connections.retire(sources);
      }
    },
    close: connections.close,
  };
}

const noTargets: AccountTargets = { push: [], control: [], discovery: [] };

/** Applies the targets of a config, and keeps the discovered streams. Rejects with the first error. */
function applyTargets(
  { collectors, discovered }: RunningAccount,
  targets: AccountTargets,
  now: EpochMs,
  inSlices: InSlices,
): Promise<void> {
  return discovered.exclusively(async () => {
    const push = await discovered.configure(targets, now);
    for (const collector of collectors) await collector.apply({ ...targets, push }, now, inSlices);
  });
}

function limiterOf(limiters: RateLimiters, operation: string) {
  const limiter = limiters.get(operation);
  if (limiter === undefined) throw new Error(`no rate limiter for ${operation}`);
  return limiter;
}
