import type { Config } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import type { EpochMs } from '../model/time.ts';
import type { Diagnostic } from '../text/diagnostics.ts';
import { toDiagnosticLines } from '../text/diagnostics.ts';

/** A config and its secrets, complete. */
export interface LoadedConfig {
  readonly config: Config;
  readonly secrets: Secrets;
}

/** Reads the config and its secrets; or brings every problem, or says that it is too late for another config. */
export type ReadConfig = () => Promise<
  LoadedConfig | { readonly problems: readonly Diagnostic[] } | 'stopping'
>;

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
  readonly configFile: string;
  readonly first: LoadedConfig;
  readonly readConfig: ReadConfig;
  readonly apply: (loaded: LoadedConfig, now: EpochMs) => Promise<void>;
  readonly setReload: (at: EpochMs, isSuccessful: boolean) => void;
  readonly now: () => EpochMs;
  readonly log: Log;
}

const notReloaded = 'the config is not reloaded';
const maxLogged = 100;

/** Applies the first config, which is in force once the promise ends, and then each that is asked for, one after the other. */
export async function createReloads({
  configFile,
  first,
  readConfig,
  apply,
  setReload,
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
    setReload(at, true);
  };

  async function reloadOnce(): Promise<readonly string[]> {
    const read = await readConfig();
    if (read === 'stopping' || 'problems' in read) {
      isLastReloadSuccessful = false;
      setReload(now(), false);
      if (read === 'stopping') return ['the exporter stops'];
      for (const problem of read.problems.slice(0, maxLogged)) logProblem(problem);
      const more = read.problems.length - maxLogged;
      if (more > 0) log.error(notReloaded, { file: configFile, problem: `${more} more` });
      return toDiagnosticLines(configFile, read.problems);
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

  /** Place and path are fields of their own: in one text with the sentence, `access_key_id: no secret` would look like a secret. */
  function logProblem({ line, column, path, text }: Diagnostic): void {
    log.error(notReloaded, {
      file: configFile,
      line,
      column,
      path: path === '' ? undefined : path,
      problem: text,
    });
  }

  /** A valid config can be applied; if not, that is a bug of ours, and no reason to end. */
  function failed(error: unknown): readonly string[] {
    isLastReloadSuccessful = false;
    setReload(now(), false);
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
