import type { Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import { createSlices } from '../model/slices.ts';
import type { EpochMs } from '../model/time.ts';
import { type AccountsParts, createAccounts, type WatchedAccount } from './accounts.ts';
import type { Collector } from './collector.ts';
import { createStreamLimit } from './stream-limit.ts';

/** Maximum time in ms that applying a config can block the event loop before it yields. */
const sliceMs = 4;

/** Creates the collectors of all accounts, and replaces them when the config changes. */
export function createCollectors(parts: AccountsParts) {
  const { cache, metrics, clock } = parts;
  const loops = new Set<Promise<void>>();
  const streamLimit = createStreamLimit(metrics.exporter.setStreamsDropped, () =>
    all().reduce((sum, collector) => sum + collector.streams(), 0),
  );
  const accounts = createAccounts(parts, streamLimit, (collector) => {
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
    for (const { account } of [...accounts.running.values()]) {
      const { name, provider } = account;
      if (wanted.get(name)?.provider === provider && !accounts.isIncomplete(name)) continue;
      if (!(await attempt(accounts.stop(name, now, inSlices)))) stuck.add(name);
    }
    const push = Map.groupBy(config.pushTargets, ({ stream }) => stream.account);
    const control = Map.groupBy(config.controlTargets, ({ account }) => account);
    for (const [name, account] of wanted) {
      if (stuck.has(name)) continue;
      const targets = { push: push.get(name) ?? [], control: control.get(name) ?? [] };
      await attempt(accounts.apply(account, secrets, targets, now, inSlices));
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
    accounts: (): Iterable<WatchedAccount> => accounts.running.values(),
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
      accounts.abort();
      await Promise.all(loops);
      await accounts.close();
    },
  };
}
