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

/** Account of the active config, with its collectors. */
export interface WatchedAccount {
  readonly account: Account;
  /** Rate limiters of the account, by operation. */
  readonly limiters: RateLimiters;
  readonly collectors: readonly Collector[];
}

/** Dependencies of `createCollectors`. */
export interface CollectorsParts extends Omit<SourceParts, 'observers' | 'toleranceMs'> {
  readonly metrics: Metrics;
  readonly cache: RecordCache;
  readonly recent: Recent;
  readonly log: Log;
  /** Returns the provider with a name. By default, looks up the provider in the registry. */
  readonly providerOf?: (name: string) => ProviderModule;
  /**
   * Factories of the questions (kinds of data) to collect. By default, all questions that the exporter knows.
   */
  readonly questions?: readonly QuestionFactory[];
}

/**
 * Function that creates the collector of one question. Returns undefined if the account has no source for the
 * question.
 */
export type QuestionFactory = (parts: CollectorParts) => Collector | undefined;

const questionFactories: readonly QuestionFactory[] = [createPushHistory, createControlHistory];

/** Maximum time in ms that applying a config can block the event loop before it yields. */
const sliceMs = 4;

/** Maximum size of the set of dropped stream keys. A larger number would only say "very many". */
const maxDropped = 100_000;

/** Account with the parts that a reload can replace or stop. */
interface RunningAccount extends WatchedAccount {
  readonly sources: AccountSources<Sources>;
  /** Fingerprint (hash) of all settings and secrets that the sources are created from. */
  readonly fingerprint: string;
  /** Ends the loops and runs of the account. */
  readonly stop: AbortController;
}

/** Creates the collectors of all accounts, and replaces them when the config changes. */
export function createCollectors(parts: CollectorsParts) {
  const { cache, metrics, recent, log, clock, questions = questionFactories } = parts;
  const { providerOf = registeredProvider } = parts;
  const { exporter } = metrics;
  const running = new Map<string, RunningAccount>();
  /**
   * Tolerated clock skew in ms, by account name. Stored apart from the account, because a reload can change
   * the tolerance and nothing else of the account.
   */
  const tolerances = new Map<string, number>();
  /** Names of the accounts to which the last config was applied only in part, because of an error. */
  const incomplete = new Set<string>();
  /** Loops in progress of all collectors. */
  const loops = new Set<Promise<void>>();
  const streamLimit = createStreamLimit(exporter.setStreamsDropped, () =>
    all().reduce((sum, collector) => sum + collector.streams(), 0),
  );
  const connections = createConnectionRetirement(parts);
  let isRunning = false;
  let isClosing = false;
  let applying: Promise<void> = Promise.resolve();
  const inSlices = createSlices({ ...clock, sliceMs });

  /** Returns the collectors of all accounts. */
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

  /**
   * Replaces the sources of an account if its settings or secrets have changed. The collectors and rate
   * limiters of the account stay.
   */
  function renew(known: RunningAccount, account: Account, secrets: Secrets): RunningAccount {
    const fingerprint = fingerprintOf(account, secrets);
    if (fingerprint === known.fingerprint) return known;
    // Create the new sources first: if their creation throws, the account keeps its old sources.
    const sources = sourcesOf(account, secrets, known.limiters);
    connections.retire(known.sources);
    return { ...known, account, fingerprint, sources };
  }

  async function stopAccount(known: RunningAccount, now: EpochMs): Promise<void> {
    const { account, collectors, sources, stop } = known;
    // The account counts as incomplete until the end of the function. If a step fails, the next config
    // repeats all steps.
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
      // Targets can fail because of the old settings. The new settings can end these failures, so poll
      // failing targets now.
      if (known !== undefined && known.sources !== current.sources) collector.poller.resetBackoff();
      await collector.apply(targets, now, inSlices);
    }
    incomplete.delete(account.name);
  }

  async function apply(config: Config, secrets: Secrets, now: EpochMs): Promise<void> {
    const errors: unknown[] = [];
    /** Resolves to true if the task succeeded, and to false after storing its error. */
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
    /**
     * Names of the accounts that could not be stopped. Such an account does not start again before it was
     * stopped.
     */
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
     * Applies a config as a diff of accounts and targets, in slices, so that polls and scrapes continue.
     * `now` is the wall time. Unchanged parts keep their ledgers, series, due times and rate limiters. Do not
     * call `apply` again before it has resolved. Rejects with the first error; all accounts without an error
     * are complete then. An account with an error has only some of its new targets, and starts again with the
     * next config. After an error, no record is frozen or removed.
     */
    apply(config: Config, secrets: Secrets, now: EpochMs): Promise<void> {
      // During the shutdown, apply no config, because nothing would stop the collectors that the config
      // starts.
      if (isClosing) return applying;
      applying = apply(config, secrets, now);
      return applying;
    },
    /** Returns the accounts of the active config with their collectors. */
    accounts: (): Iterable<WatchedAccount> => running.values(),
    all,
    /**
     * Starts the loops of all collectors. The loops of accounts that a later config adds start with the
     * account.
     */
    run(): void {
      isRunning = true;
      for (const collector of all()) startLoop(collector);
    },
    /**
     * Shuts down gracefully: waits for an `apply` in progress, ends the loops with their runs, and closes the
     * connections.
     */
    async close(): Promise<void> {
      isClosing = true;
      // Ignore the error here, because the caller of `apply` handles it.
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

/**
 * Creates the limit on the number of streams (`limits.max_streams`), with the set of streams that exceed it.
 * `count` returns the current number of streams.
 */
function createStreamLimit(setDropped: (streams: number) => void, count: () => number) {
  const dropped = new Set<string>();
  let maxStreams = 0;
  return {
    free: () => Math.max(0, maxStreams - count()),
    drop(streamKeys: readonly string[]) {
      for (const key of streamKeys) if (dropped.size < maxDropped) dropped.add(key);
      setDropped(dropped.size);
    },
    /**
     * Sets a new limit and forgets the streams that exceeded the old limit. A stream that exceeds the new
     * limit is dropped again with its next action.
     */
    reset(limit: number) {
      maxStreams = limit;
      dropped.clear();
      setDropped(0);
    },
  };
}

/**
 * Creates the part that closes the connections of replaced sources, once no request in progress can need
 * them.
 */
function createConnectionRetirement({ clock }: Pick<CollectorsParts, 'clock'>) {
  const retiring = new Set<Promise<void>>();
  const closing = new AbortController();
  return {
    /**
     * Closes the connections of these sources after the deadline of a run, or earlier during the shutdown.
     */
    retire({ close }: AccountSources<Sources>): void {
      const closed = clock
        .sleep(runDeadlineMs, closing.signal)
        .catch(() => undefined)
        .then(close)
        .finally(() => retiring.delete(closed));
      retiring.add(closed);
    },
    /** Closes the connections of all retired sources now. */
    async close(): Promise<void> {
      closing.abort(new Error('the exporter stops'));
      await Promise.all(retiring);
    },
  };
}

/**
 * Returns a fingerprint (hash) of the account that changes with any of its settings or secrets and reveals
 * none of them.
 */
function fingerprintOf(account: Account, secrets: Secrets): string {
  return createHash('sha256')
    .update(JSON.stringify([account, [...secrets]]))
    .digest('hex');
}
