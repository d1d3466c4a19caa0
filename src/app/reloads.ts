import type { Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import type { EpochMs } from '../model/time.ts';

/** A config and its secrets, complete. */
export interface LoadedConfig {
  readonly config: Config;
  readonly secrets: Secrets;
}

/** Reads the config and its secrets; or brings every problem, a line each. */
export type ReadConfig = () => Promise<LoadedConfig | { readonly problems: readonly string[] }>;

/** The config in force, and how another one takes its place. */
export interface Reloads {
  /**
   * Reads the config again and applies it; nothing of one that has a problem. Brings what kept the old one; nothing: it is
   * in force. After a fault of ours in applying it, what runs is some of both, until a reload goes well.
   */
  reload(): Promise<readonly string[]>;
  state(): { readonly configLoadedAt: EpochMs; readonly isLastReloadSuccessful: boolean };
}

export interface ReloadsParts {
  readonly first: LoadedConfig;
  readonly readConfig: ReadConfig;
  readonly apply: (loaded: LoadedConfig, now: EpochMs) => Promise<void>;
  readonly showReload: (at: EpochMs, isSuccessful: boolean) => void;
  readonly now: () => EpochMs;
  readonly log: Log;
}

/** Applies the first config, which is in force once the promise ends, and then each that is asked for, one after the other. */
export async function createReloads({
  first,
  readConfig,
  apply,
  showReload,
  now,
  log,
}: ReloadsParts): Promise<Reloads> {
  let configLoadedAt = now();
  let isLastReloadSuccessful = true;
  let reloading: Promise<unknown> = Promise.resolve();

  const use = async (loaded: LoadedConfig) => {
    const at = now();
    await apply(loaded, at);
    configLoadedAt = at;
    isLastReloadSuccessful = true;
    showReload(at, true);
  };

  async function reloadOnce(): Promise<readonly string[]> {
    const read = await readConfig();
    if ('problems' in read) {
      isLastReloadSuccessful = false;
      showReload(now(), false);
      for (const problem of read.problems) log.error('the config is not reloaded', { problem });
      return read.problems;
    }
    await use(read);
    const { accounts, pushTargets, controlTargets } = read.config;
    log.info('the config is reloaded', {
      accounts: accounts.length,
      streams: pushTargets.length,
      domains: controlTargets.length,
    });
    return [];
  }

  /** A valid config can be applied; if not, that is a bug of ours, and no reason to end. */
  function failed(error: unknown): readonly string[] {
    isLastReloadSuccessful = false;
    showReload(now(), false);
    log.error('the config could not be applied, which is a bug of the exporter', { error });
    return ['the config could not be applied: a fault in the exporter; its log says more'];
  }

  await use(first);
  return {
    reload() {
      const reloaded = reloading.then(reloadOnce).catch(failed);
      reloading = reloaded;
      return reloaded;
    },
    state: () => ({ configLoadedAt, isLastReloadSuccessful }),
  };
}
