import { createHash } from 'node:crypto';
import type { Account, Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Sources } from '../model/questions.ts';
import { createSlices } from '../model/slices.ts';
import type { EpochMs } from '../model/time.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { ProviderModule } from '../providers/provider.ts';
import { providerOf as registeredProvider } from '../providers/registry.ts';
import type { Recent } from '../status/recent.ts';
import { defaultToleranceMs, toleranceOf } from './clock-skew-tolerance.ts';
import type { Collector } from './collector.ts';
import type { AccountTargets, CollectorParts } from './collector-parts.ts';
import { createControlHistory } from './control-history.ts';
import { createPushHistory } from './push-history.ts';
import { observeAccount } from './source-observers.ts';
import {
  type AccountSources,
  createSources,
  type RateLimiters,
  runDeadlineMs,
  type SourceParts,
} from './sources.ts';

/** An account of the active config, and its collectors. */
export interface WatchedAccount {
  readonly account: Account;
  readonly limiters: RateLimiters;
  readonly collectors: readonly Collector[];
}

export interface CollectorsParts extends Omit<SourceParts, 'observers' | 'toleranceMs'> {
  readonly metrics: Metrics;
  readonly cache: RecordCache;
  readonly recent: Recent;
  readonly log: Log;
  /** Looks up a provider; the registry by default. */
  readonly providerOf?: (name: string) => ProviderModule;
  /** The questions to collect; all that the exporter knows by default. */
  readonly questions?: readonly QuestionFactory[];
}

/** Creates the collector of one question; undefined if the account has no source for it. */
export type QuestionFactory = (parts: CollectorParts) => Collector | undefined;

const questionFactories: readonly QuestionFactory[] = [createPushHistory, createControlHistory];

/** Work between two yields to the event loop. */
const sliceMs = 4;

/** Bound of the set of dropped stream keys. Beyond it, the number only says "very many". */
const maxDropped = 100_000;

interface RunningAccount extends WatchedAccount {
  readonly sources: AccountSources<Sources>;
  /** Fingerprint of everything that the sources are made of. */
  readonly fingerprint: string;
  readonly stop: AbortController;
}

