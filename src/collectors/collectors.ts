import type { Account, Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import { createSlices } from '../model/slices.ts';
import type { EpochMs } from '../model/time.ts';
import { type AccountsParts, createAccounts, type WatchedAccount } from './accounts.ts';
import type { Collector } from './collector.ts';
import { createDiscoveryQuota } from './discovery-quota.ts';
import { createStreamLimit } from './stream-limit.ts';

/** Maximum time in ms for which applying a config blocks the event loop before it yields. */
const sliceMs = 4;

/** Creates the collectors of all accounts, and updates them when the config changes. */
export function createCollectors(parts: AccountsParts) {
  const { cache, metrics, clock } = parts;
  const loops = new Set<Promise<void>>();
  let actedUponDropped = 0;
  const setDropped = () => metrics.exporter.setStreamsDropped(actedUponDropped + discoveryQuota.dropped());
  const streamLimit = createStreamLimit((streams) => {
    actedUponDropped = streams;
    setDropped();
  });
  const discoveryQuota = createDiscoveryQuota(() => {
    // Until a stream is a target, its control actions would take a second place.
    streamLimit.setDiscovered(discoveryQuota.targets());
    setDropped();
    parts.onDiscovered?.(discoveryQuota.streams());
  });
  const accounts = createAccounts(parts, streamLimit, discoveryQuota, (collector) => {
    if (isRunning) startLoop(collector);
  });
  let isRunning = false;
  let isClosing = false;
  let applying: Promise<void> = Promise.resolve();
  const inSlices = createSlices({ ...clock, sliceMs });

  const all = () => [...accounts.running.values()].flatMap(({ collectors }) => collectors);

  function startLoop({ poller }: Collector): void {
    const loop = poller.loop().finally(() => loops.delete(loop));
    loops.add(loop);
  }

  async function apply(config: Config, secrets: Secrets, now: EpochMs): Promise<void> {
    const errors: unknown[] = [];
    /**
     * Waits for a task. Resolves with true if it succeeded; otherwise stores its error and resolves with
     * false.
     */
    const attempt = (task: Promise<void>): Promise<boolean> =>
      task.then(
        () => true,
        (error: unknown) => {
          errors.push(error);
          return false;
        },
      );
    discoveryQuota.reset(config.limits.maxStreams, config.pushTargets.length);
    streamLimit.reset(config.limits.maxStreams, config.pushTargets.length);
    metrics.series.setClientIp(config.clientIp);
    const wanted = new Map(config.accounts.map((account) => [account.name, account]));
    /**
     * Names of the accounts that could not be stopped. Such an account must be stopped before it can start
     * again.
     */
    const stuck = new Set<string>();
    for (const { account } of [...accounts.running.values()]) {
      const { name } = account;
      if (isOfSameKind(account, wanted.get(name)) && !accounts.isIncomplete(name)) continue;
      if (!(await attempt(accounts.stop(name, now, inSlices)))) stuck.add(name);
    }
    const push = Map.groupBy(config.pushTargets, ({ stream }) => stream.account);
    const control = Map.groupBy(config.controlTargets, ({ account }) => account);
    const discovery = Map.groupBy(config.discoveryTargets, ({ account }) => account);
    for (const [name, account] of wanted) {
      if (stuck.has(name)) continue;
      const targets = {
        push: push.get(name) ?? [],
        control: control.get(name) ?? [],
        discovery: discovery.get(name) ?? [],
      };
      await attempt(accounts.apply(account, secrets, targets, now, inSlices));
    }
    if (errors.length > 0) throw errors[0];
    // Meanwhile, no discovered stream must become a target, because its record would be frozen.
    await accounts.exclusively(async () => {
      const watchedKeys = new Set<string>();
      for (const collector of all()) await inSlices(collector.keys(), (key) => watchedKeys.add(key));
      await inSlices([watchedKeys], (keys) => cache.retainOnly(keys, now, config.limits.stateRetentionMs));
    });
  }

  return {
    /**
     * Applies a config by changing only what differs from the current accounts and targets. Works in slices,
     * so that polls and scrapes continue meanwhile. `now` is the wall clock time. Whatever does not change
     * keeps its totals, series, due times and rate limiters. Do not call `apply` again before it has settled.
     * If an account fails, all other accounts are still updated, no record is frozen or removed, and `apply`
     * rejects with the first error. The failed account may lack some of its new targets; the next config
     * starts it again.
     */
    apply(config: Config, secrets: Secrets, now: EpochMs): Promise<void> {
      // Apply no config during the shutdown, because nothing would stop the collectors that the config
      // starts.
      if (isClosing) return applying;
      applying = apply(config, secrets, now);
      return applying;
    },
    accounts: (): Iterable<WatchedAccount> => accounts.running.values(),
    all,
    /**
     * Starts the loops of all collectors. If a later config adds an account, its loops start with the
     * account.
     */
    run(): void {
      isRunning = true;
      for (const collector of all()) startLoop(collector);
    },
    /**
     * Shuts down gracefully: waits for an `apply` in progress, ends all loops and runs, and closes the
     * connections.
     */
    async close(): Promise<void> {
      isClosing = true;
      // Ignore the error here: the caller of `apply` handles it.
      await applying.catch(() => undefined);
      accounts.abort();
      await Promise.all(loops);
      for (const collector of all()) collector.flushLog();
      await accounts.close();
    },
  };
}

/**
 * Reports whether the collectors of an account can stay. Their operations are fixed: an account that changes
 * its API has other ones, with their own rate limiters, and can gain or lose a kind of data.
 */
function isOfSameKind(account: Account, wanted: Account | undefined): boolean {
  if (wanted?.provider !== account.provider) return false;
  const operations = Object.keys(account.requestsPerSecond);
  const isWanted = (operation: string) => operation in wanted.requestsPerSecond;
  return operations.length === Object.keys(wanted.requestsPerSecond).length && operations.every(isWanted);
}
