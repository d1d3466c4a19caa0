import { type Config, domainCount } from '../config/config.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import { shareRuns } from '../model/shared-runs.ts';
import type { EpochMs } from '../model/time.ts';
import { type Diagnostic, toDiagnosticLines } from '../text/diagnostics.ts';

/** Valid config with its secrets. */
export interface LoadedConfig {
  readonly config: Config;
  readonly secrets: Secrets;
}

/**
 * Function that loads the config and its secrets. Resolves with all problems if the config is invalid, and
 * with 'stopping' during the shutdown.
 */
export type ReadConfig = () => Promise<
  LoadedConfig | { readonly problems: readonly Diagnostic[] } | 'stopping'
>;

/** Dependencies of `createReloads`. */
interface ReloadsParts {
  readonly configFile: string;
  readonly first: LoadedConfig;
  readonly readConfig: ReadConfig;
  /** Applies a valid config. `now` is the wall time. */
  readonly apply: (loaded: LoadedConfig, now: EpochMs) => Promise<void>;
  /** Sets the metrics about the last reload. */
  readonly setReload: (at: EpochMs, isSuccessful: boolean) => void;
  readonly now: () => EpochMs;
  readonly log: Log;
}

const notReloaded = 'config not reloaded';
/** Maximum number of problems that one reload logs. */
const maxLogged = 100;

/**
 * Applies the config `first`, then returns the functions that reload the config. Reloads run one after another,
 * and one reload serves all requests that came before it began to read the config.
 */
export async function createReloads({
  configFile,
  first,
  readConfig,
  apply,
  setReload,
  now,
  log,
}: ReloadsParts) {
  let configLoadedAt = now();
  let isLastReloadSuccessful = true;

  const activate = async (loaded: LoadedConfig) => {
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
      if (read === 'stopping') return ['the exporter is stopping and does not reload the config'];
      for (const problem of read.problems.slice(0, maxLogged)) logProblem(problem);
      const more = read.problems.length - maxLogged;
      if (more > 0)
        log.error(notReloaded, { file: configFile, problem: `${more} more problems are not shown` });
      return toDiagnosticLines(configFile, read.problems);
    }
    await activate(read);
    const { accounts, pushTargets } = read.config;
    log.info('config reloaded', {
      accounts: accounts.length,
      streams: pushTargets.length,
      domains: domainCount(read.config),
    });
    return [];
  }

  /**
   * Logs one problem of the config. The key path and the text of the problem are separate fields: the
   * redaction of secrets would take a joined text such as `access_key_id: no secret` for a key and its
   * secret.
   */
  function logProblem({ line, column, path, text }: Diagnostic): void {
    log.error(notReloaded, {
      file: configFile,
      line,
      column,
      path: path === '' ? undefined : path,
      problem: text,
    });
  }

  /**
   * Logs the error of a failed reload as a bug, because applying a valid config must not fail. The daemon
   * continues.
   */
  function failed(error: unknown): readonly string[] {
    isLastReloadSuccessful = false;
    setReload(now(), false);
    log.error(
      'bug: a valid config could not be applied completely, so parts of the old and the new config are active; report this',
      { error },
    );
    return ['internal error: the valid config could not be applied completely (see the exporter log)'];
  }

  await activate(first);
  return {
    /**
     * Loads the config again and applies it. Resolves with the problems of the new config. If there is a
     * problem, the old config stays active; if the list is empty, the new config is active. If applying a
     * valid config fails, which is a bug, a mix of the old and the new config is active until the next
     * successful reload.
     */
    reload: shareRuns(() => reloadOnce().catch(failed)),
    state: () => ({ configLoadedAt, isLastReloadSuccessful }),
  };
}
