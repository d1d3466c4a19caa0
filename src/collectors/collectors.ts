import { createHash } from 'node:crypto';
import type { Account, Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { createSlices } from '../model/slices.ts';
import { type ControlTarget, controlTargetKey, type PushTarget } from '../model/target.ts';
import type { EpochMs } from '../model/time.ts';
import type { RecordCache } from '../polling/record-cache.ts';
import type { Recent } from '../status/recent.ts';
import type { Collector } from './answer-warnings.ts';
import { defaultToleranceMs, toleranceOf } from './clock-skew-tolerance.ts';
import { type ControlCollector, createControlCollector } from './control-history.ts';
import { createPushCollector, type PushCollector } from './push-history.ts';
import {
  createSources,
  type RateLimiters,
  runDeadlineMs,
  type SourceParts,
  type Sources,
} from './sources.ts';

/** One account of the config, and what is asked of it. */
export interface WatchedAccount {
  readonly account: Account;
  readonly limiters: RateLimiters;
  readonly push: PushCollector | undefined;
  readonly control: ControlCollector | undefined;
}

/** All accounts, as the config in force wants them. */
export interface Collectors {
  /**
   * Brings what runs to what the config wants, a few targets at a time: collection and scrapes go on meanwhile. What did
   * not change goes on as it was: ledger, rows, turn and budget. To be called again once the promise ends. Rejects, when
   * an account fails in it, with the first reason: the others are as the config wants them by then; that one has some of
   * its new targets, is asked about the old ones as far as they stay, and is begun anew by the next config; no ledger is
   * frozen or forgotten.
   */
  apply(config: Config, secrets: Secrets, now: EpochMs): Promise<void>;
  accounts(): Iterable<WatchedAccount>;
  all(): readonly Collector[];
  /** Starts the loops, also of accounts still to come. */
  run(): void;
  /** Lets what is being applied be applied, then ends the loops, with the runs under way, and then the connections. */
  close(): Promise<void>;
}

export interface CollectorsParts extends Omit<SourceParts, 'metrics' | 'toleranceMs'> {
  readonly metrics: Metrics;
  readonly cache: RecordCache;
  readonly recent: Recent;
  readonly log: Log;
}

/** How long taking targets over holds the event loop at a time. */
const sliceMs = 4;

/** So many are told apart; beyond, the number only says "very many". */
const maxDropped = 100_000;

interface Running extends WatchedAccount {
  readonly sources: Sources;
  /** What the sources were made of; equal: they can stay. */
  readonly fingerprint: string;
  readonly stop: AbortController;
}

export function createCollectors(parts: CollectorsParts): Collectors {
  const { cache, metrics, recent, log, clock } = parts;
  const { exporter } = metrics;
  const running = new Map<string, Running>();
  /** How far the clock may be wrong, by account. A reload may change it, and leave all else of the account as it was. */
  const tolerances = new Map<string, number>();
  /** Accounts that a config was not applied to in whole, by name. */
  const unfinished = new Set<string>();
  const loops = new Set<Promise<void>>();
  const dropped = new Set<string>();
  const retiring = new Set<Promise<void>>();
  const closing = new AbortController();
  let maxStreams = 0;
  let isRunning = false;
  let isClosing = false;
  let applying: Promise<void> = Promise.resolve();
  const inSlices = createSlices({ ...clock, sliceMs });

  const streamCount = () => {
    let count = 0;
    for (const { push, control } of running.values()) {
      count += (push?.poller.state().targets ?? 0) + (control?.streams() ?? 0);
    }
    return count;
  };

  function startLoop({ poller }: Collector): void {
    const loop = poller.loop().finally(() => loops.delete(loop));
    loops.add(loop);
  }

  function sourcesOf(account: Account, secrets: Secrets, limiters: RateLimiters): Sources {
    const toleranceMs = () => tolerances.get(account.name) ?? defaultToleranceMs;
    return createSources(account, secrets, limiters, { ...parts, metrics: exporter, toleranceMs });
  }

  function begin(account: Account, secrets: Secrets): Running {
    const limiters: RateLimiters = new Map();
    const sources = sourcesOf(account, secrets, limiters);
    const stop = new AbortController();
    const shared = { account, limiters, cache, metrics: exporter, log, clock, signal: stop.signal };
    const push =
      sources.push &&
      createPushCollector({ ...shared, source: sources.push, series: metrics.series, recent });
    const control =
      sources.control &&
      createControlCollector({
        ...shared,
        source: sources.control,
        series: metrics.control,
        room: () => Math.max(0, maxStreams - streamCount()),
        onDropped(streamKeys) {
          for (const key of streamKeys) if (dropped.size < maxDropped) dropped.add(key);
          exporter.setStreamsDropped(dropped.size);
        },
      });
    for (const collection of [push, control]) {
      if (collection !== undefined && isRunning) startLoop(collection);
    }
    return { account, fingerprint: fingerprintOf(account, secrets), limiters, sources, push, control, stop };
  }

  /** Ends connections once no call that was under way can still need them. */
  function retire({ close }: Sources): void {
    const closed = clock
      .sleep(runDeadlineMs, closing.signal)
      .catch(() => undefined)
      .then(close)
      .finally(() => retiring.delete(closed));
    retiring.add(closed);
  }

  /** The same account with other settings: new calls, the same collections and limiters. */
  function renew(known: Running, account: Account, secrets: Secrets): Running {
    const fingerprint = fingerprintOf(account, secrets);
    if (fingerprint === known.fingerprint) return known;
    // First, since it may throw: then the old ones stay.
    const sources = sourcesOf(account, secrets, known.limiters);
    retire(known.sources);
    return { ...known, account, fingerprint, sources };
  }

  async function end(known: Running, now: EpochMs): Promise<void> {
    const { account, push, control, sources, stop } = known;
    // Until all of it is: what could not be ended is ended by the next config, or when the program stops.
    unfinished.add(account.name);
    if (sources.push !== undefined) await push?.apply(sources.push, [], now, inSlices);
    if (sources.control !== undefined) await control?.apply(sources.control, [], now, inSlices);
    stop.abort(new Error('the account is no longer in the config'));
    retire(sources);
    exporter.removeAccount({ account: account.name, provider: account.provider });
    running.delete(account.name);
    tolerances.delete(account.name);
    unfinished.delete(account.name);
  }

  async function bring(
    account: Account,
    secrets: Secrets,
    wanted: { readonly push: readonly PushTarget[]; readonly control: readonly ControlTarget[] },
    now: EpochMs,
  ): Promise<void> {
    const known = running.get(account.name);
    const watched = known === undefined ? begin(account, secrets) : renew(known, account, secrets);
    running.set(account.name, watched);
    unfinished.add(account.name);
    const { sources, push, control } = watched;
    tolerances.set(account.name, toleranceOf(wanted, sources.push?.limits.periodMs ?? 0));
    if (sources.push !== undefined) await push?.apply(sources.push, wanted.push, now, inSlices);
    if (sources.control !== undefined) await control?.apply(sources.control, wanted.control, now, inSlices);
    unfinished.delete(account.name);
  }

  async function apply(config: Config, secrets: Secrets, now: EpochMs): Promise<void> {
    const failures: unknown[] = [];
    const attempt = (work: Promise<void>): Promise<boolean> =>
      work.then(
        () => true,
        (error: unknown) => {
          failures.push(error);
          return false;
        },
      );
    /** Accounts that could not be ended: they are taken over only once they are. */
    const stuck = new Set<string>();
    maxStreams = config.limits.maxStreams;
    // What is still beyond the limit is dropped anew with its next action.
    dropped.clear();
    exporter.setStreamsDropped(0);
    metrics.series.setClientIp(config.clientIp);
    const wanted = new Map(config.accounts.map((account) => [account.name, account]));
    for (const known of [...running.values()]) {
      const { name, provider } = known.account;
      if (wanted.get(name)?.provider === provider && !unfinished.has(name)) continue;
      if (!(await attempt(end(known, now)))) stuck.add(name);
    }
    const pushTargets = Map.groupBy(config.pushTargets, ({ stream }) => stream.account);
    const controlTargets = Map.groupBy(config.controlTargets, ({ account }) => account);
    for (const [name, account] of wanted) {
      if (stuck.has(name)) continue;
      const targets = { push: pushTargets.get(name) ?? [], control: controlTargets.get(name) ?? [] };
      await attempt(bring(account, secrets, targets, now));
    }
    if (failures.length > 0) throw failures[0];
    const watchedKeys = new Set<string>();
    await inSlices([...running.values()], ({ push, control }) => {
      for (const { key } of push?.targets().values() ?? []) watchedKeys.add(key);
      for (const target of control?.targets() ?? []) watchedKeys.add(controlTargetKey(target));
    });
    await inSlices([watchedKeys], (keys) => cache.retainOnly(keys, now, config.limits.stateRetentionMs));
  }

  return {
    apply(config, secrets, now) {
      // What is begun once the others are ended, nothing would end.
      if (isClosing) return applying;
      applying = apply(config, secrets, now);
      return applying;
    },
    accounts: () => running.values(),
    all: () => [...running.values()].flatMap(({ push, control }) => [push, control].filter(isThere)),
    run() {
      isRunning = true;
      for (const { push, control } of running.values()) {
        for (const collection of [push, control].filter(isThere)) startLoop(collection);
      }
    },
    async close() {
      isClosing = true;
      // Whoever asked for it was told of a fault in it.
      await applying.catch(() => undefined);
      for (const { stop, sources } of running.values()) {
        stop.abort(new Error('the exporter stops'));
        retire(sources);
      }
      await Promise.all(loops);
      closing.abort(new Error('the exporter stops'));
      await Promise.all(retiring);
    },
  };
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** Changes when a setting of the account or one of its secrets does; says neither. */
function fingerprintOf(account: Account, secrets: Secrets): string {
  return createHash('sha256')
    .update(JSON.stringify([account, [...secrets]]))
    .digest('hex');
}
