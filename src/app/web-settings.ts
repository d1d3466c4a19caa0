import type { LoadedWebConfig, WebConfig } from '../config/web/load.ts';
import type { Log } from '../log.ts';
import { secondMs } from '../model/time.ts';
import { tlsProblem } from '../server/tls.ts';
import type { WebSettings, WebSettingsSource } from '../server/web-settings.ts';
import { type Diagnostic, toDiagnosticLines } from '../text/diagnostics.ts';

/** Minimum time in ms between two checks whether the files changed. */
const checkIntervalMs = secondMs;

export interface WebSettingsParts {
  readonly file: string;
  readonly load: (file: string) => Promise<LoadedWebConfig>;
  /** Returns a text that changes whenever the file changes, see `fileStamp`. */
  readonly stampOf: (path: string) => Promise<string | undefined>;
  /** Returns the monotonic time in ms. */
  readonly elapsed: () => number;
  readonly log: Log;
}

/** Loads a web config, also into OpenSSL. Returns it, or its problems. */
export async function checkWebConfig({
  file,
  load,
}: Pick<WebSettingsParts, 'file' | 'load'>): Promise<LoadedWebConfig> {
  const loaded = await load(file);
  const tls = 'config' in loaded ? loaded.config.tls : undefined;
  const text = tls && tlsProblem(tls);
  if (text === undefined) return loaded;
  const problem = { line: undefined, column: undefined, path: 'tls_server_config', text };
  return { problems: [problem], stamps: loaded.stamps };
}

/**
 * Loads a web config and returns its settings, or its problems. Requests and connections check whether a
 * file has changed, such as a renewed certificate, and load all of them again then. If they are unusable, the old
 * settings stay.
 */
export async function openWebSettings(
  parts: WebSettingsParts,
): Promise<{ readonly settings: WebSettingsSource } | { readonly problems: readonly Diagnostic[] }> {
  const first = await checkWebConfig(parts);
  return 'problems' in first ? first : { settings: createWebSettings(parts, first.config, first.stamps) };
}

function createWebSettings(
  parts: WebSettingsParts,
  first: WebConfig,
  firstStamps: LoadedWebConfig['stamps'],
): WebSettingsSource {
  const { file, stampOf, elapsed, log } = parts;
  let config = first;
  let stamps = firstStamps;
  let checkedAt = -Infinity;
  let checking: Promise<void> | undefined;
  let problems: readonly string[] = [];
  const listeners: ((settings: WebSettings) => void)[] = [];
  const reloadListeners: ((isSuccessful: boolean) => void)[] = [];

  async function hasChanged(): Promise<boolean> {
    const isChanged = async ([path, stamp]: [string, string | undefined]) => (await stampOf(path)) !== stamp;
    return (await Promise.all([...stamps].map(isChanged))).includes(true);
  }

  async function check(): Promise<void> {
    if (!(await hasChanged())) return;
    const loaded = await checkWebConfig(parts);
    ({ stamps } = loaded);
    const reason = 'config' in loaded ? restartReason(loaded.config, config) : undefined;
    if ('problems' in loaded || reason !== undefined) {
      // A file that is being written is incomplete. The next check loads it again.
      if (await hasChanged()) return;
      const restart = { line: undefined, column: undefined, path: '', text: reason ?? '' };
      rejected('problems' in loaded ? loaded.problems : [restart]);
      return;
    }
    config = loaded.config;
    problems = [];
    for (const reloaded of reloadListeners) reloaded(true);
    for (const changed of listeners) changed(config);
    log.info('web config reloaded', { file });
  }

  function rejected(found: readonly Diagnostic[]): void {
    logProblems(found);
    problems = toDiagnosticLines(file, found);
    for (const reloaded of reloadListeners) reloaded(false);
  }

  /**
   * Logs problems. The key path and the text are separate fields: the redaction of secrets would take a joined text
   * such as `key_file: file not found` for a key and its secret.
   */
  function logProblems(found: readonly Diagnostic[]): void {
    for (const { line, column, path, text } of found) {
      const fields = { file, line, column, path: path || undefined, problem: text };
      log.error('web config not reloaded; the old one stays active', fields);
    }
  }

  return {
    current() {
      if (checking === undefined && elapsed() - checkedAt >= checkIntervalMs) {
        checkedAt = elapsed();
        checking = check()
          .catch((error: unknown) => log.error('cannot check the web config', { file, error }))
          .finally(() => {
            checking = undefined;
          });
      }
      return config;
    },
    onChange(changed) {
      listeners.push(changed);
    },
    problems: () => problems,
    onReload(reloaded) {
      reloadListeners.push(reloaded);
    },
  };
}

/**
 * Returns why a config can apply only after a restart; undefined if it can apply now. A file that lost its users,
 * for example because it is being written, must not open the exporter to everybody.
 */
function restartReason({ tls, users }: WebConfig, active: WebConfig): string | undefined {
  if (users.size === 0 && active.users.size > 0) {
    return 'the file contains no users any more; without a password, everybody could read the exporter, so this needs a restart';
  }
  if ((tls === undefined) !== (active.tls === undefined)) return 'turning TLS on or off needs a restart';
  return tls?.clientAuth === active.tls?.clientAuth ? undefined : 'another client_auth_type needs a restart';
}