/** Creates the collectors of all accounts. */
export function createCollectors(parts: CollectorsParts) {
  const { cache, metrics, recent, log, clock, questions = questionFactories } = parts;
  const { providerOf = registeredProvider } = parts;
  const { exporter } = metrics;
  const running = new Map<string, RunningAccount>();
  /** Tolerated clock skew by account. A reload can change it and nothing else of the account. */
  const tolerances = new Map<string, number>();
  /** Names of accounts that a config was applied to in part only. */
  const incomplete = new Set<string>();
  const loops = new Set<Promise<void>>();
  const streamLimit = createStreamLimit(exporter.setStreamsDropped, () =>
    all().reduce((sum, collector) => sum + collector.streams(), 0),
  );
  const connections = createConnectionRetirement(parts);
  let isRunning = false;
  let isClosing = false;
  let applying: Promise<void> = Promise.resolve();
  const inSlices = createSlices({ ...clock, sliceMs });

  const all = () => [...running.values()].flatMap(({ collectors }) => collectors);

  function startLoop({ poller }: Collector): void {
    const loop = poller.loop().finally(() => loops.delete(loop));
    loops.add(loop);
  }

  function sourcesOf(account: Account, secrets: Secrets, limiters: RateLimiters) {
    const toleranceMs = () => tolerances.get(account.name) ?? defaultToleranceMs;
    const observers = observeAccount(account, exporter, log);
    const provider = providerOf(account.provider);
    return createSources(provider, account, secrets, limiters, { ...parts, observers, toleranceMs });
  }

  function start(account: Account, secrets: Secrets): RunningAccount {
    const limiters: RateLimiters = new Map();
    const sources = sourcesOf(account, secrets, limiters);
    const stop = new AbortController();
    const labels = { account: account.name, provider: account.provider };
    const collectors = questions.flatMap(
      (create) =>
        create({
          account: labels,
          limiterOf: (operation) => limiterOf(limiters, operation),
          metrics,
          cache,
          recent,
          sources: () => (running.get(account.name)?.sources ?? sources).byQuestion,
          streamLimit,
          log,
          clock,
          signal: stop.signal,
        }) ?? [],
    );
    if (isRunning) for (const collector of collectors) startLoop(collector);
    return { account, fingerprint: fingerprintOf(account, secrets), limiters, sources, collectors, stop };
  }

  /** Gives an account with changed settings new sources. Its collectors and rate limiters stay. */
  function renew(known: RunningAccount, account: Account, secrets: Secrets): RunningAccount {
    const fingerprint = fingerprintOf(account, secrets);
    if (fingerprint === known.fingerprint) return known;
    // Create the new sources first: if that throws, the account keeps its old sources.
    const sources = sourcesOf(account, secrets, known.limiters);
    connections.retire(known.sources);
    return { ...known, account, fingerprint, sources };
  }

  async function stopAccount(known: RunningAccount, now: EpochMs): Promise<void> {
    const { account, collectors, sources, stop } = known;
    // The account counts as incomplete until the last line. If a step fails, the next config repeats all
    // steps.
    incomplete.add(account.name);
    for (const collector of collectors) await collector.apply(noTargets, now, inSlices);
    stop.abort(new Error('the account is no longer in the config'));
    connections.retire(sources);
    exporter.removeAccount({ account: account.name, provider: account.provider });
    running.delete(account.name);
    tolerances.delete(account.name);
    incomplete.delete(account.name);
  }

  async function applyAccount(
    account: Account,
    secrets: Secrets,
    targets: AccountTargets,
    now: EpochMs,
  ): Promise<void> {
    const known = running.get(account.name);
    const current = known === undefined ? start(account, secrets) : renew(known, account, secrets);
    running.set(account.name, current);
    incomplete.add(account.name);
    tolerances.set(
      account.name,
      toleranceOf(targets, current.sources.byQuestion.push_stats?.limits.periodMs ?? 0),
    );
    for (const collector of current.collectors) {
      // New settings can end the failures of the old ones.
      if (known !== undefined && known.sources !== current.sources) collector.poller.resetBackoff();
      await collector.apply(targets, now, inSlices);
    }
    incomplete.delete(account.name);
  }

  async function apply(config: Config, secrets: Secrets, now: EpochMs): Promise<void> {
    const errors: unknown[] = [];
    /** Resolves to whether the task succeeded. */
    const attempt = (task: Promise<void>): Promise<boolean> =>
      task.then(
        () => true,
        (error: unknown) => {
          errors.push(error);
          return false;
        },
      );
    streamLimit.reset(config.limits.maxStreams);
    metrics.series.setClientIp(config.clientIp);
    const wanted = new Map(config.accounts.map((account) => [account.name, account]));
    /** Accounts that could not be stopped. They start again only after that. */
    const stuck = new Set<string>();
    for (const known of [...running.values()]) {
      const { name, provider } = known.account;
      if (wanted.get(name)?.provider === provider && !incomplete.has(name)) continue;
      if (!(await attempt(stopAccount(known, now)))) stuck.add(name);
    }
    const push = Map.groupBy(config.pushTargets, ({ stream }) => stream.account);
    const control = Map.groupBy(config.controlTargets, ({ account }) => account);
    for (const [name, account] of wanted) {
      if (stuck.has(name)) continue;
      const targets = { push: push.get(name) ?? [], control: control.get(name) ?? [] };
      await attempt(applyAccount(account, secrets, targets, now));
    }
    if (errors.length > 0) throw errors[0];
    const watchedKeys = new Set<string>();
    await inSlices(all(), (collector) => {
      for (const key of collector.keys()) watchedKeys.add(key);
    });
    await inSlices([watchedKeys], (keys) => cache.retainOnly(keys, now, config.limits.stateRetentionMs));
  }

  return {
    /**
     * Applies a config, as a diff of accounts and targets, in slices: polls and scrapes continue. What did not change
     * keeps its ledgers, series, due time and rate limiter. Do not call it again before it has resolved. Rejects with the
     * first error; the other accounts are complete then. The failed account has some of its new targets, and starts again
     * with the next config; no record is frozen or removed.
     */
    apply(config: Config, secrets: Secrets, now: EpochMs): Promise<void> {
      // Collectors that start during the shutdown would never be stopped.
      if (isClosing) return applying;
      applying = apply(config, secrets, now);
      return applying;
    },
    accounts: (): Iterable<WatchedAccount> => running.values(),
    all,
    /** Starts the loops, also those of accounts that come later. */
    run(): void {
      isRunning = true;
      for (const collector of all()) startLoop(collector);
    },
    /** Graceful shutdown: waits for a running `apply`, ends the loops with their runs, then the connections. */
    async close(): Promise<void> {
      isClosing = true;
      // The caller of apply handles its error.
      await applying.catch(() => undefined);
      for (const { stop, sources } of running.values()) {
        stop.abort(new Error('the exporter stops'));
        connections.retire(sources);
      }
      await Promise.all(loops);
      await connections.close();
    },
  };
}

const noTargets: AccountTargets = { push: [], control: [] };

function limiterOf(limiters: RateLimiters, operation: string) {
  const limiter = limiters.get(operation);
  if (limiter === undefined) throw new Error(`no rate limiter for ${operation}`);
  return limiter;
}

/** Cardinality limit `limits.max_streams`, with the set of streams beyond it. */
function createStreamLimit(setDropped: (streams: number) => void, count: () => number) {
  const dropped = new Set<string>();
  let maxStreams = 0;
  return {
    free: () => Math.max(0, maxStreams - count()),
    drop(streamKeys: readonly string[]) {
      for (const key of streamKeys) if (dropped.size < maxDropped) dropped.add(key);
      setDropped(dropped.size);
    },
    /** Streams that are still beyond the limit are dropped again with their next action. */
    reset(limit: number) {
      maxStreams = limit;
      dropped.clear();
      setDropped(0);
    },
  };
}

/** Closes the connections of replaced sources once no request in progress can need them. */
function createConnectionRetirement({ clock }: Pick<CollectorsParts, 'clock'>) {
  const retiring = new Set<Promise<void>>();
  const closing = new AbortController();
  return {
    retire({ close }: AccountSources<Sources>): void {
      const closed = clock
        .sleep(runDeadlineMs, closing.signal)
        .catch(() => undefined)
        .then(close)
        .finally(() => retiring.delete(closed));
      retiring.add(closed);
    },
    async close(): Promise<void> {
      closing.abort(new Error('the exporter stops'));
      await Promise.all(retiring);
    },
  };
}

/** Returns a fingerprint that changes with any setting or secret of the account and reveals neither. */
function fingerprintOf(account: Account, secrets: Secrets): string {
  return createHash('sha256')
    .update(JSON.stringify([account, [...secrets]]))
    .digest('hex');
}
